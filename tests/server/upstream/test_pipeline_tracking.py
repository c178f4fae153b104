"""A pipeline run has its runs on the MLflow server: a parent, and one below it for each task."""

from __future__ import annotations

import secrets

from tests.kfp_clients import NEWEST
from tests.server.pipelines.engine.conftest import compiled  # noqa: F401 - a fixture
from tests.server.pipelines.engine.test_restart import ended, started, tasks_of

from .conftest import V2, eventually


def test_the_runs_of_a_pipeline_are_nested_on_the_server(
    jupyter_process,
    mlflow_server,
    compiled,  # noqa: F811 - the fixture
    tmp_path,
):
    jupyter = jupyter_process(
        env=NEWEST.environment(), config={"Trackside": {"tracking_uri": mlflow_server.uri}}
    )
    name = secrets.token_hex(4)
    made = jupyter.request("POST", f"{V2}/experiments/create", {"name": name}).json
    (tmp_path / "notes").mkdir()
    run_id = started(
        jupyter,
        compiled,
        "everything",
        experiment_id=made["experiment_id"],
        count=2,
        folder=str(tmp_path / "notes"),
        rate=0.25,
    )
    assert ended(jupyter, run_id)["state"] == "SUCCEEDED"
    task = tasks_of(jupyter, run_id)["exit-handler-1/measure"]["trackside"]

    def nested():
        run = mlflow_server.run(task["mlflow_run_id"])
        done = run["status"] == "FINISHED" and run["metrics"].get("accuracy") == 0.5
        return run if done else None

    tags = eventually(nested)["tags"]
    assert tags["trackside.pipeline_run"] == run_id
    parent = tags["mlflow.parentRunId"]
    run = eventually(lambda: (now := mlflow_server.run(parent))["status"] == "FINISHED" and now)
    assert run["params"]["rate"] == "0.25"
    assert run["metrics"] == {"Output": 2.0}
    assert run["name"] == "everything"
