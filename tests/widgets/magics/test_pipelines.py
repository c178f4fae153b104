"""Steps in a real kernel of a real server: from cells to a run of their pipeline."""

from __future__ import annotations

import pytest
from tests.kfp_clients import NEWEST
from tests.widgets.magics.conftest import Notebook

from trackside_server.testing import JupyterProcess


def test_cells_become_a_pipeline_that_the_server_runs(notebook, server):
    notebook.run("import trackside\n\n\ndef twice(x):\n    return 2 * x\n")
    notebook.run("rate = 3  # how fast", tags=("parameters",))
    assert notebook.run("%%step load\nitems = [1, 2]\nn = len(items)").error is None
    assert notebook.run("total = twice(sum(items)) * rate * n", tags=("step:add up",)).error is None
    out = notebook.run("%%step report\nprint('TOTAL', total)\nopen('total.txt', 'x').close()")
    assert out.text == "TOTAL 36\n"
    (shown,) = notebook.run("%pipeline").results
    assert shown["data"]["text/plain"].startswith("Pipeline digits · 3 steps, 1 parameter\n")
    assert "<table>" in shown["data"]["text/html"]

    ran = notebook.run("%pipeline run -p rate=5 --wait", timeout=120)
    assert ran.error is None, ran.error
    shown = ran.displays[-1]["data"]
    assert "SUCCEEDED" in shown["text/plain"]
    assert "<svg" in shown["text/html"]
    assert shown["application/vnd.trackside.v1+json"]["kind"] == "pipeline_run"
    jobs = notebook.run("print(trackside.jobs(max_results=3)[0].logs())").text
    assert "TOTAL 60" in jobs

    refused = notebook.run("%pipeline run --on cluster")
    assert "load is to run on the cluster, and there is none" in refused.error

    failed = notebook.run("%%step report --only-pipeline\ntotal / 0")
    assert failed.error is None
    ran = notebook.run("%pipeline run --on local --wait", timeout=120)
    assert "FAILED" in ran.error
    assert "Traceback" not in ran.error


def test_a_pipeline_is_scheduled_on_the_server(notebook, server):
    notebook.run("%pipeline clear")
    notebook.run("%%step load\nx = 1")
    said = notebook.run('%pipeline schedule "0 6 * * *"').data["text/plain"]
    assert said == "Scheduled digits: 0 6 * * *."
    found = server.request("GET", "trackside/apis/v2beta1/recurringruns").json["recurringRuns"]
    assert [run["trigger"]["cron_schedule"]["cron"] for run in found] == ["0 0 6 * * *"]
    wrong = notebook.run('%pipeline schedule "often"')
    assert "'often' is no schedule. Give the five fields of cron" in wrong.error


@pytest.fixture
def there(tmp_path):
    """Return a server that speaks the API of Kubeflow Pipelines: another one of Trackside."""
    process = JupyterProcess(tmp_path / "there", env=NEWEST.environment())
    try:
        yield process.start().wait_ready()
    finally:
        process.clean_up()


@pytest.fixture
def beside(tmp_path, there):
    """Return a notebook of a server that was told of the other one."""
    token = tmp_path / "token"
    token.write_text(there.token)
    config = {"Trackside": {"kfp_host": there.trackside_url, "kfp_token_file": str(token)}}
    process = JupyterProcess(tmp_path / "here", config=config)
    try:
        notebook = Notebook(process.start().wait_ready(), "digits.ipynb")
        yield notebook
        notebook.close()
    finally:
        process.clean_up()


def test_steps_run_are_listed_scheduled_and_sent_on_a_kfp_server(beside, there):
    beside.run("import trackside\nfrom trackside import pipelines")
    beside.run("rate = 3", tags=("parameters",))
    beside.run("%%step load --only-pipeline\nn = 2 * rate")
    ran = beside.run("%pipeline run --on kfp -p rate=4 --wait", timeout=120)
    assert ran.error is None, ran.error
    shown = ran.displays[-1]["data"]
    assert "SUCCEEDED" in shown["text/plain"]
    assert "<svg" in shown["text/html"]
    (run,) = there.request("GET", "trackside/apis/v2beta1/runs").json["runs"]
    assert run["runtime_config"]["parameters"] == {"rate": 4}
    marked = f"kfp:{run['run_id']}"
    assert shown["application/vnd.trackside.v1+json"]["run_id"] == marked

    beside.run("found = pipelines.runs(on='kfp')")
    assert (
        beside.run("print(*found['pipeline_run'], len(pipelines.runs()))").text == f"{marked} 0\n"
    )
    (listed,) = beside.run("%pipeline runs --on kfp").results
    assert "SUCCEEDED" in listed["data"]["text/plain"]
    again = beside.run(f"trackside.show({marked!r})").displays[-1]["data"]
    assert "SUCCEEDED" in again["text/plain"]
    gone = beside.run(f"trackside.pipelines.get_run({run['run_id']!r})")
    assert "TracksideError" in gone.error

    said = beside.run('%pipeline schedule "0 6 * * *" --on kfp').data["text/plain"]
    assert said == "Scheduled digits: 0 6 * * *."
    assert there.request("GET", "trackside/apis/v2beta1/recurringruns").json["recurringRuns"]
    assert beside.run("%pipeline send").data["text/plain"].startswith("Sent.")
    (kept,) = there.request("GET", "trackside/apis/v2beta1/pipelines").json["pipelines"]
    path = f"trackside/apis/v2beta1/pipelines/{kept['pipeline_id']}/versions"
    assert len(there.request("GET", path).json["pipeline_versions"]) == 2


def test_without_a_kfp_server_it_is_said_how_to_set_one(notebook, server):
    notebook.run("import trackside")
    notebook.run("%pipeline clear")
    notebook.run("%%step load\nx = 1")
    assert "Trackside.kfp_host" in notebook.run("%pipeline run --on kfp").error
