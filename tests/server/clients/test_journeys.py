"""What users do with MLflow, done with its unchanged clients."""

from __future__ import annotations

import asyncio
import logging
import threading

import psutil
import pytest

from trackside_server.identity import Tokens
from trackside_server.store import Store

LARGE = 256 * 1024 * 1024


def test_a_model_is_autologged_registered_promoted_and_loaded_by_each_of_its_names(
    journey, mlflow_client
):
    seen = journey("models")
    assert seen["autologged"] == {
        "status": "FINISHED",
        "C": "0.1",
        "score": pytest.approx(0.97, abs=0.03),
        "estimator": "LogisticRegression",
        "datasets": 1,
    }
    assert seen["grid"] == {"children": 2, "best": "0.1", "scores": [True]}
    assert seen["boosted"]["rounds"] == 3
    assert seen["boosted"]["leaves"] == "4"
    assert seen["boosted"]["score"] > 0.6
    assert seen["searched"]["runs"] == 1
    # Every name leads to the model that was fitted.
    assert set(seen["loaded"].values()) == {seen["expected"]}
    assert len(seen["loaded"]) == 6
    assert seen["flexible"] == seen["expected"] > 0.9
    name = f"digits {mlflow_client.version}"
    assert seen["versions"] == {
        "1": ["Archived", "READY", True],
        "2": ["Production", "READY", True],
    }
    assert seen["registered"] == ["2", {"by": "uri"}, f"{name} copy", "1"]
    assert seen["latest"] == [["Archived", "1"], ["Production", "2"]]
    assert seen["uri"] == "mlflow-artifacts"
    assert seen["model"] == [
        "Reads digits.",
        {"team": "vision"},
        {"champion": "1", "challenger": "2"},
    ]
    assert seen["version"] == ["The better one.", "yes", ["challenger"]]
    assert seen["found"] == [[name, f"{name} copy"], [name]]
    assert seen["champion"] == "1"
    assert seen["renamed"] == f"models:/{name}/1"
    assert seen["next"] == "3"
    assert seen["deleted"] == "RESOURCE_DOES_NOT_EXIST"
    assert seen["no alias"] == "INVALID_PARAMETER_VALUE"
    if "logged" in seen:
        logged = seen["logged"]
        assert logged["names"] == ["again", "model"]
        assert logged["statuses"] == ["READY"]
        assert logged["listed"]
        assert logged["by id"] == seen["expected"]
        assert logged["params"] == "0.1"
        assert logged["all params"] >= 250
        assert "MLmodel" in logged["files"]
        assert logged["left"] == 1


def test_prompts_are_kept_by_version_and_alias_and_apart_from_models(journey, mlflow_client):
    seen = journey("prompts")
    assert seen["versions"] == [1, 2]
    assert seen["loaded"] == "Sum up x in 3 words."
    assert seen["by alias"] == "Sum up {{text}}."
    assert seen["moved"] == 2
    assert seen["tags"]["by"] == "me"
    name = f"ask-{mlflow_client.version.replace('.', '-')}"
    if "found" in seen:
        assert seen["found"] == [name]
        assert seen["latest"] == 2
        assert seen["prompt tags"] == "a"
    assert seen["models"] == [f"model beside {name}"]
    assert seen["model versions"] == 0
    assert seen["taken"] == "RESOURCE_ALREADY_EXISTS"


def test_runs_are_logged_in_the_background_resumed_watched_and_given_large_files(journey, server):
    with _Memory(server.pid) as memory:
        seen = journey("runs", SIZE=str(LARGE))
    assert seen["system"] == ["system/cpu_utilization_percentage"]
    assert seen["async"] == [300, {"lr": "0.1"}, 1.0, "FINISHED"]
    assert seen["resumed"] == [True, "RUNNING"]
    assert seen["ended"] == ["FINISHED", 0.0]
    assert seen["large"]
    assert seen["listed"] == [["files/large.bin", LARGE]]
    assert memory.grown < LARGE / 4


def test_everything_that_the_client_writes_it_reads_back(journey, mlflow_client):
    seen = journey("roundtrip")
    assert seen["experiment"] == {"team": "a b", "note": "ü" * 100}
    assert seen["nobody"] is None
    assert seen["experiments"] == [f"shapes {mlflow_client.version}"]
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


def test_a_script_in_a_job_logs_and_registers_what_is_its_own_and_nothing_else(
    journey, server, mlflow_client
):
    def created():
        path = "trackside/api/2.0/mlflow/runs/create"
        answer = server.request("POST", path, {"experiment_id": "0"})
        return answer.json["run"]["info"]["run_id"]

    own, foreign = created(), created()
    name = f"from a job {mlflow_client.version}"
    seen = journey(
        "job",
        foreign,
        name,
        token=_job_token(server, own),
        MLFLOW_RUN_ID=own,
        MLFLOW_EXPERIMENT_ID="0",
    )
    assert seen["run"] == seen["parent"] == own
    assert "training_score" in seen["metrics"]
    assert seen["text"] == "hello"
    for what in ("read", "write", "files", "alias", "set_experiment"):
        assert "PERMISSION_DENIED" in seen[what] or "403" in seen[what], what
    assert "Leave out mlflow.set_experiment" in seen["set_experiment"]
    path = f"trackside/api/2.0/mlflow/registered-models/get?name={name.replace(' ', '%20')}"
    found = server.request("GET", path).json["registered_model"]
    assert [version["run_id"] for version in found["latest_versions"]] == [own]


def _job_token(server, run_id):
    """Issue a token as the server does; it reads the store at each request."""
    store = Store(server.root, logging.getLogger("test"))
    store.open()
    try:
        return asyncio.run(Tokens(store).issue("job", run_id, "0"))
    finally:
        store.close()


class _Memory:
    """Watches how far a process grows."""

    def __init__(self, pid):
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._first = self._most = self._process.memory_info().rss

    def _watch(self):
        while not self._over.wait(0.05):
            self._most = max(self._most, self._process.memory_info().rss)

    @property
    def grown(self):
        return self._most - self._first

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
