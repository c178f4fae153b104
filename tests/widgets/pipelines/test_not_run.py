"""Cells that did not run, did not end, or lost their name to another: what is said of them."""

from __future__ import annotations

import json
import re

import pytest

from trackside import TracksideError, pipelines


def save(folder, monkeypatch, **cells: str) -> None:
    """Save the notebook of this kernel with these cells, by their ids."""
    written = [{"cell_type": "code", "id": name, "source": text} for name, text in cells.items()]
    (folder / "digits.ipynb").write_text(json.dumps({"cells": written}))
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / "digits.ipynb"))


def test_cells_that_are_steps_and_did_not_run_since_the_kernel_began_are_told(
    notebook, tmp_path, monkeypatch, capsys
):
    load, train = "%%step load\nx = 1", "%%step train --gpus 1\nprint(x)"
    save(tmp_path, monkeypatch, a=load, b=train, c="%%step other\n1")
    said = (
        "The cells %%step load, %%step train --gpus 1, %%step other have not run in this kernel,"
        " so the pipeline is without them. Run them."
    )
    assert repr(pipelines.current()) == f"No steps yet. {said}"
    with pytest.raises(TracksideError, match=re.escape(said)):
        pipelines.current().check()
    notebook.run(load, cell_id="a")
    notebook.run(train, cell_id="b")
    (note,) = pipelines.current().notes
    assert note == (
        "The cell %%step other has not run in this kernel, so the pipeline is without it. Run it."
    )
    capsys.readouterr()
    notebook.run("%pipeline compile x.yaml")
    assert "Note: The cell %%step other has not run" in capsys.readouterr().out


def test_a_second_cell_of_the_same_name_takes_its_place_and_that_is_told(
    notebook, tmp_path, monkeypatch, capsys
):
    save(tmp_path, monkeypatch, a="%%step load\nx = 1", b="%%step load\ny = 1")
    notebook.run("%%step load\nx = 1", cell_id="a")
    notebook.run("%%step load\ny = 1", cell_id="b")
    said = "Step load is now this cell; it was cell [1]. To have both, give one of them another"
    assert said in capsys.readouterr().out
    (note,) = pipelines.current().notes
    assert note.startswith("Two cells are called load, and the step is cell [2], which ran last.")


def test_a_step_that_did_not_run_to_its_end_is_told_until_it_does(notebook, capsys):
    notebook.attempt("%%step load\nx = 1\n1 / 0")
    notebook.run("%%step use --only-pipeline\nprint(x)")
    said = "load (cell [1]) did not run to its end in this kernel. Run the cell again, or give it"
    (note,) = pipelines.current().notes
    assert note.startswith(said)
    capsys.readouterr()
    notebook.run("%pipeline compile x.yaml")
    assert f"Note: {said}" in capsys.readouterr().out
    notebook.run("%%step load\nx = 1")
    assert pipelines.current().notes == []
    pipelines.step("more", "y = 2")
    assert pipelines.current().notes == []
