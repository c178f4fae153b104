"""Graphs: order, values between tasks, graphs in graphs, and what follows from a failure."""

from __future__ import annotations

import pytest

from trackside_server.pipelines.entities import task_id_of
from trackside_server.pipelines.ir.model import InputParameter
from trackside_server.pipelines.machine.naming import names_of
from trackside_server.structs import replace

from .build import default, given, graph, optional, out, pipeline, runs, task
from .play import Breaks, Play, play


def breaks(**_):
    raise Breaks


def test_tasks_run_after_what_they_take_and_values_keep_their_type():
    p = pipeline(
        task("b", x=out("a")),
        task("a", x=20),
        task("c", after=("b",)),
        components=[runs("a", {"x": "int"}, {"Output": "int"}), runs("b", {"x": "int"})],
        gives={"answer": out("a")},
    )
    done = play(p, {"a": lambda x: x + 1})
    assert done.order == ["a", "b", "c"]
    assert done.took("b") == {"x": 21}
    assert type(done.took("b")["x"]) is int
    assert done.gave() == {"answer": 21}


def test_independent_tasks_run_at_the_same_time():
    done = play(pipeline(task("a"), task("b"), task("c", after=("a", "b"))))
    assert done.most == 2
    assert done.order == ["a", "b", "c"]


def test_a_pipeline_without_tasks_succeeds_at_once():
    assert play(pipeline()).states() == {"": "SUCCEEDED"}


def test_a_graph_in_a_graph_takes_and_gives():
    inner = graph(
        "inner",
        task("double", x=given("n")),
        takes={"n": "int"},
        gives={"twice": out("double")},
    )
    p = pipeline(
        task("first", "inner", n=given("start")),
        task("second", "inner", n=out("first", "twice")),
        components=[inner, runs("double", {"x": "int"}, {"Output": "int"})],
        takes={"start": "int"},
        gives={"end": out("second", "twice")},
    )
    done = play(p, {"double": lambda x: 2 * x}, arguments={"start": 5})
    assert done.order == ["first/double", "second/double"]
    assert done.gave() == {"end": 20}


def test_a_failure_stops_what_follows_and_nothing_else():
    p = pipeline(
        task("bad"),
        task("after-bad", after=("bad",)),
        task("after-that", after=("after-bad",)),
        task("good"),
        task("after-good", after=("good",)),
        task("after-both", after=("after-good", "bad")),
    )
    done = play(p, {"bad": breaks})
    assert done.states() == {
        "": "FAILED",
        "bad": "FAILED",
        "after-bad": "SKIPPED",
        "after-that": "SKIPPED",
        "good": "SUCCEEDED",
        "after-good": "SUCCEEDED",
        "after-both": "SKIPPED",
    }
    assert done.reason("after-bad") == "UPSTREAM_FAILED"
    assert done.reason("after-that") == "UPSTREAM_SKIPPED"
    assert done.reason("after-both") == "UPSTREAM_FAILED"
    assert done.run.nodes[""].reason.message == "Task bad failed: It broke."


def test_tasks_are_told_by_the_names_that_their_author_gave_them():
    named = replace(task("bad"), display_name="Train it")
    done = play(pipeline(named, task("next", after=("bad",))), {"bad": breaks})
    assert done.run.nodes[""].reason.message == "Task Train it failed: It broke."
    assert "Train it, which it waits for, failed" in done.run.nodes["next"].reason.message


def test_what_the_author_has_not_named_is_told_by_what_it_does():
    x = "inputs.parameter_values['pipelinechannel--score-Output']"
    long = f"{x} == '{'x' * 100}'"
    named = names_of(
        pipeline(
            task("condition-10", condition=f"!(int({x}) > 1) && int({x}) > 0"),
            task("condition-2", condition=f"int({x}) > 1"),
            task("condition-11", condition=f"!(int({x}) > 1) && !(int({x}) > 0)"),
            task("condition-12", condition=long),
            task("condition-branches-1"),
            task("exit-handler-1"),
            task("for-loop-1", items=[1, 2]),
            task("for-loop-2", items=[{"lr": 0.1 * i} for i in range(9)]),
            task("for-loop-3", items=given("xs"), xs=out("split", "parts")),
            task("for-loop-4", each="pipelinechannel--files"),
            task("for-loop-5", items=given("pipelinechannel--loop-item-param-1")),
            task("for-loop-6", items=given("pipelinechannel--make-it-Output-loop-item-subvar-b_c")),
            replace(task("condition-13"), display_name="good enough"),
        ).root.dag.tasks
    )
    assert {key: name.within for key, name in named.items()} == {
        "condition-2": "the branch if score > 1",
        "condition-10": "the branch else if score > 0",
        "condition-11": "the else branch",
        "condition-12": f"the branch if score == '{'x' * 59}…",
        "condition-branches-1": "the choice between branches",
        "exit-handler-1": "the exit handler",
        "for-loop-1": "the loop over [1, 2]",
        "for-loop-2": "the loop over 9 items",
        "for-loop-3": "the loop over split.parts",
        "for-loop-4": "the loop over files",
        "for-loop-5": "the loop over item",
        "for-loop-6": "the loop over make-it item.b_c",
        "condition-13": "good enough",
    }
    done = play(
        pipeline(
            task("for-loop-1", items=[1, 2]),
            task("next", after=("for-loop-1",)),
            components=[graph("for-loop-1", task("bad"), takes={"item": "int"})],
        ),
        {"bad": breaks},
    )
    assert done.run.nodes["next"].reason.message == (
        "Not run: the loop over [1, 2], which it waits for, failed."
    )
    assert done.run.nodes[""].reason.message == (
        "The loop over [1, 2] failed: 2 of 2 iterations failed: 0 and 1."
    )


def test_a_graph_that_fails_is_a_failed_task():
    p = pipeline(
        task("inner"), task("next", after=("inner",)), components=[graph("inner", task("bad"))]
    )
    done = play(p, {"bad": breaks})
    assert done.states()["inner"] == "FAILED"
    assert done.states()["next"] == "SKIPPED"


def test_a_failure_in_one_graph_lets_the_others_go_on():
    p = pipeline(
        task("one"),
        task("two"),
        components=[
            graph("one", task("bad"), task("slow"), task("slower", after=("slow",))),
            graph("two", task("fine")),
        ],
    )
    done = play(p, {"bad": breaks})
    assert done.states() == {
        "": "FAILED",
        "one": "FAILED",
        "one/bad": "FAILED",
        "one/slow": "SUCCEEDED",
        "one/slower": "SUCCEEDED",
        "two": "SUCCEEDED",
        "two/fine": "SUCCEEDED",
    }


def test_a_graph_is_given_its_defaults_and_a_container_is_not():
    takes = {"a": default("int", 7), "b": optional("str")}
    p = pipeline(
        task("inner"),
        task("direct", "leaf"),
        components=[
            graph("inner", task("leaf", a=given("a"), b=given("b")), takes=takes),
            runs("leaf", takes),
        ],
    )
    done = play(p)
    assert done.took("inner/leaf") == {"a": 7}
    assert done.took("direct") == {}


def test_a_null_counts_as_left_out():
    p = pipeline(task("leaf", a=None), components=[runs("leaf", {"a": optional("int")})])
    assert play(p).took("leaf") == {}


@pytest.mark.parametrize("kind", ["int", "str", "dict"])
def test_an_input_that_is_needed_and_missing_fails_the_task(kind):
    p = pipeline(task("leaf"), task("other"), components=[runs("leaf", {"a": kind})])
    done = play(p)
    assert done.states() == {"": "FAILED", "leaf": "FAILED", "other": "SUCCEEDED"}
    assert done.reason("leaf") == "INPUT_MISSING"
    assert done.order == ["other"]


@pytest.mark.parametrize(
    ("value", "kind", "taken"),
    [
        (5, "str", "5"),
        (5.0, "str", "5"),
        (0.1, "str", "0.1"),
        (1e-7, "str", "0.0000001"),
        (True, "str", "true"),
        ([1, 2.0, "x"], "str", '[1,2,"x"]'),
        ({"a": None}, "str", '{"a":null}'),
        (5.0, "int", 5),
        (5, "float", 5.0),
        (2**70, "int", 2**70),
        ([], "list", []),
        ({}, "dict", {}),
        (False, "bool", False),
        (0, "int", 0),
        ("", "str", ""),
    ],
)
def test_a_value_becomes_what_its_input_is_declared_as(value, kind, taken):
    done = play(pipeline(task("leaf", a=value), components=[runs("leaf", {"a": kind})]))
    assert done.took("leaf") == {"a": taken}
    assert type(done.took("leaf")["a"]) is type(taken)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("5", "int"),
        (5.5, "int"),
        (True, "int"),
        (True, "float"),
        (10**400, "float"),
        ("true", "bool"),
        ("[]", "list"),
        ("{}", "dict"),
        ([], "dict"),
    ],
)
def test_a_value_of_another_type_fails_the_task_and_says_so(value, kind):
    done = play(pipeline(task("leaf", a=value), components=[runs("leaf", {"a": kind})]))
    assert done.reason("leaf") == "INPUT_TYPE"
    assert done.run.nodes["leaf"].reason.message.startswith("Input a does not fit: ")
    assert done.order == []


def test_a_value_that_is_not_among_those_allowed_fails_the_task():
    allowed = InputParameter("STRING", literals=("low", "high"))
    p = pipeline(
        task("good", "leaf", level="low"),
        task("bad", "leaf", level="medium"),
        components=[runs("leaf", {"level": allowed})],
    )
    done = play(p)
    assert done.order == ["good"]
    assert done.reason("bad") == "INPUT_NOT_ALLOWED"
    assert done.run.nodes["bad"].reason.message.endswith("allowed: 'low', 'high'.")


def test_an_artifact_that_is_needed_and_missing_fails_the_task():
    p = pipeline(
        task("bad"),
        task("next", artifacts={"data": out("bad", "file")}, even_after_failure=True),
        components=[runs("bad", makes=["file"]), runs("next", files={"data": False})],
    )
    done = play(p, {"bad": breaks})
    assert done.reason("next") == "INPUT_MISSING"


def test_all_that_failed_is_told_and_not_too_much_of_it():
    done = play(pipeline(*(task(f"t{i}") for i in range(6))), {f"t{i}": breaks for i in range(5)})
    assert done.run.nodes[""].reason.message == "5 of 6 tasks failed: t0, t1, t2 and 2 more."


def test_a_graph_below_gets_texts_in_lists_and_dictionaries_filled_in():
    who = "{{$.inputs.parameters['pipelinechannel--who']}}"
    inner = graph("inner", task("leaf", a=given("a")), takes={"a": "list"})
    p = pipeline(
        task("inner", a=[who, {"k": f"<{who}>"}, 3], **{"pipelinechannel--who": given("who")}),
        components=[inner, runs("leaf", {"a": "list"})],
        takes={"who": "int"},
    )
    assert play(p, arguments={"who": 7}).took("inner/leaf") == {"a": ["7", {"k": "<7>"}, 3]}


def test_a_graph_below_gets_texts_filled_in_once_and_a_container_as_they_are():
    who, job = "{{$.inputs.parameters['pipelinechannel--who']}}", "{{$.pipeline_job_name}}"
    task_name, task_id = "{{$.pipeline_task_name}}", "{{$.pipeline_task_uuid}}"
    text = f"to {who} of {job} in {task_name} {task_id}: {{{{$.unknown}}}}"
    takes = {"a": "str", "pipelinechannel--who": "str"}
    p = pipeline(
        task("inner", a=text, **{"pipelinechannel--who": given("who")}),
        task("leaf", a=text, **{"pipelinechannel--who": given("who")}),
        components=[
            graph("inner", task("leaf", a=given("a")), takes=takes),
            runs("leaf", {"a": "str"}),
        ],
        takes={"who": "str"},
    )
    done = Play(p, arguments={"who": job})
    done.run = replace(done.run, words={"pipeline_job_name": who})
    done.begin().finish()
    inner = task_id_of(done.run.run_id, "inner")
    assert done.took("inner/leaf") == {
        "a": f"to {job} of {who} in inner {inner}: {{{{$.unknown}}}}"
    }
    assert done.took("leaf")["a"] == text


def test_artifacts_travel_through_graphs_and_keep_their_id():
    inner = graph(
        "inner",
        task("copy", artifacts={"data": given("data")}),
        files={"data": False},
        makes={"copied": out("copy", "file")},
    )
    p = pipeline(
        task("make"),
        task("inner", artifacts={"data": out("make", "file")}),
        task("use", artifacts={"data": out("inner", "copied")}),
        components=[
            inner,
            runs("make", makes=["file"]),
            runs("copy", files={"data": False}, makes=["file"]),
            runs("use", files={"data": False}),
        ],
        makes={"end": out("inner", "copied")},
    )
    done = play(p, {"make": {"file": "file:1"}, "copy": lambda data: {"file": data[0] + "-copy"}})
    assert done.gave_files() == {"end": ["file:1-copy"]}
    assert done.launches["use", 1].artifacts["data"][0].artifact_id == "a-inner/copy"


def test_an_importer_is_launched_like_a_task():
    p = pipeline(
        task("import"),
        task("use", artifacts={"data": out("import", "artifact")}),
        components=[runs("import", makes=["artifact"]), runs("use", files={"data": False})],
        importers=["import"],
    )
    done = play(p, {"import": {"artifact": "file:there"}})
    assert done.run.nodes["import"].kind == "importer"
    assert done.launches["use", 1].artifacts["data"][0].uri == "file:there"


def test_a_hit_in_the_cache_counts_as_success_and_says_whose_it_is():
    from trackside_server.pipelines.machine.events import Succeeded
    from trackside_server.pipelines.machine.state import Values

    p = pipeline(task("a"), task("b", x=out("a")), components=[runs("b", {"x": "int"})])
    run = Play(p).begin()
    del run.live["a", 1]
    run.tell(Succeeded(run.now, "a", 1, Values({"Output": 9}), cached_from="t7"))
    run.finish()
    assert run.states() == {"": "SUCCEEDED", "a": "CACHED", "b": "SUCCEEDED"}
    assert run.run.nodes["a"].cached_from == "t7"
    assert run.took("b") == {"x": 9}
