"""TrainJobs in each form that a Trainer takes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.jobs.runners.kubernetes.generations import Generation, generation_of
from trackside_server.jobs.runners.kubernetes.planning import Options, Planner
from trackside_server.jobs.runners.kubernetes.trainjob import PodParts, Runtime, train_job
from trackside_server.structs import replace

from .made import job

KIND = [{"group": "trainer.kubeflow.org", "kind": "TrainJob", "version": "v1alpha1"}]


def obj(**properties):
    return {"type": "object", "properties": properties}


def many(schema):
    return {"type": "array", "items": schema}


def openapi(**spec):
    kind = {**obj(spec=obj(**spec)), "x-kubernetes-group-version-kind": KIND}
    return {"components": {"schemas": {"org.kubeflow.trainer.v1alpha1.TrainJob": kind}}}


LEAF = {"type": "string"}
CONTAINERS = many(obj(name=LEAF, env=many(obj()), volumeMounts=many(obj())))
BASE = {
    "serviceAccountName": LEAF,
    "nodeSelector": obj(),
    "tolerations": many(obj()),
    "volumes": many(obj()),
    "initContainers": CONTAINERS,
    "containers": CONTAINERS,
    "schedulingGates": many(obj()),
}
FIRST = openapi(podSpecOverrides=many(obj(targetJobs=many(obj(name=LEAF)), **BASE)))
SECOND = openapi(
    podTemplateOverrides=many(
        obj(
            targetJobs=many(obj(name=LEAF)),
            metadata=obj(),
            spec=obj(**BASE, affinity=obj(), imagePullSecrets=many(obj())),
        )
    )
)
SAFE = {
    **BASE,
    "containers": many(obj(name=LEAF, env=LEAF, volumeMounts=LEAF, securityContext=obj())),
    "affinity": obj(),
    "imagePullSecrets": many(obj()),
    "securityContext": obj(),
    "terminationGracePeriodSeconds": {"type": "integer"},
}
TEMPLATE = obj(metadata=obj(), spec=obj(**SAFE))
JOBS = many(obj(name=LEAF, template=obj(spec=obj(template=TEMPLATE))))
PATCHES = many(
    obj(manager=LEAF, trainingRuntimeSpec=obj(template=obj(spec=obj(replicatedJobs=JOBS))))
)
THIRD = openapi(runtimePatches=PATCHES, activeDeadlineSeconds={"type": "integer"})

PARTS = PodParts(
    image="registry.example/team/train:1",
    command=("python",),
    args=("-m", "start"),
    env=({"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "token"}}},),
    resources={"limits": {"nvidia.com/gpu": "2", "memory": "16Gi"}},
    volumes=({"name": "shm", "emptyDir": {"medium": "Memory"}},),
    volume_mounts=({"name": "shm", "mountPath": "/dev/shm"},),
    node_selector={"nvidia.com/gpu.product": "A100"},
    tolerations=({"key": "nvidia.com/gpu", "operator": "Exists"},),
    service_account="default-editor",
)
LABELS = {"trackside.dev/job-id": "j1"}
RUNTIME = Runtime("torch-distributed")


def made(document, parts=PARTS, **kwargs):
    options = {"nodes": 2, "procs_per_node": 2, "labels": LABELS, "queue": "team-a", **kwargs}
    return train_job(generation_of(document), "digits-1", RUNTIME, parts, **options)


def with_pods(parts: PodParts, **changes) -> PodParts:
    return replace(parts, **changes)


TRAINER = {
    "numNodes": 2,
    "numProcPerNode": 2,
    "image": "registry.example/team/train:1",
    "command": ["python"],
    "args": ["-m", "start"],
    "env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "token"}}}],
    "resourcesPerNode": {"limits": {"nvidia.com/gpu": "2", "memory": "16Gi"}},
}
POD = {
    "serviceAccountName": "default-editor",
    "nodeSelector": {"nvidia.com/gpu.product": "A100"},
    "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
    "volumes": [{"name": "shm", "emptyDir": {"medium": "Memory"}}],
    "containers": [{"name": "node", "volumeMounts": [{"name": "shm", "mountPath": "/dev/shm"}]}],
}


def whole(**overrides):
    return {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainJob",
        "metadata": {
            "name": "digits-1",
            "labels": {"trackside.dev/job-id": "j1", "kueue.x-k8s.io/queue-name": "team-a"},
        },
        "spec": {
            "runtimeRef": {
                "name": "torch-distributed",
                "apiGroup": "trainer.kubeflow.org",
                "kind": "ClusterTrainingRuntime",
            },
            "trainer": TRAINER,
            **overrides,
        },
    }


def patched(template):
    job = {"name": "node", "template": {"spec": {"template": template}}}
    spec = {"template": {"spec": {"replicatedJobs": [job]}}}
    return [{"manager": "trackside.dev/runner", "trainingRuntimeSpec": spec}]


def test_the_first_form():
    overrides = [{"targetJobs": [{"name": "node"}], **POD}]
    assert made(FIRST) == whole(podSpecOverrides=overrides)


def test_the_second_form():
    parts = with_pods(PARTS, labels=LABELS, image_pull_secrets=("reg",))
    template = {
        "metadata": {"labels": LABELS},
        "spec": {**POD, "imagePullSecrets": [{"name": "reg"}]},
    }
    overrides = [{"targetJobs": [{"name": "node"}], **template}]
    assert made(SECOND, parts) == whole(podTemplateOverrides=overrides)


def test_the_third_form():
    parts = with_pods(
        PARTS,
        labels=LABELS,
        annotations={"sidecar.istio.io/inject": "false"},
        more={"terminationGracePeriodSeconds": 60},
        container={"securityContext": {"runAsNonRoot": True}},
    )
    container = {**POD["containers"][0], "securityContext": {"runAsNonRoot": True}}
    template = {
        "metadata": {"labels": LABELS, "annotations": {"sidecar.istio.io/inject": "false"}},
        "spec": {**POD, "containers": [container], "terminationGracePeriodSeconds": 60},
    }
    found = made(THIRD, parts, time_limit=3600)
    assert found == whole(activeDeadlineSeconds=3600, runtimePatches=patched(template))


@pytest.mark.parametrize("document", [FIRST, SECOND, THIRD])
def test_the_smallest_job_still_tells_its_nodes_and_processes(document):
    found = train_job(generation_of(document), "a", Runtime("mine", "TrainingRuntime"), PodParts())
    assert found == {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainJob",
        "metadata": {"name": "a"},
        "spec": {
            "runtimeRef": {
                "name": "mine",
                "apiGroup": "trainer.kubeflow.org",
                "kind": "TrainingRuntime",
            },
            "trainer": {"numNodes": 1, "numProcPerNode": 1},
        },
    }


def test_with_gpus_the_runtime_chooses_the_processes():
    assert "numProcPerNode" not in made(THIRD, procs_per_node=None)["spec"]["trainer"]


def test_the_newest_form_counts_where_two_are_served():
    spec = "components", "schemas", "org.kubeflow.trainer.v1alpha1.TrainJob", "properties", "spec"
    here, other = THIRD, SECOND
    for key in spec:
        here, other = here[key], other[key]
    both = openapi(**other["properties"], **here["properties"])
    assert generation_of(both).overrides == "runtimePatches"


def test_descriptions_that_refer_to_each_other_are_read():
    document = openapi(
        podTemplateOverrides=many({"allOf": [{"$ref": "#/components/schemas/Override"}]})
    )
    template = obj(metadata=obj(), spec={"$ref": "#/components/schemas/Pod"})
    document["components"]["schemas"].update({"Override": template, "Pod": obj(**BASE)})
    assert generation_of(document) == Generation(
        "podTemplateOverrides",
        frozenset(BASE),
        frozenset({"env", "volumeMounts"}),
        metadata=True,
        deadline=False,
    )


@pytest.mark.parametrize(
    "document",
    [{}, {"components": None}, {"components": {"schemas": {"x": 3}}}, openapi(other=obj())],
)
def test_a_cluster_without_a_known_form_is_told(document):
    with pytest.raises(NotFound, match="serves no TrainJob that Trackside knows"):
        generation_of(document)


@pytest.mark.parametrize(
    ("document", "changes", "said"),
    [
        (FIRST, {"annotations": {"a": "b"}}, "set annotations of its pods"),
        (FIRST, {"image_pull_secrets": ("reg",)}, "set imagePullSecrets of its pods"),
        (FIRST, {"container": {"securityContext": {"a": 1}}}, "set securityContext of its cont"),
        (SECOND, {"more": {"terminationGracePeriodSeconds": 9}}, "set terminationGracePeriodSec"),
        (THIRD, {"more": {"runtimeClassName": "nvidia"}}, "set runtimeClassName of its pods"),
        (THIRD, {"more": {"hostNetwork": True}}, "set hostNetwork of its pods"),
        (THIRD, {"more": {"resourceClaims": [{"name": "gpu"}]}}, "set resourceClaims of its pods"),
        (THIRD, {"more": {"priorityClassName": "high"}}, "set priorityClassName of its pods"),
        (THIRD, {"container": {"imagePullPolicy": "Never"}}, "set imagePullPolicy of its cont"),
        (THIRD, {"container": {"env": [{"name": "A"}]}}, "can be set through env only"),
        (THIRD, {"env": ({"name": "PET_NNODES", "value": "2"},)}, "sets PET_NNODES itself"),
    ],
)
def test_what_trainer_would_not_take_is_refused(document, changes, said):
    with pytest.raises(InvalidInput, match=said):
        made(document, with_pods(PARTS, **changes))


@pytest.mark.parametrize("document", [FIRST, SECOND])
def test_a_time_limit_is_refused_where_there_is_none(document):
    with pytest.raises(InvalidInput, match="lets no TrainJob set a time limit"):
        made(document, time_limit=60)


def test_pods_without_labels_of_their_own_are_found_by_those_of_their_job():
    assert made(FIRST, with_pods(PARTS, labels=LABELS)) == made(FIRST)


@pytest.mark.parametrize("name", ["", "1a", "A", "a_b", "a-", "a" * 64])
def test_names_that_trainer_refuses_are_refused(name):
    with pytest.raises(InvalidInput, match="cannot be the name of a TrainJob"):
        train_job(generation_of(THIRD), name, RUNTIME, PARTS)


def test_a_job_without_nodes_is_refused():
    with pytest.raises(InvalidInput, match="at least one node"):
        made(THIRD, nodes=0)


class Cluster:
    """All that a planner asks of a cluster whose Trainer is described by a document."""

    namespace = "team"

    def __init__(self, document):
        self.document = document
        self.api = self.discovery = self.permissions = self

    async def get(self, path):
        return {"metadata": {"name": path.rpartition("/")[2]}}

    async def served(self):
        return SimpleNamespace(path=lambda api: "/apis/trainer.kubeflow.org/v1alpha1")

    async def openapi(self, path):
        return self.document

    async def lacking(self, purpose):
        return ()


async def planned(document, folder, **spec):
    planner = Planner(Options(), lambda home: None, lambda name, value: False)
    asked = job(kind="command", arguments=("./train",), runtime="torch", image="a/b:1", **spec)
    return await planner.plan(Cluster(document), asked, {"TOKEN": "x"}, folder)


async def test_a_trainer_whose_pods_get_no_labels_is_refused_before_a_job_is_made(tmp_path):
    with pytest.raises(InvalidInput) as refused:
        await planned(FIRST, tmp_path)
    assert refused.value.message == (
        "The Trainer of this cluster (2.0) gives its pods no labels, so a job could not be "
        "followed."
    )
    assert refused.value.hint == "Leave runtime out: the job runs as a plain Job."


@pytest.mark.parametrize("document", [SECOND, THIRD])
async def test_all_that_a_job_brings_along_is_taken_by_later_trainers(document, tmp_path):
    found = await planned(document, tmp_path, resources={"nodes": 2})
    assert found.main["kind"] == "TrainJob"
    assert found.path == "/apis/trainer.kubeflow.org/v1alpha1/namespaces/team/trainjobs"
    assert "trackside.dev/job-id" in str(found.main["spec"][generation_of(document).overrides])
