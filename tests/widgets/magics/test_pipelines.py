"""Steps in a real kernel of a real server: from cells to a run of their pipeline."""

from __future__ import annotations


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

    failed = notebook.run("%%step report --only-pipeline\ntotal / 0")
    assert failed.error is None
    ran = notebook.run("%pipeline run --wait", timeout=120)
    assert "FAILED" in ran.error
    assert "Traceback" not in ran.error


def test_a_pipeline_is_scheduled_on_the_server(notebook, server):
    notebook.run("%pipeline clear")
    notebook.run("%%step load\nx = 1")
    said = notebook.run('%pipeline schedule "0 6 * * *"').data["text/plain"]
    assert said == "Scheduled digits 0 6 * * *."
    found = server.request("GET", "trackside/apis/v2beta1/recurringruns").json["recurringRuns"]
    assert [run["trigger"]["cron_schedule"]["cron"] for run in found] == ["0 0 6 * * *"]
    wrong = notebook.run('%pipeline schedule "often"')
    assert "'often' is no schedule. Give the five fields of cron" in wrong.error
