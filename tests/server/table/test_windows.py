"""Windows, groups and completion are the same on the store and on an MLflow server."""

from __future__ import annotations

import pytest

from trackside_server.table.entities import Group, Key, Question
from trackside_server.table.upstream.searching import search_of

from .conftest import EVERYWHERE


@pytest.fixture
def sweep(place):
    """Twelve runs of a search for parameters, three of which are below the first."""
    experiment = place.experiment()
    runs = {}
    for number in range(12):
        tags = {"team": "a'b" if number % 2 else "c"}
        if number in (3, 4, 5):
            tags["mlflow.parentRunId"] = runs["r0"]
        params = {"lr": str(10 ** -(number % 3)), "only": "x"} if number < 9 else {}
        metrics = {"loss": "NaN" if number == 7 else number / 10}
        if number < 10:
            metrics["acc"] = 1.0
        runs[f"r{number}"] = place.run(
            experiment,
            f"r{number}",
            start=number,
            end=100 + number if number < 11 else None,
            metrics=metrics,
            params=params,
            tags=tags,
        )
    return experiment, runs


@EVERYWHERE
def test_a_row_says_what_a_run_is_and_the_columns_that_were_asked_for(place, sweep):
    experiment, runs = sweep
    window = place.window(
        experiment,
        limit=1,
        offset=4,
        metrics=["loss", "unknown"],
        params=["lr"],
        tags=["team", "mlflow.parentRunId"],
    )
    assert window == {
        "total": window["total"],
        "offset": 4,
        "has_more": True,
        "rows": [
            {
                "run_id": runs["r7"],
                "run_name": "r7",
                "experiment_id": experiment,
                "status": "FINISHED",
                "start_time": 1_700_000_000_007,
                "end_time": 1_700_000_000_107,
                "user_id": "me",
                "lifecycle_stage": "active",
                "parent_run_id": None,
                "children": window["rows"][0]["children"],
                "metrics": {"loss": "NaN"},
                "params": {"lr": "0.1"},
                "tags": {"team": "a'b"},
            }
        ],
    }
    assert window["total"] in ((None,) if place.is_upstream else (12,))
    assert "metrics.loss" not in str(place.window(experiment, limit=1)["rows"][0])


def test_windows_put_together_are_the_whole_table(place, sweep):
    experiment, _ = sweep
    order = ["params.lr DESC", "metrics.loss ASC"]
    whole = place.names(experiment, order_by=order, limit=500)
    # Numbers as text, as MLflow orders params; a NaN behind the numbers, an absent param last.
    assert whole == ["r0", "r3", "r6", "r1", "r4", "r7", "r2", "r5", "r8", "r9", "r10", "r11"]
    parts = [place.names(experiment, order_by=order, offset=start, limit=5) for start in (0, 5, 10)]
    assert [name for part in parts for name in part] == whole
    # Somebody drags the scroll bar to a place that nobody was at before.
    assert place.names(experiment, order_by=order, filter="metrics.loss >= 0", offset=9) == [
        "r10",
        "r11",
    ]
    last = place.window(experiment, offset=10, limit=5)
    assert (last["total"], last["has_more"], len(last["rows"])) == (12, False, 2)
    assert place.window(experiment, offset=1000)["rows"] == []


@EVERYWHERE
def test_nested_runs_are_a_tree(place, sweep):
    experiment, runs = sweep
    top = place.window(experiment, parent=None, limit=100)
    names = [row["run_name"] for row in top["rows"]]
    assert names == ["r11", "r10", "r9", "r8", "r7", "r6", "r2", "r1", "r0"]
    assert (top["total"], top["has_more"]) == (9, False)
    assert [row["children"] for row in top["rows"]] == [0] * 8 + [3]
    assert place.names(experiment, parent=runs["r0"]) == ["r5", "r4", "r3"]
    assert place.names(experiment, parent=runs["r0"], order_by=["metrics.loss ASC"], offset=1) == [
        "r4",
        "r5",
    ]
    assert place.names(experiment, parent=runs["r1"]) == []


def test_nested_runs_whose_parent_the_filter_leaves_out_are_at_the_top(place, sweep):
    experiment, _ = sweep
    assert place.names(experiment, parent=None, filter="metrics.loss > 0.35") == [
        "r11",
        "r10",
        "r9",
        "r8",
        "r6",
        "r5",
        "r4",
    ]
    assert place.names(experiment, parent=None, filter="metrics.loss < 0.4") == ["r2", "r1", "r0"]


def test_an_older_server_is_said_not_to_know_the_runs_without_a_value(older):
    experiment = older.experiment()
    older.run(experiment, "r0")
    body = {"experiment_ids": [experiment], "group": {"by": "params.lr", "value": None}}
    refused = older.ask("runs/window", body, status=400)
    assert refused["message"] == "The MLflow server is too old to be asked for runs without lr."
    assert refused["reason"] == "NOT_OFFERED"


def test_names_that_only_deleted_runs_use_are_not_offered(embedded):
    experiment = embedded.experiment()
    embedded.run(experiment, "stays", params={"lr": "1"})
    gone = embedded.run(experiment, "goes", params={"lr": "1", "old": "1"}, metrics={"old": 1})
    embedded.ask("runs/bulk", {"action": "delete", "run_ids": [gone]})
    found = embedded.ask("runs/keys", {"experiment_ids": [experiment]})
    assert (found["params"], found["metrics"]) == (["lr"], [])


def test_runs_that_are_each_others_parents_are_reached_from_the_top(embedded):
    experiment = embedded.experiment()
    runs = {name: embedded.run(experiment, name, start=at) for at, name in enumerate("abcd")}
    for child, parent in ("ab", "ba", "ca"):
        tag = {"key": "mlflow.parentRunId", "value": runs[parent]}
        embedded.ask("runs/bulk", {"action": "tag", "run_ids": [runs[child]], **tag})
    top = embedded.window(experiment, parent=None)
    assert [(row["run_name"], row["children"]) for row in top["rows"]] == [("d", 0), ("a", 2)]
    assert embedded.names(experiment, parent=runs["a"]) == ["c", "b"]
    assert embedded.names(experiment, parent=runs["b"]) == []


@EVERYWHERE
def test_groups_tell_how_many_runs_they_hold_and_the_range_of_metrics(place, sweep):
    experiment, _ = sweep
    body = {"experiment_ids": [experiment], "by": "params.lr", "metrics": ["loss", "none"]}
    found = place.ask("runs/groups", body)
    assert found["total"] == 4
    assert not found["truncated"]
    assert [(group["value"], group["count"]) for group in found["groups"]] == [
        ("0.01", 3),
        ("0.1", 3),
        ("1", 3),
        (None, 3),
    ]
    # r1, r4 and r7, whose NaN counts for nothing.
    assert found["groups"][1]["metrics"] == {
        "loss": {"min": 0.1, "max": 0.4, "mean": pytest.approx(0.25)}
    }
    second = place.ask("runs/groups", {**body, "offset": 1, "limit": 1})
    assert second["groups"] == [found["groups"][1]]


def test_a_group_is_opened_like_any_table(place, sweep):
    experiment, _ = sweep
    for by, value, names in (
        ("params.lr", "0.1", ["r7", "r4", "r1"]),
        ("params.lr", None, ["r11", "r10", "r9"]),
        ("tags.team", "a'b", ["r11", "r9", "r7", "r5", "r3", "r1"]),
        ("attributes.status", "RUNNING", ["r11"]),
        ("experiment", "4711", []),
    ):
        group = {"by": by, "value": value}
        assert place.names(experiment, group=group, limit=100) == names, by
    narrowed = place.names(
        experiment, group={"by": "params.lr", "value": "0.1"}, filter="metrics.loss < 0.3"
    )
    assert narrowed == ["r1"]


@EVERYWHERE
def test_names_and_values_complete_what_is_typed(place, sweep):
    experiment, _ = sweep
    keys = place.ask("runs/keys", {"experiment_ids": [experiment]})
    assert keys["metrics"] == ["acc", "loss"]
    assert keys["params"] == ["lr", "only"]
    assert {"team", "mlflow.parentRunId"} <= set(keys["tags"])
    assert keys["truncated"] is False
    begun = place.ask("runs/keys", {"experiment_ids": [experiment], "prefix": "l"})
    assert (begun["metrics"], begun["params"], begun["tags"]) == (["loss"], ["lr"], [])

    def values(key, **more):
        return place.ask("runs/values", {"experiment_ids": [experiment], "key": key, **more})

    assert values("params.lr")["values"] == [
        {"value": "0.01", "count": 3},
        {"value": "0.1", "count": 3},
        {"value": "1", "count": 3},
    ]
    assert [one["value"] for one in values("params.lr", prefix="0.")["values"]] == ["0.01", "0.1"]
    assert values("attributes.status")["values"][0] == {"value": "FINISHED", "count": 11}
    assert values("params.lr", limit=1)["truncated"]
    assert values("metrics.loss")["values"] == []


@pytest.mark.parametrize(
    ("question", "where", "meant"),
    [
        ({"filter": "metrics.loss <> 1"}, "filter", "<>"),
        ({"filter": "params.lr = 1"}, "filter", "1"),
        ({"filter": "metrics.a > 1 AND nothing.b = 2"}, "filter", "nothing.b"),
        ({"filter": "params.a = 'open"}, "filter", "'open"),
        ({"filter": "metrics.a >"}, "filter", ""),
        ({"order_by": ["metrics.a ASC", "params.b SIDEWAYS"]}, "order_by[1]", "SIDEWAYS"),
    ],
)
def test_an_error_points_at_what_is_wrong(place, question, where, meant):
    error = place.ask("runs/window", {"experiment_ids": ["0"], **question}, status=400)
    assert error["code"] == "INVALID_PARAMETER_VALUE"
    text = question["filter"] if where == "filter" else question["order_by"][1]
    assert error["where"] == where
    start, length = error["position"], error["length"]
    assert text[start : start + length] == meant
    assert start <= len(text)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("runs/window", {}),
        ("runs/window", {"experiment_ids": []}),
        ("runs/window", {"experiment_ids": ["0"], "limit": 501}),
        ("runs/window", {"experiment_ids": ["0"], "offset": -1}),
        ("runs/window", {"experiment_ids": ["0"], "offset": True}),
        ("runs/window", {"experiment_ids": ["0"], "view": "SOME"}),
        ("runs/window", {"experiment_ids": ["0"], "metrics": [1]}),
        ("runs/window", {"experiment_ids": ["0"], "parent": 3}),
        ("runs/window", {"experiment_ids": ["0"], "group": {"by": "metrics.loss"}}),
        ("runs/groups", {"experiment_ids": ["0"]}),
        ("runs/groups", {"experiment_ids": ["0"], "by": "attributes.start_time"}),
        ("runs/values", {"experiment_ids": ["0"], "key": "lr"}),
        ("runs/bulk", {"action": "paint", "run_ids": ["x"]}),
        ("runs/bulk", {"action": "tag", "run_ids": ["x"]}),
        ("runs/bulk", {"action": "delete", "run_ids": []}),
    ],
)
def test_what_cannot_be_understood_is_refused_with_a_sentence(embedded, path, body):
    error = embedded.ask(path, body, status=400)
    assert error["message"].endswith(".")


def test_a_table_is_never_older_than_the_last_write(embedded):
    experiment = embedded.experiment()
    first = embedded.run(experiment, "first", metrics={"loss": 2})
    order = {"order_by": ["metrics.loss ASC"], "filter": "metrics.loss < 5"}
    assert embedded.names(experiment, **order) == ["first"]
    embedded.run(experiment, "second", metrics={"loss": 1})
    assert embedded.names(experiment, **order) == ["second", "first"]
    point = {"run_id": first, "key": "loss", "value": 0, "timestamp": 2, "step": 1}
    embedded.mlflow("runs/log-metric", point)
    assert embedded.names(experiment, **order) == ["first", "second"]
    embedded.mlflow("runs/delete", {"run_id": first})
    assert embedded.names(experiment, **order) == ["second"]
    assert embedded.names(experiment, view="DELETED_ONLY") == ["first"]
    assert set(embedded.names(experiment, view="ALL")) == {"first", "second"}


def test_the_longest_runs_come_first_where_the_store_is_asked(embedded):
    experiment = embedded.experiment()
    embedded.run(experiment, "short", start=5, end=6)
    embedded.run(experiment, "long", start=0, end=50)
    embedded.run(experiment, "going on", start=7)
    names = embedded.names(experiment, order_by=["attributes.duration DESC"])
    assert names == ["long", "short", "going on"]


def test_infinities_are_told_as_such(place):
    experiment = place.experiment()
    place.run(experiment, "r", metrics={"up": "Infinity", "down": "-Infinity"})
    [row] = place.window(experiment, metrics=["up", "down"])["rows"]
    assert row["metrics"] == {"up": "Infinity", "down": "-Infinity"}


def test_an_or_in_a_filter_holds_together_or_is_refused_at_its_place(place):
    experiment = place.experiment()
    place.run(experiment, "in", params={"a": "1", "g": "x"}.items())
    place.run(experiment, "out", params={"b": "1", "g": "y"}.items())
    text = "params.a = '1' OR params.b = '1'"
    asked = {"filter": text, "group": {"by": "params.g", "value": "x"}}
    if not place.is_upstream:
        assert place.names(experiment, **asked) == ["in"]
        return
    error = place.ask("runs/window", {"experiment_ids": [experiment], **asked}, status=400)
    assert error["where"] == "filter"
    assert text[error["position"] :][: error["length"]] == "OR"
    likely, _, said = error["message"].partition("It said: ")
    assert "most likely for its OR" in likely
    assert said


def test_conditions_of_a_table_hold_for_both_sides_of_an_or():
    group = Group(Key("param", "g"), "x")
    found = search_of(Question(("1",), "params.a = '1' or params.b = '1'", group=group))
    assert found.filter == "(params.a = '1' or params.b = '1') AND params.`g` = 'x'"
