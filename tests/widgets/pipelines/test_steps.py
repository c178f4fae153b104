"""Cells as steps: what goes from one to the other, and what is said when something cannot."""

from __future__ import annotations

import json
import re
import sys

import pytest

from trackside import CannotTravel, TracksideError, pipelines


def test_a_step_runs_in_the_notebook_as_any_cell_does(notebook, capsys):
    notebook.run("%%step load\nprint('here')\nx = 3\nx + 1")
    out = capsys.readouterr().out
    assert "here" in out
    assert "4" in out
    assert notebook.shell.user_ns["_"] == 4
    failed = notebook.attempt("%%step bad\ny = 1\nmissing + y")
    assert isinstance(failed.error_in_exec, NameError)
    out = capsys.readouterr().out
    assert "----> 2 missing + y" in out
    assert "_run_here" not in out
    notebook.run("%%step later --only-pipeline\nraise SystemExit('not here')")


def test_variables_are_taken_of_the_step_that_set_or_changed_them_last(notebook):
    notebook.run(
        "%%step load\nitems = [1]\nother = {}",
        "%%step more\nitems.append(2)",
        "%%step look\nn = len(items)",
        "%%step again\nitems = items + [3]",
        "%%step end\nprint(items, other, n)",
    )
    found = {step.cell.name: step for step in pipelines.current().steps}
    sources = {
        name: {variable: source.cell.name for variable, (source, _) in step.takes.items()}
        for name, step in found.items()
    }
    assert sources == {
        "load": {},
        "more": {"items": "load"},
        "look": {"items": "more"},
        "again": {"items": "more"},
        "end": {"items": "again", "other": "load", "n": "look"},
    }
    assert found["look"].gives["n"].kind == "NUMBER_INTEGER"
    assert found["load"].gives["items"].kind is None


def test_values_that_cells_around_the_steps_set_come_along_as_they_are_before_any_step(notebook):
    notebook.run("count = 1\nnames = ['a']", "%%step add\ncount = count + 1\nprint(names)")
    assert notebook.problems == []
    (step,) = pipelines.current().steps
    assert "count = 1" in step.preamble


def test_helpers_come_along_where_they_are_needed_and_nowhere_else(notebook):
    notebook.run(
        "lr = 0.1\n\n\nclass Net:\n    pass\n\n\ndef fit(net):\n    return [lr]\n\n\n",
        "%%step train\nnet = [Net()]\nlosses = fit(net)",
        "%%step report\nprint(losses)",
        "%%step keep\nprint(net)",
    )
    brought = {step.cell.name: sorted(step.carried) for step in pipelines.current().steps}
    assert brought == {"train": ["Net", "fit", "lr"], "report": [], "keep": ["Net"]}
    notebook.run("%%step train --only-pipeline\nnet = [Net()]\nlosses = fit(net)")
    brought = {step.cell.name: sorted(step.carried) for step in pipelines.current().steps}
    assert brought["report"] == ["Net", "fit", "lr"]


def test_tags_make_a_step_of_a_cell_that_ran(notebook):
    notebook.run("%precision 3\nlr = 0.1", tags=("parameters",))
    notebook.run("x = lr * 2", tags=("step:load",))
    notebook.run("print(x)", tags=("step:show it", "after:load", "cpus:2", "no-cache", "nice"))
    pipeline = pipelines.current()
    load, show = pipeline.steps
    assert [parameter.name for parameter in load.parameters] == ["lr"]
    assert (show.cell.name, show.cell.after, show.cell.cpus) == ("show it", ("load",), 2)
    assert not show.cell.cache


def test_tags_that_are_wrong_are_said_below_the_cell(notebook, capsys):
    notebook.run("x = 1", tags=("step:load", "gpus:many"))
    assert "make no step. --gpus takes a whole number from 0 up" in capsys.readouterr().out


LOAD = "%%step load\nX = [1, 2]\n"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            [
                "import threading",
                "%%step load\nlock = threading.Lock()",
                "%%step use\nlock.locked()",
            ],
            "load (cell [2]): lock is a lock, which cannot be handed on;",
        ),
        (
            ["%%step load\nhere = {'k': (i for i in 'ab')}", "%%step use\nlist(here['k'])"],
            "load (cell [1]): here (dict of 1 item) cannot be handed on: cannot pickle 'generator'",
        ),
        (
            ["%%step load --only-pipeline\nf = open('x')", "%%step use --only-pipeline\nf.read()"],
            "load (cell [1]): f is an open file, which cannot be handed on;",
        ),
        (
            ["import numpy as np\nX = np.zeros(3)", "%%step use\nX.sum()"],
            "use (cell [2]): X (ndarray (3,)) is made by no step; make it in one.",
        ),
        (
            ["%%step use --only-pipeline\n\nprint(X)", LOAD],
            "use (cell [1]): X is used in line 3, and only load sets it, which runs later.",
        ),
        (
            ["%%step use --only-pipeline\nprint(nowhere)"],
            "use (cell [1]): nowhere is used in line 2, and no step or cell before it makes it.",
        ),
        (
            [LOAD, "%%step use --after lod\nX"],
            "use (cell [2]): --after names lod, which is no step; the steps are load, use.",
        ),
        (
            ["here = (i for i in 'ab')", "%%step use\nlist(here)"],
            "use (cell [2]): here (generator) is made by no step; make it in this one.",
        ),
        (
            [
                "%%step load --only-pipeline\nlosses = [1]",
                "%%step use --only-pipeline\nprint(loses)",
            ],
            "use (cell [2]): loses is used in line 2, and no step or cell before it makes it. Did",
        ),
        (
            [
                "%%step load --only-pipeline\nfrom math import *",
                "%%step use --only-pipeline\nprint(ceil(1))",
            ],
            "use (cell [2]): ceil is used in line 2, and no step or cell before it makes it. If",
        ),
        (
            ["%%step a --after b\n1", "%%step b --after a\n1"],
            "a (cell [1]): waits for itself: a → b → a. Take one --after away.",
        ),
        (
            ["api_token = 'abc'", "%%step use\nprint(len(api_token))"],
            "use (cell [2]): api_token looks like a secret, and a pipeline is stored;",
        ),
        (
            ["%%step 'one two'\n1", "%%step one-two\n1"],
            "one-two (cell [2]): has the same name as one two for KFP; rename it.",
        ),
        (
            [LOAD, "%%step tidy\nprint(X)\ndel X", "%%step use --only-pipeline\n\nprint(X)"],
            "use (cell [3]): X is used in line 3, and tidy (cell [2]) has deleted it. Take del X",
        ),
        (
            [
                "%%step a --only-pipeline\nfor i in 'ab':\n    t = i\n    del t",
                "%%step b\nprint(t)",
            ],
            "b (cell [2]): t is used in line 2, and a (cell [1]) has deleted it.",
        ),
    ],
)
def test_what_stands_in_the_way_is_said_with_the_variable_and_the_cell(notebook, cells, said):
    for cell in cells:
        notebook.attempt(cell)
    (problem,) = notebook.problems
    assert problem.startswith(said)
    with pytest.raises(CannotTravel) as refused:
        pipelines.current().compile("x.yaml")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "cells",
    [
        [LOAD, "%%step tidy\ndel X\nX = [3]", "%%step use\nX"],
        [LOAD, "%%step tidy\nif not X:\n    del X", "%%step use\nX"],
        [LOAD, "%%step tidy\ndel X", "%%step again\nX = 5", "%%step use\nX"],
        ["%%step load\nfor i in 'ab':\n    pass\ndel i", "i = 7", "%%step use\nprint(i)"],
        [LOAD, "%%step tidy\ndef f():\n    X = 1\n    del X\nf()", "%%step use\nX"],
    ],
)
def test_what_is_set_again_or_perhaps_not_deleted_goes_on_to_later_steps(notebook, cells):
    notebook.run(*cells)
    assert notebook.problems == []


def test_after_lets_a_step_use_what_a_later_cell_makes(notebook):
    notebook.run("%%step use --only-pipeline --after load\nprint(X)", LOAD)
    assert [step.cell.name for step in pipelines.current().steps] == ["load", "use"]
    assert notebook.problems == []


def test_the_saved_notebook_gives_the_order_and_tells_which_cells_were_edited(
    notebook, tmp_path, monkeypatch
):
    cells = [
        {"cell_type": "code", "id": "a", "source": ["%%step load\n", "X = [1, 2]"]},
        {"cell_type": "code", "id": "b", "source": "%%step use\nprint(X, 'new')"},
    ]
    (tmp_path / "digits.ipynb").write_text(json.dumps({"cells": cells}))
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "digits.ipynb"))
    notebook.run("%%step use --only-pipeline\nprint(X)", cell_id="b")
    notebook.run("%%step load\nX = [1, 2]", cell_id="a")
    pipeline = pipelines.current()
    assert pipeline.name == "digits"
    assert [step.cell.name for step in pipeline.steps] == ["load", "use"]
    assert pipeline.notes == [
        "The cell of use was changed since it ran; run it again to have that in the pipeline."
    ]
    assert notebook.problems == []


def test_plain_variables_become_parameters_when_they_are_named(notebook):
    notebook.run("lr = 0.1\nitems = [1]", "%%step use\nprint(lr, items)")
    pipeline = pipelines.current(params={"lr": 2})
    assert pipeline.arguments == {"lr": 2.0}
    assert pipeline.spec["root"]["inputDefinitions"]["parameters"]["lr"]["defaultValue"] == 0.1
    for params, said in (
        ({"lr": "fast"}, "The parameter lr is of type float (0.1), and 'fast' is of type str."),
        ({"rate": 1}, "rate is no parameter. Assign it a number"),
        ({"itms": 1}, "itms is no parameter. Did you mean items?"),
    ):
        with pytest.raises(TracksideError, match=re.escape(said)):
            pipelines.current(params=params)


def test_the_pipeline_is_shown_as_text_and_as_a_table_in_which_nothing_is_markup(notebook):
    notebook.run("%%step load --gpus 1\nx = '<b>&'", "%%step use\nprint(x)")
    pipeline = pipelines.current()
    assert repr(pipeline).splitlines() == [
        "Pipeline notebook · 2 steps",
        "1. load (cell [1]) · 1 GPU",
        "     gives x (str of 4 B, a parameter)",
        "2. use (cell [2])",
        "     takes x of load",
    ]
    assert "<b>&" not in pipeline._repr_html_()
    notebook.run("%pipeline clear")
    assert repr(pipelines.current()) == "No steps yet. Begin a cell with %%step NAME and run it."


def test_a_step_whose_cell_is_renamed_is_no_longer_the_old_one(notebook):
    notebook.run("%%step one\nx = 1", cell_id="a")
    notebook.run("%%step two\nx = 1", cell_id="a")
    assert [step.cell.name for step in pipelines.current().steps] == ["two"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%pipeline bake", "%pipeline takes one of show, run, runs, compile, schedule, send"),
        ("%pipeline compile", "Name the file to write, as in %pipeline compile digits.yaml."),
        ("%pipeline schedule", 'Say when, as in %pipeline schedule "0 6 * * *".'),
        ("%pipeline compile x.json", "x.json cannot be the file of a pipeline. Name it x.yaml."),
        ("%pipeline compile x.yaml", "There are no steps yet. Begin a cell with %%step NAME"),
        ("%%step\nx = 1", "NAME is missing: the name of the step, as in %%step train."),
        ("%%step 7\nx", "A step is named with letters, digits, blanks, - and _; '7' cannot"),
        ("%%step a\n\n", "There is no code below %%step to run."),
        ("%%step a --memory lots\nx = 1", "'lots' is not an amount of memory. Write 16Gi or"),
        (
            "%%step a\n!ls",
            "Line 2 of step a (cell [1]) is no Python: !ls. Steps run plain Python: use",
        ),
        ("%%step a\n%pip install rich", "Take it out, and write --package and what it installs"),
        ("%%step a\n%timeit 1", "take the line out, or put it into a cell of its own."),
        ("%pipeline run lr=2", "no use for 'lr=2'. A param is written --param lr=2."),
        ("%%step a\nx = await y", "line 2: 'await' outside function. A step is a program"),
    ],
)
def test_a_line_that_is_wrong_is_told_in_a_sentence(notebook, capsys, line, said):
    assert not notebook.attempt(line).success
    captured = capsys.readouterr()
    assert said in captured.out + captured.err


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: pipelines.get_run(None), "run must be a text, not None. Give an id, as"),
        (lambda: pipelines.runs(max_results="x"), "max_results must be a whole number of one or"),
        (lambda: pipelines.runs(max_results=-1), "more, not -1."),
        (lambda: pipelines.run(params=[1]), 'params must be a dict. Write params={"lr": 0.01}.'),
        (lambda: pipelines.run(name=5), 'name must be a text, not 5. Write name="digits".'),
        (lambda: pipelines.schedule(5), "cron must be a text, not 5. Give the five fields of cron"),
        (lambda: pipelines.schedule("* *"), "'* *' is no schedule. Give the five fields of cron"),
        (lambda: pipelines.send(version=2), 'version must be a text, not 2. Write version="2".'),
        (lambda: pipelines.step(None, "x"), 'name must be a text, not None. Write name="train".'),
        (lambda: pipelines.step("a", "x", after="b"), "after must be a list of texts, not 'b'."),
        (lambda: pipelines.step("a", "x", retries=-1), "retries must be a whole number of zero or"),
    ],
)
def test_what_a_function_cannot_be_given_is_told_in_a_sentence(notebook, ask, said):
    with pytest.raises(TracksideError, match=re.escape(said)):
        ask()


def test_a_lambda_in_a_value_travels_where_cloudpickle_is_installed(notebook, monkeypatch):
    notebook.run("%%step load\nhere = {'k': lambda: 1}", "%%step use\nhere['k']()")
    assert notebook.problems == []
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    (problem,) = notebook.problems
    assert problem.startswith("load (cell [1]): here (dict of 1 item) holds a lambda, which cannot")


def test_a_cloudpickle_that_cannot_be_imported_is_told_where_it_would_have_done(
    notebook, monkeypatch, tmp_path
):
    monkeypatch.delitem(sys.modules, "cloudpickle", raising=False)
    (tmp_path / "cloudpickle.py").write_text("raise ValueError('of another Python')\n")
    notebook.run("%%step load\nhere = {'k': lambda: 1}\nn = 1", "%%step use\nhere['k'](), n")
    (problem,) = notebook.problems
    assert problem.endswith(
        "write it as a function with def and a name; cloudpickle, which takes more, cannot be"
        " imported: of another Python."
    )
