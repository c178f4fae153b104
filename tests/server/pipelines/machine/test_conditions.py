"""Conditions: branches, what is skipped with them, and outputs of whichever branch was taken."""

from __future__ import annotations

import pytest

from .build import default, given, graph, optional, out, pipeline, runs, select, task
from .play import Breaks, play

X = "inputs.parameter_values['x']"


def branches(value):
    """If x > 5: big. Elif x > 3: middling. Else: small. What the branch made is used outside."""
    took = [f"{X} > 5", f"!({X} > 5) && {X} > 3", f"!({X} > 5) && !({X} > 3)"]
    bodies = [
        graph(
            f"condition-{index}",
            task(f"make-{index}"),
            takes={"x": "int"},
            gives={"made": out(f"make-{index}")},
            makes={"file": out(f"make-{index}", "file")},
        )
        for index in (1, 2, 3)
    ]
    whole = graph(
        "branches",
        *(
            task(f"condition-{index}", x=given("x"), condition=condition)
            for index, condition in zip((1, 2, 3), took, strict=True)
        ),
        takes={"x": "int"},
        gives={"made": [out(f"condition-{index}", "made") for index in (1, 2, 3)]},
        makes={"file": [out(f"condition-{index}", "file") for index in (1, 2, 3)]},
    )
    leaves = [runs(f"make-{i}", gives={"Output": "int"}, makes=["file"]) for i in (1, 2, 3)]
    use = runs("use", {"made": "int"}, files={"file": False})
    return pipeline(
        task("branches", x=value),
        task("use", made=out("branches", "made"), artifacts={"file": out("branches", "file")}),
        components=[whole, *bodies, *leaves, use],
    )


@pytest.mark.parametrize(("value", "taken"), [(9, 1), (4, 2), (0, 3)])
def test_one_branch_is_taken_and_what_it_made_is_used(value, taken):
    work = {f"make-{i}": {"Output": i * 10, "file": f"file:{i}"} for i in (1, 2, 3)}
    done = play(branches(value), work)
    assert done.order == [f"branches/condition-{taken}/make-{taken}", "use"]
    assert done.took("use") == {"made": taken * 10}
    assert done.launches["use", 1].artifacts["file"][0].uri == f"file:{taken}"
    skipped = [path for path, state in done.states().items() if state == "SKIPPED"]
    assert skipped == [f"branches/condition-{i}" for i in (1, 2, 3) if i != taken]
    assert {done.reason(path) for path in skipped} == {"CONDITION_FALSE"}
    assert done.run.state == "SUCCEEDED"


def test_what_a_failed_branch_should_have_made_keeps_its_user_from_running():
    def breaks():
        raise Breaks

    done = play(branches(9), {"make-1": breaks})
    assert done.states()["branches"] == "FAILED"
    assert done.states()["use"] == "SKIPPED"


def test_skipping_goes_on_downstream_and_the_run_succeeds():
    p = pipeline(
        task("a", x=1, condition=f"{X} == 2"),
        task("b", after=("a",)),
        task("c", after=("b",)),
        task("d"),
        task("e", after=("d", "b")),
        components=[runs("a", {"x": "int"})],
    )
    done = play(p)
    assert done.order == ["d"]
    assert done.states() == {
        "": "SUCCEEDED",
        "a": "SKIPPED",
        "b": "SKIPPED",
        "c": "SKIPPED",
        "d": "SUCCEEDED",
        "e": "SKIPPED",
    }
    assert [done.reason(path) for path in "abce"] == [
        "CONDITION_FALSE",
        "UPSTREAM_SKIPPED",
        "UPSTREAM_SKIPPED",
        "UPSTREAM_SKIPPED",
    ]


def test_an_output_that_no_branch_made_fails_whoever_needs_it():
    inner = graph(
        "inner",
        task("maybe", x=given("x"), condition=f"{X} == 2"),
        takes={"x": "int"},
        gives={"made": [out("maybe")]},
    )
    p = pipeline(
        task("inner", x=1),
        task("needs", made=out("inner", "made")),
        task("may", made=out("inner", "made")),
        components=[
            inner,
            runs("maybe", {"x": "int"}),
            runs("needs", {"made": "int"}),
            runs("may", {"made": optional("int")}),
        ],
    )
    done = play(p)
    assert done.states()["inner"] == "SUCCEEDED"
    assert done.reason("needs") == "INPUT_MISSING"
    assert done.took("may") == {}


def test_a_value_is_never_read_as_part_of_its_condition():
    crafted = "x' == 'x' || 'x' == 'x"
    p = pipeline(
        task("a", x=crafted, condition=f"{X} == 'go'"), components=[runs("a", {"x": "str"})]
    )
    assert play(p).states()["a"] == "SKIPPED"


def test_a_condition_sees_the_defaults_of_what_was_left_out():
    p = pipeline(
        task("a", condition=f"{X} == 3"),
        task("b", condition=f"{X} == 3"),
        components=[runs("a", {"x": default("int", 3)}), runs("b", {"x": default("int", 4)})],
    )
    done = play(p)
    assert (done.states()["a"], done.states()["b"]) == ("SUCCEEDED", "SKIPPED")


def test_a_condition_that_compares_what_cannot_be_compared_fails_its_task():
    p = pipeline(task("a", x="7", condition=f"{X} > 5"), components=[runs("a", {"x": "str"})])
    done = play(p)
    assert done.states() == {"": "FAILED", "a": "FAILED"}
    assert done.reason("a") == "CONDITION_FAILED"


def test_a_selector_takes_a_part_of_a_value():
    p = pipeline(
        task("a", x=select(given("text"), 'parseJson(string_value)["lr"]')),
        components=[runs("a", {"x": "float"})],
        takes={"text": "str"},
    )
    assert play(p, arguments={"text": '{"lr": 0.5}'}).took("a") == {"x": 0.5}


def test_a_selector_that_finds_nothing_fails_its_task():
    p = pipeline(
        task("a", x=select(given("text"), 'parseJson(string_value)["lr"]')),
        components=[runs("a", {"x": "float"})],
        takes={"text": "str"},
    )
    done = play(p, arguments={"text": "{}"})
    assert done.reason("a") == "SELECTOR_FAILED"
