"""A notebook that was saved with outputs of Trackside, read by tools that do not know it."""

from __future__ import annotations

import nbformat
import pytest

from trackside._display import bundle
from trackside._display.runlist import RunList
from trackside._experiment import Experiment
from trackside._model import Model, ModelVersion
from trackside._run import Run

RUNS = [
    Run(f"r{lr}", name, "1", "FINISHED", 1_000, 2_000, {"lr": f"0.{lr}"}, {"loss": lr / 10}, {})
    for lr, name in ((1, "run-a"), (2, "run-b"))
]
LISTED = RunList(RUNS, 0, ["lr"], ["loss"], {"r1": [0.9, 0.1]})


@pytest.fixture
def saved(summary):
    """Return a notebook with everything that Trackside shows among its outputs."""
    outputs = [
        bundle.of_job(summary(state="SUCCEEDED")),
        bundle.of_jobs([summary(), summary(job_id="j2", name="digits-8")]),
        bundle.of_run(RUNS[0], {"loss": [0.9, 0.5, 0.2]}),
        bundle.of_runs(["r1", "r2"], LISTED),
        bundle.of_experiment(Experiment("1", "the-experiment"), LISTED),
        bundle.of_model(Model("the-model"), [ModelVersion("the-model", "4", ("champion",))]),
        bundle.of_banner("Trackside · runs on this machine (2 CPUs, no GPU)"),
    ]
    cell = nbformat.v4.new_code_cell("%%train\npass", id="c1")
    cell.outputs = [nbformat.v4.new_output("display_data", data=data) for data in outputs]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.validate(notebook)
    return nbformat.reads(nbformat.writes(notebook), as_version=4)


def test_nbconvert_shows_the_last_picture_of_a_job_as_a_web_page(saved):
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_notebook_node(saved)
    assert "SUCCEEDED <b>digits-7</b>" in page
    assert 'aria-label="loss: from 0.9 to 0.213"' in page
    assert "<b>digits-8</b>" in page
    assert "Trackside · runs on this machine" in page


def test_nbconvert_shows_runs_experiments_and_models_without_anything_that_runs(saved):
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter(template_name="basic").from_notebook_node(saved)
    assert "<b>run-a</b>" in page
    assert "Experiment the-experiment" in page
    assert "<b>the-model</b>" in page
    assert "champion" in page
    assert 'aria-label="loss: from 0.9 to 0.2"' in page
    # An output is sanitised by some viewers: nothing is lost by that.
    assert "<script" not in page


def test_nbconvert_shows_a_job_in_markdown(saved):
    from nbconvert import MarkdownExporter

    text, _ = MarkdownExporter().from_notebook_node(saved)
    assert "digits-7" in text
    assert "SUCCEEDED" in text
