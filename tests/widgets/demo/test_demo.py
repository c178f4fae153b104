"""The demo notebook, as a reader gets it and as it runs from top to bottom."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

from trackside_server.testing import JupyterProcess

BINDER = Path(__file__).parents[3] / "binder"
MIME = "application/vnd.trackside.v1+json"


@pytest.fixture(scope="module")
def demo():
    return nbformat.read(BINDER / "demo.ipynb", as_version=4)


def test_the_demo_is_valid_and_kept_without_outputs(demo):
    nbformat.validate(demo)
    for cell in demo.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_binder_can_run_its_scripts():
    for name in ("postBuild", "start"):
        assert os.access(BINDER / name, os.X_OK)
        subprocess.run(["bash", "-n", BINDER / name], check=True, timeout=60)


def test_the_start_of_binder_leaves_other_commands_alone():
    done = subprocess.run(
        [BINDER / "start", "echo", "as it is"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "as it is\n"


@pytest.fixture(scope="module")
def executed(demo, tmp_path_factory):
    """Return the demo after it ran from top to bottom, and its server's runs."""
    from nbclient import NotebookClient

    server = JupyterProcess(tmp_path_factory.mktemp("demo"), config={"Trackside": {"max_jobs": 2}})
    shutil.copy(BINDER / "demo.ipynb", server.notebooks)
    server.start().wait_ready()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        patch.setenv("TRACKSIDE_URL", server.trackside_url)
        patch.setenv("TRACKSIDE_TOKEN", server.token)
        patch.setenv("JPY_SESSION_NAME", str(server.notebooks / "demo.ipynb"))
        notebook = nbformat.from_dict(demo)
        resources = {"metadata": {"path": str(server.notebooks)}}
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
        answer = server.request("GET", "trackside/api/v1/jobs?limit=50")
    server.clean_up()
    return {cell.id: cell for cell in notebook.cells}, answer.json["jobs"]


def test_the_demo_trains_a_sweep_in_which_one_job_fails_for_a_reason_that_can_be_read(executed):
    _, jobs = executed
    failed = [job for job in jobs if job["state"] != "SUCCEEDED"]
    assert len(jobs) == 8
    assert [job["params"]["hidden"] for job in failed] == [0]
    assert "hidden_layer_sizes must be > 0, got [0]" in failed[0]["reason"]["message"]
    best = max(job["metrics"]["accuracy"]["value"] for job in jobs if job not in failed)
    assert best > 0.97


def test_the_saved_demo_shows_how_its_jobs_ended(executed):
    cells, _ = executed
    (single,) = cells["one"].outputs
    assert single["data"][MIME]["kind"] == "job"
    assert "SUCCEEDED" in single["data"]["text/html"]
    (sweep,) = cells["sweep"].outputs
    assert sweep["data"]["text/plain"].count("SUCCEEDED") == 6
    assert sweep["data"]["text/plain"].count("FAILED") == 1


def test_the_demo_compares_its_runs_in_a_table_and_a_plot(executed):
    cells, _ = executed
    (table,) = cells["compare"].outputs
    assert "metrics.accuracy" in table["data"]["text/html"]
    assert any("image/png" in output.get("data", {}) for output in cells["plot"].outputs)
