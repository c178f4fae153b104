"""Many runs are changed in one go, each on its own."""

from __future__ import annotations

import pytest

from .conftest import EVERYWHERE

NONE = "0" * 32


@pytest.fixture
def runs(place):
    experiment = place.experiment()
    return experiment, [place.run(experiment, f"r{number}", start=number) for number in range(3)]


def bulk(place, action, run_ids, **more):
    return place.ask("runs/bulk", {"action": action, "run_ids": run_ids, **more})


@EVERYWHERE
def test_tags_are_set_and_taken_away(place, runs):
    experiment, (first, second, third) = runs
    done = bulk(place, "tag", [first, second], key="team", value="a")
    assert done == {"done": 2, "run_ids": [first, second], "failed": []}
    # Who takes this back must not take the tags of the first two with it.
    done = bulk(place, "tag", [first, second, third], key="team", value="a")
    assert done["run_ids"] == [third]
    assert place.names(experiment, filter="tags.team = 'a'") == ["r2", "r1", "r0"]
    assert bulk(place, "untag", [first, third], key="team")["done"] == 2
    assert bulk(place, "untag", [first], key="team") == {"done": 0, "run_ids": [], "failed": []}
    assert place.names(experiment, filter="tags.team = 'a'") == ["r1"]


@EVERYWHERE
def test_runs_go_to_the_trash_and_come_back(place, runs):
    experiment, (first, second, third) = runs
    assert bulk(place, "delete", [first, second, NONE])["run_ids"] == [first, second]
    assert bulk(place, "delete", [second, third])["run_ids"] == [third]
    assert place.names(experiment) == []
    assert place.names(experiment, view="DELETED_ONLY") == ["r2", "r1", "r0"]
    assert bulk(place, "restore", [first, second, third])["done"] == 3
    assert place.names(experiment) == ["r2", "r1", "r0"]


def test_what_one_run_refuses_is_told_and_the_others_are_changed(place, runs):
    _, (first, second, third) = runs
    bulk(place, "delete", [second])
    done = bulk(place, "tag", [first, second, NONE, third], key="team", value="a")
    assert done["run_ids"] == [first, third]
    assert [one["run_id"] for one in done["failed"]] == [second, NONE]
    deleted, missing = [one["message"] for one in done["failed"]]
    assert "deleted" in deleted
    assert NONE in missing


def test_runs_are_deleted_for_ever_out_of_the_trash_alone(embedded):
    experiment = embedded.experiment()
    first, second, kept = [
        embedded.run(experiment, name, tags=tags)
        for name, tags in (("a", {}), ("b", {}), ("c", {"trackside.keep": "1"}))
    ]
    bulk(embedded, "delete", [first, kept])
    done = bulk(embedded, "purge", [first, second, kept])
    assert done["run_ids"] == [first]
    assert [one["run_id"] for one in done["failed"]] == [second, kept]
    assert "not in the trash" in done["failed"][0]["message"]
    assert set(embedded.names(experiment, view="ALL")) == {"b", "c"}


def test_an_mlflow_server_deletes_nothing_for_ever(upstream):
    experiment = upstream.experiment()
    run = upstream.run(experiment, "r")
    bulk(upstream, "delete", [run])
    body = {"action": "purge", "run_ids": [run]}
    error = upstream.ask("runs/bulk", body, status=400)
    assert error["reason"] == "NOT_OFFERED"
    assert "mlflow gc" in error["hint"]
    assert upstream.names(experiment, view="DELETED_ONLY") == ["r"]
