"""What users do with MLflow, done with its unchanged clients."""

from __future__ import annotations

import threading

import psutil
import pytest

LARGE = 256 * 1024 * 1024


@pytest.mark.timeout(240)
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


@pytest.mark.timeout(120)
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


@pytest.mark.timeout(180)
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
