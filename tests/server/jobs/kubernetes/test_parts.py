"""What is asked for on top of a pod is added to it, and takes nothing away."""

from __future__ import annotations

import copy

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.jobs.podparts import PodParts
from trackside_server.jobs.runners.kubernetes.manifests.parts import with_parts

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
TEMPLATE = {
    "metadata": {"labels": {"trackside.dev/job-id": "1"}, "annotations": {}},
    "spec": {
        "containers": [
            {
                "name": "main",
                "image": "busybox",
                "imagePullPolicy": "IfNotPresent",
                "env": [{"name": "MODE", "value": "a"}],
                "volumeMounts": [{"name": "trackside-home", "mountPath": "/trackside"}],
            }
        ],
        "initContainers": [{"name": "trackside-files", "image": "python"}],
        "volumes": [{"name": "trackside-home", "emptyDir": {}}],
        "nodeSelector": {"zone": "a"},
        "tolerations": [{"key": "gpu", "operator": "Exists"}],
        "imagePullSecrets": [{"name": "registry"}],
    },
}


def expression(key):
    return {"key": key, "operator": "Exists"}


def required(*terms):
    return {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": list(terms)}}}


def test_nothing_asked_for_changes_nothing():
    assert with_parts(TEMPLATE, PodParts(), "main") == TEMPLATE


def test_everything_that_is_asked_for_is_added():
    before = copy.deepcopy(TEMPLATE)
    made = with_parts(
        TEMPLATE,
        PodParts(
            env=[{"name": "MODE", "value": "b"}],
            volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
            mounts=[{"name": "data", "mountPath": "/data"}],
            init_containers=[{"name": "first", "image": "busybox"}],
            security={"runAsUser": 1},
            pull_policy="Always",
            pull_secrets=[{"name": "registry"}, {"name": "mirror"}],
            node_selector={"disk": "ssd"},
            tolerations=[{"key": "old"}],
            affinity=required({"matchExpressions": [expression("a")]}),
            labels={"trackside.dev/job-id": "2", "team": "a"},
            annotations={"note": "n"},
        ),
        "main",
    )
    assert before == TEMPLATE
    assert made == {
        # By its own labels a job is found again.
        "metadata": {
            "labels": {"trackside.dev/job-id": "1", "team": "a"},
            "annotations": {"note": "n"},
        },
        "spec": {
            "containers": [
                {
                    "name": "main",
                    "image": "busybox",
                    "imagePullPolicy": "Always",
                    "env": [{"name": "MODE", "value": "a"}, {"name": "MODE", "value": "b"}],
                    "volumeMounts": [
                        {"name": "trackside-home", "mountPath": "/trackside"},
                        {"name": "data", "mountPath": "/data"},
                    ],
                    "securityContext": {"runAsUser": 1},
                }
            ],
            "initContainers": [
                {"name": "trackside-files", "image": "python"},
                {"name": "first", "image": "busybox"},
            ],
            "volumes": [
                {"name": "trackside-home", "emptyDir": {}},
                {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
            ],
            "nodeSelector": {"zone": "a", "disk": "ssd"},
            "tolerations": [{"key": "gpu", "operator": "Exists"}, {"key": "old"}],
            "imagePullSecrets": [{"name": "registry"}, {"name": "mirror"}],
            "affinity": required({"matchExpressions": [expression("a")]}),
        },
    }


def test_a_node_has_to_fit_what_both_ask_for():
    template = copy.deepcopy(TEMPLATE)
    template["spec"]["affinity"] = required(
        {"matchExpressions": [expression("a")]}, {"matchExpressions": [expression("b")]}
    )
    asked = required({"matchExpressions": [expression("c")], "matchFields": [expression("d")]})
    asked["nodeAffinity"][PREFERRED] = [{"weight": 1, "preference": {}}]
    asked["podAffinity"] = {REQUIRED: [{"topologyKey": "zone"}]}
    affinity = with_parts(template, PodParts(affinity=asked), "main")["spec"]["affinity"]
    both = [
        {
            "matchExpressions": [expression(one), expression("c")],
            "matchFields": [expression("d")],
        }
        for one in ("a", "b")
    ]
    assert affinity == {
        "nodeAffinity": {
            REQUIRED: {"nodeSelectorTerms": both},
            PREFERRED: [{"weight": 1, "preference": {}}],
        },
        "podAffinity": {REQUIRED: [{"topologyKey": "zone"}]},
    }


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            PodParts(mounts=[{"name": "a", "mountPath": "/trackside/"}]),
            "Two things are mounted at /trackside/.",
        ),
        (
            PodParts(mounts=[{"name": a, "mountPath": "/data"} for a in "ab"]),
            "Two things are mounted at /data.",
        ),
        (
            PodParts(init_containers=[{"name": "main"}]),
            "The name main is taken by Trackside in the pod of a task.",
        ),
        (
            PodParts(volumes=[{"name": "trackside-home"}]),
            "The name trackside-home is taken by Trackside in the pod of a task.",
        ),
    ],
)
def test_what_is_taken_is_refused_by_name(parts, message):
    with pytest.raises(InvalidInput, match=message):
        with_parts(TEMPLATE, parts, "main")
