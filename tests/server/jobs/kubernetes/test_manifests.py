"""The manifests of a job, whole, from what was asked for and what the notebook has."""

from __future__ import annotations

import base64
import json

import pytest

from trackside_server.cluster.gpus import Resolved
from trackside_server.jobs.runners.kubernetes.building import Ingredients, build
from trackside_server.jobs.runners.kubernetes.delivery import Delivery
from trackside_server.jobs.runners.kubernetes.names import SPEC
from trackside_server.jobs.runners.kubernetes.surroundings import Surroundings, Volume

from .made import job

IMAGE = "registry.example/team/train:1"
NAME = "digits-7-0123456789-1"
PIECES = Delivery("pieces", ({"launch.json": b"{}", "start.py": b""}, {"piece-0001": b"x"}))
LABELS = {
    "app.kubernetes.io/managed-by": "trackside",
    "app.kubernetes.io/name": "trackside-job",
    "trackside.dev/attempt": "1",
    "trackside.dev/job-id": "0123456789abcdef",
    "trackside.dev/run-id": "f" * 32,
    "trackside.dev/user": "ana-example.org",
}
REMARKS = {
    "trackside.dev/name": "digits-7",
    "trackside.dev/experiment": "digits",
    "trackside.dev/source": "train.py",
}
ALONE = {"sidecar.istio.io/inject": "false"}


def made(of=None, home=None, **more):
    """Build the manifests of a job."""
    delivery = None if of is not None and of.spec.kind == "command" else PIECES
    values = {"delivery": delivery, "image": IMAGE, **more}
    return build(Ingredients("team-a", of or job(), home=home or Surroundings(), **values))


def container(found):
    (only,) = found.main["spec"]["template"]["spec"]["containers"]
    return only


def test_a_plain_job_needs_nothing_that_not_every_cluster_has() -> None:
    found = made()
    assert found.path == "/apis/batch/v1/namespaces/team-a/jobs"
    annotations = found.main["metadata"].pop("annotations")
    assert json.loads(annotations.pop(SPEC))["bundle"] == "b" * 64
    assert annotations == REMARKS
    assert found.main == {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": NAME, "namespace": "team-a", "labels": LABELS},
        "spec": {
            "parallelism": 1,
            "completions": 1,
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": 604800,
            "podFailurePolicy": {
                "rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]
            },
            "template": {
                "metadata": {"labels": LABELS | ALONE, "annotations": REMARKS | ALONE},
                "spec": {
                    "restartPolicy": "Never",
                    "enableServiceLinks": False,
                    "terminationGracePeriodSeconds": 10,
                    "containers": [
                        {
                            "name": "trackside",
                            "image": IMAGE,
                            "imagePullPolicy": "IfNotPresent",
                            "command": ["python3", "-u", "/etc/trackside/start.py"],
                            "env": [{"name": "PYTHONUNBUFFERED", "value": "1"}],
                            "resources": {},
                            "volumeMounts": [
                                {"name": "trackside-home", "mountPath": "/trackside"},
                                {
                                    "name": "trackside-code",
                                    "mountPath": "/etc/trackside",
                                    "readOnly": True,
                                },
                            ],
                            "terminationMessagePolicy": "FallbackToLogsOnError",
                        }
                    ],
                    "volumes": [
                        {"name": "trackside-home", "emptyDir": {}},
                        {
                            "name": "trackside-code",
                            "projected": {
                                "sources": [
                                    {"configMap": {"name": f"{NAME}-code-0"}},
                                    {"configMap": {"name": f"{NAME}-code-1"}},
                                ],
                                "defaultMode": 0o444,
                            },
                        },
                    ],
                },
            },
        },
    }


def test_code_travels_in_objects_that_nobody_changes() -> None:
    (first, _), (second, _) = [
        (manifest, path) for path, manifest in made().support if path.endswith("/configmaps")
    ]
    assert first == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"{NAME}-code-0", "namespace": "team-a", "labels": LABELS},
        "immutable": True,
        "binaryData": {"launch.json": "e30=", "start.py": ""},
    }
    assert second["binaryData"] == {"piece-0001": "eA=="}


def test_where_no_configmap_may_be_made_code_travels_in_secrets() -> None:
    found = made(code_kind="Secret")
    assert [path.rpartition("/")[2] for path, _ in found.support] == ["secrets", "secrets"]
    volumes = found.main["spec"]["template"]["spec"]["volumes"]
    sources = volumes[1]["projected"]["sources"]
    assert sources[0] == {"secret": {"name": f"{NAME}-code-0"}}


def test_secrets_and_token_are_in_one_secret_and_nowhere_else() -> None:
    found = made(variables={"TRACKSIDE_TOKEN": "tsj_1234567890", "API_KEY": "sk-secret"})
    path, secret = found.support[0]
    assert path == "/api/v1/namespaces/team-a/secrets"
    assert secret["metadata"]["name"] == f"{NAME}-env"
    kept = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
    assert kept == {"TRACKSIDE_TOKEN": "tsj_1234567890", "API_KEY": "sk-secret"}
    assert container(found)["envFrom"] == [{"secretRef": {"name": f"{NAME}-env"}}]
    others = json.dumps([found.main, *(manifest for _, manifest in found.support[1:])])
    for value in ("tsj_1234567890", "sk-secret", *secret["data"].values()):
        assert value not in others
        # And people see what is made without what is secret.
        assert value not in json.dumps(found.shown)


def test_env_of_the_job_goes_before_that_of_the_notebook() -> None:
    kept = {"name": "KEPT", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    home = Surroundings(
        env=({"name": "A", "value": "home"}, {"name": "TOKEN", "value": "home"}, kept),
        env_from=({"configMapRef": {"name": "flags"}},),
    )
    found = made(job(env={"A": "job"}), home, variables={"TOKEN": "job"})
    assert container(found)["env"] == [
        kept,
        {"name": "A", "value": "job"},
        {"name": "PYTHONUNBUFFERED", "value": "1"},
    ]
    own = {"secretRef": {"name": f"{NAME}-env"}}
    assert container(found)["envFrom"] == [{"configMapRef": {"name": "flags"}}, own]


def test_a_job_has_what_the_pod_of_the_notebook_has() -> None:
    home = Surroundings(
        volumes=({"name": "data", "persistentVolumeClaim": {"claimName": "data"}},),
        mounts=(
            {"name": "data", "mountPath": "/data", "subPath": "team"},
            # Ours is there already.
            {"name": "data", "mountPath": "/dev/shm"},
        ),
        left=(Volume("own", "my-files", ("ReadWriteOnce",), ("/home/me", "/tmp/me")),),
        tolerations=({"key": "gpu", "operator": "Exists"},),
        node_selector={"pool": "notebooks"},
        pull_secrets=({"name": "registry"},),
        service_account="editor",
        security={"fsGroup": 100},
        labels={"wants-credentials": "true"},
    )
    asked = job(resources={"gpus": 0, "nodes": 2})
    found = made(asked, home)
    spec = found.main["spec"]["template"]["spec"]
    assert spec["tolerations"] == [{"key": "gpu", "operator": "Exists"}]
    assert spec["nodeSelector"] == {"pool": "notebooks"}
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert spec["serviceAccountName"] == "editor"
    assert spec["securityContext"] == {"fsGroup": 100}
    labels = found.main["spec"]["template"]["metadata"]["labels"]
    assert labels == LABELS | ALONE | {"wants-credentials": "true"}
    mounts = [one for one in container(found)["volumeMounts"] if one["name"] == "data"]
    assert mounts == [{"name": "data", "mountPath": "/data", "subPath": "team"}]
    (sentence,) = found.left
    assert sentence == (
        "The volume my-files is mounted on one node only (ReadWriteOnce), so it stays with the "
        "notebook: a job does not see /home/me, /tmp/me."
    )


def test_gpus_are_named_as_the_cluster_names_them() -> None:
    gpus = Resolved(
        "nvidia.com/gpu",
        2,
        affinity=(("nvidia.com/gpu.product", ("A100", "A100-SXM")),),
        tolerations=({"key": "nvidia.com/gpu", "operator": "Exists"},),
    )
    home = Surroundings(node_selector={"pool": "notebooks"})
    asked = job(resources={"gpus": 2, "gpu": "A100", "cpus": 1.5, "memory": 2**30})
    spec = made(asked, home, gpus=gpus).main["spec"]["template"]["spec"]
    amounts = {"cpu": "1.5", "memory": "1073741824", "nvidia.com/gpu": "2"}
    assert spec["containers"][0]["resources"] == {"requests": amounts, "limits": amounts}
    # Where the notebook runs there may be no GPU.
    assert "nodeSelector" not in spec
    assert spec["tolerations"] == [{"key": "nvidia.com/gpu", "operator": "Exists"}]
    (term,) = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][
        "nodeSelectorTerms"
    ]
    assert term["matchExpressions"] == [
        {"key": "nvidia.com/gpu.product", "operator": "In", "values": ["A100", "A100-SXM"]}
    ]
    assert {"name": "trackside-shm", "emptyDir": {"medium": "Memory"}} in spec["volumes"]


def test_nodes_know_each_other_as_torchrun_wants_it() -> None:
    found = made(job(resources={"gpus": 4, "nodes": 3}), gpus=Resolved("nvidia.com/gpu", 4))
    spec = found.main["spec"]
    counts = (spec["completionMode"], spec["completions"], spec["parallelism"])
    assert counts == ("Indexed", 3, 3)
    env = {one["name"]: one.get("value") for one in container(found)["env"]}
    assert env == {
        "PYTHONUNBUFFERED": "1",
        "PET_NNODES": "3",
        "PET_NPROC_PER_NODE": "4",
        "PET_NODE_RANK": None,
        "PET_MASTER_ADDR": f"{NAME}-0.{NAME}",
        "PET_MASTER_PORT": "29500",
    }
    path, service = found.support[-1]
    assert path == "/api/v1/namespaces/team-a/services"
    assert service["metadata"]["name"] == spec["template"]["spec"]["subdomain"] == NAME
    assert service["spec"] == {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": {"trackside.dev/job-id": "0123456789abcdef", "trackside.dev/attempt": "1"},
    }


def test_a_command_is_the_containers_own_with_its_files_around_it() -> None:
    asked = job(kind="command", arguments=("./train", "--lr", "0.1"))
    items = [{"key": "file-0", "path": "train"}]
    found = made(asked, files=({"file-0": b"#!/bin/sh\n"}, items))
    assert container(found)["command"] == ["./train", "--lr", "0.1"]
    assert container(found)["workingDir"] == "/trackside/work"
    volumes = {one["name"]: one for one in found.main["spec"]["template"]["spec"]["volumes"]}
    assert volumes["trackside-work"]["projected"] == {
        "sources": [{"configMap": {"name": f"{NAME}-files", "items": items}}],
        "defaultMode": 0o555,
    }
    # One without files needs nothing beside it.
    alone = made(asked)
    assert alone.support == ()
    assert "workingDir" not in container(alone)


@pytest.mark.parametrize(("limit", "seconds"), [(0.2, 1), (2.5, 3), (3600.0, 3600)])
def test_a_time_limit_counts_whole_seconds_of_the_pod(limit, seconds) -> None:
    found = made(job(time_limit=limit), grace=0.2)
    spec = found.main["spec"]["template"]["spec"]
    assert spec["activeDeadlineSeconds"] == seconds
    assert spec["terminationGracePeriodSeconds"] == 1
    assert "activeDeadlineSeconds" not in found.main["spec"]


def test_a_queue_is_named_by_the_label_of_kueue() -> None:
    found = made(job(queue="gpus"))
    assert found.main["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "gpus"
    pod = found.main["spec"]["template"]["metadata"]["labels"]
    assert "kueue.x-k8s.io/queue-name" not in pod


def test_another_attempt_is_another_object_and_another_python_is_taken() -> None:
    found = made(job(attempt=3, python="/opt/conda/bin/python"))
    assert found.main["metadata"]["name"] == "digits-7-0123456789-3"
    assert found.main["metadata"]["labels"]["trackside.dev/attempt"] == "3"
    assert container(found)["command"][0] == "/opt/conda/bin/python"


def test_the_same_job_gives_the_same_manifests() -> None:
    asked = job(resources={"nodes": 2}, env={"B": "2", "A": "1"})
    assert made(asked) == made(asked)
