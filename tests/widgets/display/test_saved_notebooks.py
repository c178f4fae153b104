"""A notebook that was saved with outputs of Trackside, read by tools that do not know it."""

from __future__ import annotations

import nbformat
import pytest

from trackside._display import bundle


@pytest.fixture
def saved(summary):
    """Return a notebook with a job, a list of jobs and the greeting among its outputs."""
    outputs = [
        bundle.of_job(summary(state="SUCCEEDED")),
        bundle.of_jobs([summary(), summary(job_id="j2", name="digits-8")]),
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


def test_nbconvert_shows_a_job_in_markdown(saved):
    from nbconvert import MarkdownExporter

    text, _ = MarkdownExporter().from_notebook_node(saved)
    assert "digits-7" in text
    assert "SUCCEEDED" in text
