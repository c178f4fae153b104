"""The log of a task is read from its pod, where the cluster is known and lets one do so."""

from __future__ import annotations

import json

import pytest

from trackside_server.pipelines.entities import task_id_of

from .recorder import Recorder

PODS = "/api/v1/namespaces/kubeflow/pods"
TRAIN = "exit-handler-1/for-loop-3[2]/condition-4/train"
NODE = (
    "night-shift-x7k2p.root.exit-handler-1.for-loop-3.iteration-iterations(2:2).iteration-item"
    ".condition-4.train.executor(2)"
)


@pytest.fixture
def kfp(recorded):
    run, version = recorded("run_of_kfp2"), recorded("version")
    path = f"/pipelines/{version['pipeline_id']}/versions/{version['pipeline_version_id']}"
    server = Recorder({f"GET /runs/{run['run_id']}": (200, run), f"GET {path}": (200, version)})
    yield server.start()
    server.stop()


@pytest.fixture
def cluster():
    server = Recorder(token="cluster-token").start()
    yield server
    server.stop()


@pytest.fixture
def trackside_config(trackside_config, kfp, cluster, tmp_path, monkeypatch):
    entry = {"name": "one"}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{**entry, "cluster": {"server": cluster.uri}}],
        "users": [{**entry, "user": {"token": cluster.token}}],
        "contexts": [{**entry, "context": {"cluster": "one", "user": "one"}}],
    }
    file = tmp_path / "kubeconfig"
    file.write_text(json.dumps(config))
    monkeypatch.setenv("KUBECONFIG", str(file))
    return {**trackside_config, "kfp_host": kfp.uri}


async def test_a_log_is_that_of_the_pod_of_the_last_attempt(trackside_fetch, cluster, recorded):
    run_id = recorded("run_of_kfp2")["run_id"]
    path = f"kfp/apis/v2beta1/runs/{run_id}/tasks/{task_id_of(run_id, TRAIN)}/log"

    async def log(status):
        answer = await trackside_fetch("GET", path)
        assert answer.status == status, answer.text
        return answer.text if status == 200 else answer.json["message"]

    cluster.answers[f"GET {PODS}"] = (403, {"kind": "Status", "reason": "Forbidden"})
    assert "pods in the namespace kubeflow" in await log(424)
    cluster.answers[f"GET {PODS}"] = (200, {"items": []})
    assert "is gone" in await log(404)
    assert cluster.last(PODS).query["labelSelector"] == f"pipeline/runid={run_id}"
    pods = [
        {"metadata": {"name": f"p{n}", "annotations": {"workflows.argoproj.io/node-name": name}}}
        for n, name in enumerate((NODE.replace("(2)", "(1)"), NODE))
    ]
    cluster.answers[f"GET {PODS}"] = (200, {"items": [{}, *pods]})
    cluster.answers[f"GET {PODS}/p1/log"] = (200, "loss=0.5\n<b>\n")
    assert await log(200) == "loss=0.5\n<b>\n"
    assert cluster.last(f"{PODS}/p1/log").query["container"] == "main"
    # Of lines that are too long for all of them to be given, the last ones are.
    some = [(200, "x" * 4 * 2**20), (200, "the end\n")]
    cluster.answers[f"GET {PODS}/p1/log"] = some
    assert await log(200) == "the end\n"
    assert cluster.last(f"{PODS}/p1/log").query["tailLines"] == "1000"
    cluster.answers[f"GET {PODS}/p1/log"] = (400, {"kind": "Status", "message": "is waiting"})
    assert "printed nothing yet" in await log(404)
