"""Each setting of kfp-kubernetes, by its real decorator, as the whole of what the pod gets."""

from __future__ import annotations

import pytest
from tests.server.pipelines.compiled import SAMPLES, compiled

from trackside_server.jobs.podparts import PodParts
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.platform.applying import pod_parts
from trackside_server.pipelines.platform.settings import (
    EmptyFolder,
    InitContainer,
    PodTerm,
    Requirement,
    Settings,
)

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def of(source, name, key, *, optional=False):
    return {"valueFrom": {source: {"name": name, "key": key, "optional": optional}}}


CASES = {
    "secret env": {
        "env": [
            {"name": "USER_NAME", **of("secretKeyRef", "login", "user")},
            {"name": "PASSWORD", **of("secretKeyRef", "login", "password")},
            {"name": "TOKEN", **of("secretKeyRef", "more", "token", optional=True)},
        ]
    },
    "secret files": {
        "volumes": [
            {"name": "login", "secret": {"secretName": "login", "optional": False}},
            # A volume's name has no dots.
            {
                "name": "v-more-of-it-67bccc20",
                "secret": {"secretName": "more.of.it", "optional": True},
            },
        ],
        "mounts": [
            {"name": "login", "mountPath": "/etc/login"},
            {"name": "v-more-of-it-67bccc20", "mountPath": "/etc/more"},
        ],
    },
    "config maps": {
        "env": [{"name": "MODE", **of("configMapKeyRef", "modes", "mode")}],
        "volumes": [{"name": "modes", "configMap": {"name": "modes", "optional": True}}],
        "mounts": [{"name": "modes", "mountPath": "/etc/modes"}],
    },
    "claims": {
        # One volume for both mounts of a claim; a Secret of the same name is another one.
        "volumes": [
            {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
            {"name": "login", "persistentVolumeClaim": {"claimName": "login"}},
            {"name": "v-login-749d1ea5", "secret": {"secretName": "login", "optional": False}},
        ],
        "mounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "data", "mountPath": "/part", "subPath": "a/part"},
            {"name": "login", "mountPath": "/other"},
            {"name": "v-login-749d1ea5", "mountPath": "/etc/login"},
        ],
    },
    "node selector": {"node_selector": {"disk": "ssd", "zone": "a"}},
    "tolerations": {
        "tolerations": [
            {"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},
            {"key": "old", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30},
            {"key": "a", "operator": "Exists"},
        ]
    },
    "node affinity": {
        "affinity": {
            "nodeAffinity": {
                REQUIRED: {
                    "nodeSelectorTerms": [
                        {
                            "matchExpressions": [
                                {"key": "disk", "operator": "In", "values": ["ssd", "nvme"]}
                            ],
                            "matchFields": [
                                {"key": "metadata.name", "operator": "NotIn", "values": ["n1"]}
                            ],
                        }
                    ]
                },
                PREFERRED: [
                    {
                        "weight": 5,
                        "preference": {"matchExpressions": [{"key": "fast", "operator": "Exists"}]},
                    }
                ],
            }
        }
    },
    "metadata": {"labels": {"team": "a"}, "annotations": {"note": "by hand"}},
    "fields": {"env": [{"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
    "image": {
        "pull_policy": "Always",
        "pull_secrets": [{"name": "registry"}, {"name": "mirror"}],
    },
    # That of the job itself.
    "time-out": {},
    "empty folders": {
        # What Trackside calls its own volumes is not taken from it.
        "volumes": [
            {"name": "scratch", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}},
            {"name": "v-trackside-home-e43a639c", "emptyDir": {}},
        ],
        "mounts": [
            {"name": "scratch", "mountPath": "/scratch"},
            {"name": "v-trackside-home-e43a639c", "mountPath": "/mine"},
        ],
    },
    "ephemeral": {
        "volumes": [
            {
                "name": "big",
                "ephemeral": {
                    "volumeClaimTemplate": {
                        "metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}},
                        "spec": {
                            "accessModes": ["ReadWriteOnce"],
                            "resources": {"requests": {"storage": "5Gi"}},
                        },
                    }
                },
            },
            {
                "name": "fast",
                "ephemeral": {
                    "volumeClaimTemplate": {
                        "spec": {
                            "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
                            "resources": {"requests": {"storage": "1Gi"}},
                            "storageClassName": "ssd",
                        }
                    }
                },
            },
        ],
        "mounts": [{"name": "big", "mountPath": "/big"}, {"name": "fast", "mountPath": "/fast"}],
    },
    "identity": {
        "security": {
            "runAsUser": 1000,
            "runAsGroup": 0,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
        }
    },
}


@pytest.fixture(scope="module")
def fixed():
    """The settings of each task of the pipeline, by the text that it echoes."""
    pipeline = load(compiled(SAMPLES / "settings.py")["fixed"].encode())
    return {
        task.parameters["text"].source.value: pipeline.kubernetes[
            pipeline.components[task.component].executor
        ]
        for task in pipeline.root.dag.tasks.values()
    }


@pytest.mark.parametrize("name", CASES)
def test_what_a_decorator_says_is_all_that_the_pod_gets(fixed, name):
    assert pod_parts(fixed[name]) == PodParts(**CASES[name])


def test_each_decorator_is_a_case(fixed):
    assert fixed.keys() == CASES.keys()
    assert fixed["time-out"].time_limit == 90
    assert all(settings.unknown == () for settings in fixed.values())


def test_shared_memory_is_a_mount_of_the_wished_size():
    assert pod_parts(Settings(shared_memory="2Gi")) == PodParts(
        volumes=[{"name": "dev-shm", "emptyDir": {"medium": "Memory", "sizeLimit": "2Gi"}}],
        mounts=[{"name": "dev-shm", "mountPath": "/dev/shm"}],
    )


def test_init_containers_see_volumes_by_the_names_that_their_author_knows():
    first = InitContainer(
        "first",
        "busybox",
        ("sh", "-c"),
        ("true",),
        (("MODE", "fast"),),
        (("more.of.it", "/there"), ("scratch", "/scratch")),
        requests={"cpu": "100m"},
    )
    settings = Settings(
        empty_folders=(EmptyFolder("scratch", "/s"), EmptyFolder("more.of.it", "/m")),
        init_containers=(first, InitContainer("beside", "busybox", sidecar=True)),
    )
    named = pod_parts(settings).volumes[1]["name"]
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert pod_parts(settings).init_containers == [
        {
            "name": "first",
            "image": "busybox",
            "command": ["sh", "-c"],
            "args": ["true"],
            "env": [{"name": "MODE", "value": "fast"}],
            "volumeMounts": [
                {"name": named, "mountPath": "/there"},
                {"name": "scratch", "mountPath": "/scratch"},
            ],
            "resources": {"requests": {"cpu": "100m"}},
            "securityContext": security,
        },
        {
            "name": "beside",
            "image": "busybox",
            "restartPolicy": "Always",
            "securityContext": security,
        },
    ]


def test_pods_are_beside_or_away_from_others():
    settings = Settings(
        pod_affinity=(
            PodTerm("zone", (Requirement("app", "Exists"),), namespaces=("team-a",)),
            PodTerm("host", labels={"app": "db"}, namespace_labels={"t": "a"}, weight=3, away=True),
        )
    )
    assert pod_parts(settings).affinity == {
        "podAffinity": {
            REQUIRED: [
                {
                    "topologyKey": "zone",
                    "labelSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]},
                    "namespaces": ["team-a"],
                }
            ]
        },
        "podAntiAffinity": {
            PREFERRED: [
                {
                    "weight": 3,
                    "podAffinityTerm": {
                        "topologyKey": "host",
                        "labelSelector": {"matchLabels": {"app": "db"}},
                        "namespaceSelector": {"matchLabels": {"t": "a"}},
                    },
                }
            ]
        },
    }
