"""Loops: their items, their limit, and what is collected of them."""

from __future__ import annotations

import pytest

from trackside_server.pipelines.machine import nodes

from .build import given, graph, out, pipeline, runs, select, task
from .play import Breaks, Play, play

BODY = graph("body", task("one", x=given("item")), takes={"item": "int"}, gives={"all": out("one")})
ONE = runs("one", {"x": "int"}, {"Output": "int"})
SUM = runs("sum", {"xs": "list"}, {"Output": "int"})


def loop(items, *, takes=None, arguments=None, parallelism=0):
    extra = {"xs": given("xs")} if takes else {}
    body = graph(
        "body",
        task("one", x=given("item")),
        takes={"item": "int", **({"xs": takes} if takes else {})},
        gives={"all": out("one")},
    )
    return pipeline(
        task("loop", "body", items=items, parallelism=parallelism, **extra),
        task("sum", xs=out("loop", "all")),
        components=[body, ONE, SUM],
        takes={"xs": takes} if takes else None,
        gives={"total": out("sum"), "all": out("loop", "all")},
    )


@pytest.mark.parametrize("items", [[3, 1, 2], "[3, 1, 2]"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_item_is_run_and_what_they_give_is_in_their_order(items, seed):
    done = play(loop(items), {"one": lambda x: x * x, "sum": lambda xs: sum(xs)}, seed=seed)
    assert done.most == 3
    assert done.took("loop[0]/one") == {"x": 3}
    assert done.gave() == {"total": 14, "all": [9, 1, 4]}
    assert [done.run.nodes[f"loop[{i}]"].index for i in range(3)] == [0, 1, 2]


@pytest.mark.parametrize(("kind", "value"), [("list", [5, 6]), ("str", "[5, 6]")])
def test_items_come_from_an_input_and_are_not_handed_on(kind, value):
    done = play(loop(given("xs"), takes=kind), arguments={"xs": value})
    assert done.gave()["all"] == [1, 1]
    assert done.run.nodes["loop"].inputs.parameters == {"xs": value}
    assert done.run.nodes["loop[1]"].inputs.parameters == {"item": 6}


def test_a_loop_in_a_loop_may_go_over_the_same_list():
    inner = graph("inner", task("one", x=given("item")), takes={"item": "int", "xs": "list"})
    outer = graph(
        "outer",
        task("in", "inner", items=given("xs"), xs=given("xs")),
        takes={"item": "int", "xs": "list"},
    )
    p = pipeline(
        task("out", "outer", items=given("xs"), xs=given("xs")),
        components=[inner, outer, ONE],
        takes={"xs": "list"},
    )
    done = play(p, arguments={"xs": [5, 6]})
    taken = [done.took(f"out[{i}]/in[{j}]/one")["x"] for i in range(2) for j in range(2)]
    assert taken == [5, 6, 5, 6]


def test_an_item_that_is_null_fails_the_task_that_needs_it_and_says_so():
    done = play(loop([1, None]), {"one": lambda x: x})
    assert done.states()["loop[0]/one"] == "SUCCEEDED"
    assert done.run.nodes["loop[1]/one"].reason.message == (
        "Input x is given null, which counts as left out, and is neither optional nor has a "
        "default."
    )


def test_an_empty_list_is_done_at_once():
    done = play(loop([]), {"sum": lambda xs: len(xs)})
    assert done.states() == {"": "SUCCEEDED", "loop": "SUCCEEDED", "sum": "SUCCEEDED"}
    assert done.gave() == {"total": 0, "all": []}


@pytest.mark.parametrize("items", ["{}", "no json", 7, {"a": 1}, "null", "[" * 5000])
def test_what_is_no_list_fails_the_loop(items):
    done = play(loop(items))
    assert done.reason("loop") == "LOOP_ITEMS"
    assert done.states() == {"": "FAILED", "loop": "FAILED", "sum": "SKIPPED"}


def test_a_list_that_was_meant_as_data_fails_the_loop():
    done = play(loop([0] * nodes.MOST))
    assert done.reason("loop") == "TOO_MANY_TASKS"
    assert len(done.run.nodes) == 3


def test_loops_in_loops_that_would_fill_the_store_fail(monkeypatch):
    monkeypatch.setattr(nodes, "MOST", 100)
    inner = graph("inner", *(task(f"t{i}") for i in range(5)), takes={"item": "int"})
    outer = graph("outer", task("in", "inner", items=[0] * 6), takes={"item": "int"})
    p = pipeline(task("loop", "outer", items=[0] * 9), task("other"), components=[inner, outer])
    done = play(p)
    assert len(done.run.nodes) <= 100
    failed = [path for path in done.run.nodes if done.reason(path) == "TOO_MANY_TASKS"]
    assert failed
    assert done.states()["other"] == "SUCCEEDED"
    assert done.run.state == "FAILED"


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_no_more_run_at_once_than_the_limit_and_they_begin_in_order(limit):
    done = play(loop(list(range(7)), parallelism=limit), {"one": lambda x: x}, seed=limit)
    assert done.most == limit
    assert [path for path in done.order if path != "sum"] == [f"loop[{i}]/one" for i in range(7)]
    assert done.gave()["all"] == list(range(7))


@pytest.mark.parametrize("limit", [0, 1])
def test_a_failed_iteration_does_not_stop_the_others(limit):
    def one(x):
        if x in (0, 2):
            raise Breaks
        return x

    done = play(loop([0, 1, 2, 3], parallelism=limit), {"one": one})
    states = [done.states()[f"loop[{i}]"] for i in range(4)]
    assert states == ["FAILED", "SUCCEEDED", "FAILED", "SUCCEEDED"]
    assert done.states()["sum"] == "SKIPPED"
    assert done.run.nodes["loop"].reason.message == "2 of 4 iterations failed: 0 and 2."


def test_an_item_of_another_type_fails_its_iteration_only():
    done = play(loop([1, "two", 3]))
    assert [done.states()[f"loop[{i}]"] for i in range(3)] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]
    assert done.reason("loop[1]") == "INPUT_TYPE"


def test_items_that_are_dictionaries_are_taken_apart_by_selectors():
    body = graph(
        "body",
        task("one", x=select(given("item"), 'parseJson(string_value)["n"]')),
        takes={"item": "dict"},
        gives={"all": out("one")},
    )
    p = pipeline(
        task("loop", "body", items=[{"n": 4}, {"n": 5}]),
        components=[body, ONE],
        gives={"all": out("loop", "all")},
    )
    assert play(p, {"one": lambda x: x}).gave() == {"all": [4, 5]}


def test_a_loop_in_a_loop_gives_lists_of_lists():
    inner = graph(
        "inner",
        task("one", x=given("outer"), y=given("item")),
        takes={"outer": "int", "item": "int"},
        gives={"all": out("one")},
        makes={"files": out("one", "file")},
    )
    outer = graph(
        "outer",
        task("inner-loop", "inner", items=[1, 2], outer=given("item")),
        takes={"item": "int"},
        gives={"all": out("inner-loop", "all")},
        makes={"files": out("inner-loop", "files")},
    )
    p = pipeline(
        task("outer-loop", "outer", items=[10, 20]),
        components=[
            inner,
            outer,
            runs("one", {"x": "int", "y": "int"}, {"Output": "int"}, makes=["file"]),
        ],
        gives={"all": out("outer-loop", "all")},
        makes={"files": out("outer-loop", "files")},
    )
    work = {"one": lambda x, y: {"Output": x + y, "file": f"file:{x + y}"}}
    for seed in range(4):
        done = play(p, work, seed=seed)
        assert done.gave() == {"all": [[11, 12], [21, 22]]}
        assert done.gave_files() == {"files": ["file:11", "file:12", "file:21", "file:22"]}
        assert done.took("outer-loop[1]/inner-loop[0]/one") == {"x": 20, "y": 1}


def test_iterations_that_made_nothing_are_left_out_of_what_is_collected():
    condition = "inputs.parameter_values['x'] >= 2"
    branch = graph("branch", task("one", x=given("x")), takes={"x": "int"}, gives={"v": out("one")})
    body = graph(
        "body",
        task("branch", x=given("item"), condition=condition),
        takes={"item": "int"},
        gives={"all": out("branch", "v")},
    )
    p = pipeline(
        task("loop", "body", items=[3, 1, 2]),
        components=[branch, body, ONE],
        gives={"all": out("loop", "all")},
    )
    assert play(p, {"one": lambda x: x}).gave() == {"all": [3, 2]}


def test_artifacts_are_repeated_over():
    body = graph(
        "body",
        task("one", artifacts={"data": given("item")}),
        files={"item": False, "list": True},
        makes={"all": out("one", "file")},
    )
    p = pipeline(
        task("make"),
        task("loop", "body", artifacts={"list": out("make", "files")}, each="list"),
        components=[
            body,
            runs("make", makes=["files"]),
            runs("one", files={"data": False}, makes=["file"]),
        ],
        makes={"all": out("loop", "all")},
    )
    run = Play(p, {"one": lambda data: {"file": data[0] + "!"}}).begin()
    from trackside_server.pipelines.ir.model import ArtifactType
    from trackside_server.pipelines.machine.events import Succeeded
    from trackside_server.pipelines.machine.state import Artifact, Values

    del run.live["make", 1]
    made = tuple(Artifact(f"a{i}", "files", ArtifactType(), f"file:{i}") for i in range(3))
    run.tell(Succeeded(run.now, "make", 1, Values({}, {"files": made})))
    run.finish()
    assert run.gave_files() == {"all": ["file:0!", "file:1!", "file:2!"]}


def test_a_loop_in_a_loop_may_go_over_the_same_artifacts():
    files = {"item": False, "list": True}
    inner = graph("inner", task("one", artifacts={"data": given("item")}), files=files)
    handed = {"list": given("list")}
    outer = graph("outer", task("in", "inner", artifacts=handed, each="list"), files=files)
    p = pipeline(
        task("make"),
        task("out", "outer", artifacts={"list": out("make", "files")}, each="list"),
        components=[
            inner,
            outer,
            runs("make", makes=["files"]),
            runs("one", files={"data": False}),
        ],
    )
    done = play(p, {"make": {"files": "file:0"}})
    assert done.launches["out[0]/in[0]/one", 1].artifacts["data"][0].uri == "file:0"


def test_a_container_alone_is_repeated_too():
    p = pipeline(
        task("loop", "one", items=[1, 2], item="x"),
        components=[ONE],
        gives={"all": out("loop")},
    )
    done = play(p, {"loop": lambda x: x * 3})
    assert done.gave() == {"all": [3, 6]}
    assert done.run.nodes["loop[0]"].kind == "container"
