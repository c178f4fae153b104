"""Deleting in the terminal: to the trash, and for ever only when that is meant."""

from __future__ import annotations

import json


def experiment_with_runs(server, name):
    made = server.request("POST", "trackside/api/2.0/mlflow/experiments/create", {"name": name})
    number = made.json["experiment_id"]
    runs = []
    for _ in range(2):
        body = {"experiment_id": number}
        run = server.request("POST", "trackside/api/2.0/mlflow/runs/create", body).json["run"]
        runs.append(run["info"]["run_id"])
    return number, runs


def test_a_run_goes_to_the_trash_and_then_for_ever(server, trackside_cli):
    _, (first, second) = experiment_with_runs(server, "a")
    done = trackside_cli("delete", first)
    assert (done.status, done.out.strip()) == (0, "Deleted to the trash: 1 run.")
    assert first in trackside_cli("trash", "a").out
    refused = trackside_cli("delete", first, "--forever")
    assert refused.status == 1
    assert "--yes" in refused.err
    done = trackside_cli("delete", first, "--forever", "--yes")
    assert (done.status, done.out.strip()) == (0, "Deleted for ever: 1 run.")
    done = trackside_cli("delete", second, "--forever", "--yes")
    assert done.status == 1
    assert "not in the trash" in done.err
    done = trackside_cli("delete", second, "--forever", "--force", "--yes", "--json")
    assert json.loads(done.out) == {"experiments": 0, "runs": 1}


def test_the_trash_is_shown_and_emptied(server, trackside_cli):
    experiment_with_runs(server, "b")
    assert trackside_cli("delete", "--experiment", "b").status == 0
    (item,) = json.loads(trackside_cli("trash", "b", "--json").out)
    assert (item["kind"], item["name"]) == ("experiment", "b")
    assert trackside_cli("trash", "--empty").status == 1
    done = trackside_cli("trash", "b", "--empty", "--older-than", "1", "--yes")
    assert done.out.strip() == "Deleted for ever: nothing."
    done = trackside_cli("trash", "b", "--empty", "--yes")
    assert done.out.strip() == "Deleted for ever: 1 experiment."
    # The name is free again.
    experiment_with_runs(server, "b")
    assert trackside_cli("trash").out.strip() == "The trash is empty."


def test_what_makes_no_sense_is_said_in_a_sentence(trackside_cli):
    for words in (("delete",), ("trash", "--older-than", "3"), ("delete", "0" * 32)):
        done = trackside_cli(*words)
        assert done.status == 1, words
        assert done.err.startswith("trackside: ")
    assert trackside_cli("trash", "--empty", "--older-than", "soon").status == 2
