"""What the view tells of Kueue's queues and Trainer's runtimes, with the controllers themselves."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
import pytest_asyncio
from tests.cluster.hermetic.paths import ROOT
from tests.cluster.hermetic.waiting import until

from trackside_server.cluster.access import Wish, find
from trackside_server.cluster.api import Api
from trackside_server.cluster.readers import Readers
from trackside_server.cluster.views import ClusterView

KUEUE = "kueue.x-k8s.io/v1beta2"


@pytest.fixture
def controllers(cluster):
    if not hasattr(cluster, "start_controllers"):
        pytest.skip("The controllers of another cluster are its owner's.")
    return cluster.start_controllers


@pytest_asyncio.fixture
async def look(controllers, namespace, monkeypatch):
    """Describe the cluster as the user of the namespace sees it."""
    monkeypatch.setenv("KUBECONFIG", str(namespace.kubeconfig))
    api = Api(find(Wish()))
    readers = Readers(api)

    async def connect():
        return readers

    async def describe(**options):
        return await ClusterView(connect, **options).describe(refresh=True)

    yield describe
    await api.close()


async def in_time(ask, condition):
    """Ask until the answer is as it is to be; give the last one."""
    for _ in range(300):
        answer = await ask()
        if condition(answer):
            break
        await asyncio.sleep(0.1)
    return answer


def create(namespace, *items):
    for item in items:
        namespace.admin("create", "-f", "-", input=json.dumps(item))


def waiting_job(name):
    container = {"name": "main", "image": "none"}
    container["resources"] = {"requests": {"cpu": "1"}, "limits": {"cpu": "1"}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": {"kueue.x-k8s.io/queue-name": "line"}},
        "spec": {
            "suspend": True,
            "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
        },
    }


@pytest.mark.asyncio
async def test_queues_are_shown_with_the_place_of_our_first_job(
    controllers, namespace, look, cluster
) -> None:
    controllers("kueue")
    named = {"name": namespace.name}
    nothing = {"name": namespace.name, "resources": [{"name": "cpu", "nominalQuota": 0}]}
    create(
        namespace,
        {"apiVersion": KUEUE, "kind": "ResourceFlavor", "metadata": named},
        {
            "apiVersion": KUEUE,
            "kind": "ClusterQueue",
            "metadata": named,
            "spec": {
                "namespaceSelector": {},
                "resourceGroups": [{"coveredResources": ["cpu"], "flavors": [nothing]}],
            },
        },
        {
            "apiVersion": KUEUE,
            "kind": "LocalQueue",
            "metadata": {"name": "line"},
            "spec": {"clusterQueue": namespace.name},
        },
    )
    try:
        create(namespace, waiting_job("theirs"))
        await in_time(look, lambda answer: answer["queues"][0]["pending"] == 1)
        # Kueue tells by the second who came first.
        came = int(time.time())
        until(lambda: int(time.time()) > came, "the next second")
        create(namespace, waiting_job("ours"))
        answer = await in_time(
            lambda: look(waiting=lambda: {"ours"}),
            lambda answer: answer["queues"][0]["place"] and answer["queues"][0]["pending"] == 2,
        )
        queue = {"name": "line", "cluster_queue": namespace.name, "pending": 2, "admitted": 0}
        assert answer["queues"] == [queue | {"stopped": False, "place": 2}]
        assert answer["features"]["kueue"]
        assert "Role" not in {item["kind"] for item in answer["missing"]}

        hold = json.dumps({"spec": {"stopPolicy": "Hold"}})
        namespace.admin("patch", "localqueue", "line", "--type=merge", "-p", hold)
        assert (await look())["queues"][0]["stopped"]

        without = json.dumps([{"op": "replace", "path": "/rules", "value": []}])
        namespace.admin("patch", "role", "trackside", "--type=json", "-p", without)
        # The API server itself learns of it a moment later.
        answer = await in_time(look, lambda answer: answer["queues"] == [])
        assert answer["queues"] == []
        assert any("queues of Kueue" in item["what"] for item in answer["missing"])
    finally:
        namespace.admin("delete", "jobs,localqueues", "--all")
        cluster.kubectl("delete", "clusterqueue,resourceflavor", namespace.name)


@pytest.mark.asyncio
async def test_runtimes_are_shown_that_name_their_framework(
    controllers, namespace, look, cluster
) -> None:
    controllers("trainer")
    shared = json.loads(
        cluster.kubectl("get", "clustertrainingruntime", "torch-distributed", "-o", "json")
    )
    framework = {"trainer.kubeflow.org/framework": "torch"}
    for name, labels in (
        ("mine", framework),
        ("old", framework | {"trainer.kubeflow.org/support": "deprecated"}),
        ("part", {}),
    ):
        runtime = {
            "apiVersion": shared["apiVersion"],
            "kind": "TrainingRuntime",
            "metadata": {"name": name, "labels": labels},
            "spec": shared["spec"] | {"mlPolicy": {"numNodes": 2, "torch": {}}},
        }
        create(namespace, runtime)
    binding = f"{namespace.name}-capacity"
    cluster.kubectl("apply", "-f", str(ROOT / "deploy" / "capacity-clusterrole.yaml"))
    cluster.kubectl(
        "create",
        "clusterrolebinding",
        binding,
        "--clusterrole=trackside-capacity",
        f"--serviceaccount={namespace.name}:notebook",
    )
    try:
        answer = await in_time(look, lambda answer: answer["missing"] == [])
    finally:
        cluster.kubectl("delete", "clusterrolebinding", binding)
    own = {"name": "mine", "kind": "TrainingRuntime", "framework": "torch", "nodes": 2}
    assert answer["runtimes"][0] == own
    assert [item["name"] for item in answer["runtimes"][1:]] == ["torch-distributed"]
    assert answer["missing"] == []
    assert answer["features"]["trainer"]
    assert answer["features"]["jobset"]
