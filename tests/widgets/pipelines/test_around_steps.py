"""What steps change of the notebook around them: a run gives what the notebook gave."""

from __future__ import annotations

import pytest

from trackside import pipelines


def outcome(notebook, folder, kfp_local, *cells: str) -> tuple[str, str]:
    """Return what the last of these cells, all steps but the first, says here and in a run."""
    notebook.run(*cells, "%pipeline compile run.yaml")
    log = kfp_local(folder / "run.yaml")["log"]
    return str(notebook.shell.user_ns["said"]), log


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(
            [
                "def scale(v):\n    return v * 2\n\n\ndef use(v):\n    return scale(v)",
                "%%step a\nfirst = use(1)",
                "%%step b\ndef scale(v):\n    return v * 100\nsecond = use(1)",
                "%%step c\nsaid = [first, second, use(1)]\nprint('SAID', said)",
            ],
            id="a function that a step defines anew",
        ),
        pytest.param(
            [
                "class Net:\n    def size(self):\n        return 1",
                "%%step a\nfirst = Net().size()",
                "%%step b\nclass Net:\n    def size(self):\n        return 2\nnet = Net()",
                "%%step c\nsaid = [first, net.size(), Net().size()]\nprint('SAID', said)",
            ],
            id="a class that a step defines anew",
        ),
        pytest.param(
            [
                "import dataclasses\n\n\n@dataclasses.dataclass\nclass Size:\n    n: int = 1",
                "%%step a\nfirst = Size().n",
                "%%step b\n@dataclasses.dataclass\nclass Size:\n    n: int = 2\nsize = Size()",
                "%%step c\nsaid = [first, size.n, Size().n]\nprint('SAID', said)",
            ],
            id="a dataclass that a step defines anew",
        ),
        pytest.param(
            [
                "twice = lambda v: v * 2",
                "%%step a\nfirst = twice(1)\nw = 3",
                "%%step b\ntwice = lambda v: v * w\nsecond = twice(1)",
                "%%step c\nsaid = [first, second, twice(2)]\nprint('SAID', said)",
            ],
            id="a lambda that a step defines anew",
        ),
        pytest.param(
            [
                "def size():\n    return 1",
                "%%step a\nfirst = size()",
                "%%step b\nsize = 5",
                "%%step c\nsaid = [first, size]\nprint('SAID', said)",
            ],
            id="a function whose name a step gives to a value",
        ),
        pytest.param(
            [
                "items = [1]\nsettings = {'a': 1}",
                "%%step a\nitems.append(2)\nsettings['b'] = len(items)",
                "%%step b\nitems.append(3)",
                "%%step c\nsaid = [items, settings]\nprint('SAID', said)",
            ],
            id="a list and a dict of the notebook that steps change",
        ),
        pytest.param(
            [
                "found = {'z': 1}",
                "%%step one\ndef tidy(a):\n    found = {}\n    found['a'] = a\n    return found",
                "%%step two\nsaid = [found, tidy(1)]\nprint('SAID', said)",
            ],
            id="a dict whose name a function of a step has for one of its own",
        ),
        pytest.param(
            [
                "config = {'z': 1}\nitems = [0]",
                "%%step one\nclass Reader:\n    def __init__(self, config):\n        config[1] = 1",
                "%%step two\ndef grow(items):\n    items.append(1)\n    return items",
                "%%step three\nsaid = [config, items, grow([])]\nprint('SAID', said)",
            ],
            id="a dict and a list whose names are those of arguments in a step",
        ),
        pytest.param(
            [
                "items = [1]",
                "%%step one\ndef grow():\n    items.append(2)\ngrow()",
                "%%step two\nsaid = items\nprint('SAID', said)",
            ],
            id="a list of the notebook that a function of a step changes",
        ),
        pytest.param(
            [
                "items = [1]\nrows = [{'n': 1}]",
                "print(len(items), items)\nfor item in sorted(items):\n    print(item in items)",
                "def shown(items):\n    items.append(9)\n    return items",
                "%%step a\nitems.append(2)\nrows[0]['n'] = 2",
                "%%step b\nsaid = [items, rows]\nprint('SAID', said)",
            ],
            id="a list that other cells look at",
        ),
    ],
)
def test_a_run_gives_what_the_notebook_gave(notebook, tmp_path, kfp_local, cells):
    here, log = outcome(notebook, tmp_path, kfp_local, *cells)
    assert pipelines.current().notes == []
    assert f"SAID {here}" in log


def test_a_value_of_the_notebook_of_which_only_what_steps_left_is_known_is_told(notebook):
    notebook.run("items = list(range(2))", "%%step a\nitems.append(2)", "%%step b\nprint(items)")
    pipeline = pipelines.current()
    (note,) = pipeline.notes
    assert note.startswith("No step sets items, and steps change it in place: a begins with what")
    a, b = pipeline.steps
    assert b.takes["items"][0] is a
    notebook.run("names = []", "names.append('x')", "%%step c\nnames.append('y')")
    assert pipelines.current().notes[1].startswith("No step sets names")


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("[]", "def fill(some):\n    some.extend([1, 2])\n\n\nfill(items)"),
        ("[3, 2, 1]", "import random\n\nrandom.shuffle(items)"),
        ("[]", "def fill():\n    items.append(1)\n\n\nfill()"),
        ("[]", "alias = items\nalias.append(1)"),
        ("[[]]", "for part in items:\n    part.append(1)"),
        ("[[]]", "items.copy()[0].append(1)"),
        pytest.param("[]", "1 + " * 500 + "len([items.append(1)])", id="deeply nested"),
    ],
)
def test_a_value_that_other_cells_may_change_is_as_it_is_now_which_is_told(notebook, first, other):
    notebook.run(f"items = {first}", other, "%%step a\nitems.append(3)")
    pipeline = pipelines.current()
    (note,) = pipeline.notes
    assert note.startswith("No step sets items, and steps change it in place: a begins with what")
    (a,) = pipeline.steps
    assert f"items = {notebook.shell.user_ns['items']!r}" in a.preamble
