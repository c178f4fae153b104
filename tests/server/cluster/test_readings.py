"""What Kueue, Trainer and the pod of the notebook say, in the forms of their versions."""

from __future__ import annotations

import pytest

from trackside_server.cluster.discovery import DRA, KUEUE, Served, read_groups
from trackside_server.cluster.notebook import own_pod, read_pod
from trackside_server.cluster.queues import read_queue, read_waiting
from trackside_server.cluster.runtimes import read_runtime


@pytest.mark.parametrize("usage", ["flavorsUsage", "flavorUsage"])
def test_a_queue_is_read(usage) -> None:
    queue = read_queue(
        {
            "metadata": {"name": "team-a"},
            "spec": {"clusterQueue": "gpus", "stopPolicy": "Hold"},
            "status": {
                "pendingWorkloads": 3,
                "admittedWorkloads": 2,
                usage: [{"name": "a100", "resources": [{"name": "cpu", "total": "500m"}]}],
            },
        }
    )
    assert (queue.name, queue.cluster_queue, queue.pending, queue.admitted) == (
        "team-a",
        "gpus",
        3,
        2,
    )
    assert queue.stopped
    assert queue.usage == {"a100": {"cpu": 0.5}}
    assert not read_queue({"metadata": {"name": "new"}, "spec": {"clusterQueue": "c"}}).stopped


def test_places_in_line_begin_with_one() -> None:
    waiting = read_waiting(
        {
            "metadata": {"name": "w", "ownerReferences": [{"name": "job-a", "uid": "u-1"}]},
            "positionInLocalQueue": 0,
            "positionInClusterQueue": 4,
        }
    )
    assert (waiting.place, waiting.place_of_all) == (1, 5)
    assert waiting.owners == {"job-a", "u-1"}


def test_a_runtime_is_read() -> None:
    labels = {
        "trainer.kubeflow.org/framework": "torch",
        "trainer.kubeflow.org/support": "deprecated",
    }
    runtime = read_runtime(
        {
            "metadata": {"name": "torch-distributed", "labels": labels},
            "spec": {"mlPolicy": {"numNodes": 2}},
        },
        "TrainingRuntime",
    )
    assert (runtime.framework, runtime.nodes, runtime.deprecated) == ("torch", 2, True)


def test_what_is_served_is_found_in_the_preferred_version() -> None:
    def group(name, preferred, *versions):
        return {
            "name": name,
            "preferredVersion": {"version": preferred},
            "versions": [{"version": version} for version in versions],
        }

    groups = read_groups(
        {
            "groups": [
                group(KUEUE, "v1beta1", "v1beta2", "v1beta1"),
                group(DRA, "v1alpha3", "v1alpha3", "v1beta1"),
            ]
        }
    )
    served = Served("v1.34.1", groups)
    assert served.path(KUEUE) == "/apis/kueue.x-k8s.io/v1beta1"
    assert served.path(DRA) == "/apis/resource.k8s.io/v1beta1"
    assert served.features() == {"trainer": False, "kueue": True, "jobset": False, "dra": True}


@pytest.mark.parametrize(
    ("labels", "names", "image"),
    [
        ({"notebook-name": "nb"}, ["istio-proxy", "nb"], "nb"),
        ({}, ["sidecar", "notebook"], "notebook"),
        ({}, ["only"], "only"),
    ],
)
def test_the_server_is_found_among_the_containers_of_its_pod(labels, names, image) -> None:
    pod = {
        "metadata": {"name": "nb-0", "labels": labels},
        "spec": {
            "nodeName": "a",
            "containers": [{"name": name, "image": name} for name in names],
        },
    }
    found = read_pod(pod)
    assert (found.pod, found.image, found.node) == ("nb-0", image, "a")


def test_the_own_pod_is_known_in_a_pod_only(monkeypatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.delenv("POD_NAME", raising=False)
    monkeypatch.setenv("HOSTNAME", "nb-0")
    assert own_pod() is None
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert own_pod() == "nb-0"
