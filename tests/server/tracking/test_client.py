"""The stock MLflow client, unchanged, below a URL prefix and with a token."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import V2

CLIENTS = Path(__file__).parent / "clients"


@pytest.fixture
def server(jupyter_process):
    return jupyter_process(base_url="/hub/user/me%40home/")


@pytest.fixture
def run_client(server, tmp_path):
    """Run a script that knows the server by two environment variables only."""

    def run(name, *arguments, token=None, **env):
        known = {
            "MLFLOW_TRACKING_URI": server.trackside_url,
            "MLFLOW_TRACKING_TOKEN": token or server.token,
        }
        done = subprocess.run(
            [sys.executable, "-W", "ignore", CLIENTS / f"{name}.py", *arguments],
            env={**server.environment(), **known, **env},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-5000:]
        # The client repeats a 5xx for four minutes: a single one is a frozen notebook.
        assert not re.findall(r"\] 5\d\d .*", server.log)
        return json.loads(done.stdout[done.stdout.index("{") :].splitlines()[-1]), done.stderr

    return run


@pytest.mark.timeout(240)
def test_autologging_of_a_real_fit_lands_here_and_comes_back(run_client):
    seen, _ = run_client("autolog")
    assert seen["status"] == "FINISHED"
    assert seen["metrics"]["training_score"] > 0.95
    assert seen["params"]["C"] == "0.1"
    assert seen["params"]["max_iter"] == "200"
    assert seen["tags"]["estimator_name"] == "LogisticRegression"
    assert seen["datasets"]
    assert len(seen["outputs"]) == 2
    assert set(seen["outputs"]) == set(seen["models"])
    assert set(seen["statuses"]) == {"READY"}
    assert seen["loaded"] == [seen["accuracy"]] * 2
    assert len(seen["found"]) == 1
    # Nothing waits: neither a call nor all of them together.
    assert seen["requests"] > 30
    assert seen["slowest"] < 3, seen
    assert seen["spent"] < 15, seen


@pytest.mark.timeout(240)
def test_everything_that_the_client_writes_it_reads_back(run_client):
    seen, _ = run_client("roundtrip")
    assert seen["experiment"] == {"team": "a b", "note": "ü" * 100}
    assert seen["nobody"] is None
    assert seen["experiments"] == ["shapes"]
    assert seen["run"] == {
        "name": "outer",
        "status": "FINISHED",
        "ended": True,
        "metrics": {"a": 1, "b": 2.5, "strange": 1.7976931348623157e308},
        "params": 250,
        "tags": {"kind": "changed", "x/y": "1", "mlflow.runName": "outer"},
    }
    assert seen["history"] == [True] * 20
    assert seen["strange"] == ["nan", "1.7976931348623157e+308"]
    assert seen["children"] == ["inner1", "inner2"]
    assert seen["pages"] == [3, 1]
    assert seen["listed"] == ["folder", "notes", "tree"]
    assert seen["listed below"] == [["tree/empty", False, None], ["tree/sub", True, None]]
    assert seen["downloaded"] == [
        "folder/data.json",
        "notes/grün ü.txt",
        "tree/empty",
        "tree/sub/large.bin",
    ]
    assert seen["large"]
    assert seen["text"] == "grün"
    assert seen["dict"] == {"deep": [1, 2]}
    assert seen["batched"] == 1500
    assert seen["updated"] == ["FAILED", "renamed", False, 1.0]
    assert seen["deleted"] == 1
    assert seen["gone"] == "deleted"
    assert seen["back"] == 4
    code, message = seen["refused"]
    assert code == "INVALID_PARAMETER_VALUE"
    assert "never change" in message


@pytest.mark.timeout(240)
def test_a_script_in_a_job_logs_to_its_own_run_and_to_no_other(server, run_client):
    def created(experiment_id):
        body = {"experiment_id": experiment_id}
        answer = server.request("POST", f"trackside/{V2}runs/create", body)
        return answer.json["run"]["info"]["run_id"]

    own, foreign = created("0"), created("0")
    token = _job_token(server, own)
    seen, _ = run_client("job", foreign, token=token, MLFLOW_RUN_ID=own, MLFLOW_EXPERIMENT_ID="0")
    assert seen["run"] == seen["parent"] == own
    assert "training_score" in seen["metrics"]
    assert seen["text"] == "hello"
    for what in ("read", "write", "files", "set_experiment"):
        assert "PERMISSION_DENIED" in seen[what] or "403" in seen[what], what
    assert "Leave out mlflow.set_experiment" in seen["set_experiment"]


@pytest.mark.timeout(240)
def test_traced_code_runs_on_at_once_and_one_line_says_that_traces_are_not_kept(run_client):
    seen, stderr = run_client("tracing")
    assert seen["result"] == [1, 3, 5, 7, 9]
    assert seen["seconds"] < 10
    assert "ENDPOINT_NOT_FOUND" in stderr
    assert "Traceback" not in stderr


def _job_token(server, run_id):
    """Issue a token as the server does; it reads the store at each request."""
    import asyncio
    import logging

    from trackside_server.identity import Tokens
    from trackside_server.store import Store

    store = Store(server.root, logging.getLogger("test"))
    store.open()
    try:
        return asyncio.run(Tokens(store).issue("job", run_id, "0"))
    finally:
        store.close()
