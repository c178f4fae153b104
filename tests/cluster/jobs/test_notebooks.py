"""From a cell of a notebook to a GPU, and from one notebook to the next."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

from trackside._job import Job

CELL = """%%train --gpus 1 --on cluster --param epochs=3 --as job
import os
print("sees", os.environ["NVIDIA_VISIBLE_DEVICES"])
for epoch in range(epochs):
    print(f"{epoch=} loss={scaled(1 / (epoch + 1)):.3f}")
with open("weights.txt", "w") as file:
    file.write("w")
"""


@pytest.fixture
def notebook(jobs, monkeypatch):
    """Run cells in a kernel, as Jupyter does, and return them with their outputs."""
    monkeypatch.setenv("TRACKSIDE_URL", jobs.client.url)
    monkeypatch.setenv("TRACKSIDE_TOKEN", jobs.client.token)

    def run(*cells):
        made = nbformat.v4.new_notebook()
        made.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        folder = str(jobs.folder)
        NotebookClient(made, timeout=120, resources={"metadata": {"path": folder}}).execute()
        return made.cells

    return run


def test_a_cell_trains_on_a_gpu_of_the_cluster_with_what_it_needs_from_the_notebook(jobs, notebook):
    cells = notebook(
        "%load_ext trackside",
        "def scaled(loss):\n    return 2 * loss",
        CELL,
        "job.id",
    )
    shown = cells[2].outputs[0].data
    assert "application/vnd.trackside.v1+json" in shown
    job = jobs.client.api("GET", f"jobs/{cells[3].outputs[0].data['text/plain'].strip(chr(39))}")
    handle = _job(jobs, job["job_id"])
    now = jobs.succeeded(handle)
    assert now["cluster"]["kind"] == "Job"
    assert jobs.log(handle).startswith("sees GPU-")
    assert jobs.points(handle, "loss") == [(0, 2.0), (1, 1.0), (2, 0.667)]
    assert jobs.run(handle)["status"] == "FINISHED"
    assert jobs.artifacts(handle, "outputs") == {"outputs/weights.txt": 1}
    assert jobs.run(handle)["params"]["epochs"] == "3"


def test_another_notebook_of_the_user_finds_a_job_that_runs_and_follows_it(jobs, serve):
    job = jobs.script(
        "import sys, time\n"
        "print('step=0 loss=2.0', flush=True)\n"
        "deadline = time.monotonic() + 12\n"
        "while time.monotonic() < deadline:\n"
        "    time.sleep(0.1)\n"
        "print('step=1 loss=1.0', flush=True)\n",
        name="found",
    )
    jobs.prints(job, "step=0")
    other = serve()
    # Whoever looks at the cluster finds what runs there.
    assert other.client.api("GET", "cluster")["state"] == "connected"

    def there():
        listed = other.client.api("GET", "jobs")["jobs"]
        return next((one for one in listed if one["job_id"] == job.id), None)

    found = other.until_true(there, "the job in the other notebook")
    assert found["name"] == "found"
    twin = _job(other, job.id)
    assert other.succeeded(twin)["run_id"] == twin.run_id
    assert other.log(twin) == "step=0 loss=2.0\nstep=1 loss=1.0\n"
    assert other.points(twin, "loss") == [(0, 2.0), (1, 1.0)]
    # The one that sent it closes it too, and neither takes anything from the other.
    assert jobs.succeeded(job)["cluster"].get("foreign") is None
    assert jobs.log(job) == other.log(twin)


def _job(jobs, job_id):
    return Job(jobs.client.api("GET", f"jobs/{job_id}"), jobs.client)
