"""What is looked at before a run begins that goes to a cluster, and what its pods see of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.server.pipelines.compiled import load_json
from tests.server.pipelines.executor.bench import task_of
from tests.server.pipelines.ir.documents import component, constant, container, document, task

from trackside_server.jobs.podparts import PodParts
from trackside_server.jobs.runners.kubernetes.tasks.cargo import Cargo
from trackside_server.pipelines.executor.checking import check
from trackside_server.pipelines.executor.context import Means, Place, Prepared
from trackside_server.pipelines.executor.engines import docker
from trackside_server.pipelines.executor.preparing import prepare
from trackside_server.pipelines.machine.state import Values
from trackside_server.pipelines.platform.parsing import read_settings
from trackside_server.pipelines.platform.settings import (
    InitContainer,
    PodTerm,
    Requirement,
    Settings,
)
from trackside_server.pipelines.platform.sharing import name_of
from trackside_server.structs import replace

MEANS = Means(
    "/usr/bin/python3",
    has_kfp=True,
    container_engine=None,
    overlays=Path("/overlays"),
    cluster=True,
)
WORKSPACE = {"platforms": {"kubernetes": {"pipelineConfig": {"workspace": {"size": "1Gi"}}}}}
SEES = container(command=["ls", "{{$.workspace_path}}/data"])
TOLD = container(command=["ls", "{{$.inputs.parameters['folder']}}"])


def shared(*args, **more):
    spec = document(*args, **more)
    return load_json({"pipeline_spec": spec, "platform_spec": WORKSPACE})


def test_who_may_make_no_volumes_is_told_which_task_would():
    pipeline = load_json(
        document(
            {"made": task("comp-volume"), "say": task("comp-say")},
            {"comp-volume": component("exec-volume")},
            {"exec-volume": container("argostub/createpvc", command=[])},
        )
    )
    assert check(pipeline, MEANS, "cluster") == []
    # It needs no container, so what keeps those from the cluster does not count.
    unfit = replace(MEANS, unfit=("No image.", "Set one."))
    assert [one.task for one in check(pipeline, unfit, "cluster")] == ["say"]
    (found,) = check(pipeline, replace(MEANS, no_volumes=("Not allowed.", "Ask.")), "cluster")
    assert (found.task, found.code) == ("made", "FORBIDDEN")
    assert (found.message, found.hint) == ("made makes a volume. Not allowed.", "Ask.")


def test_a_workspace_in_two_places_is_refused():
    gpu = container(
        command=["train", "{{$.workspace_path}}"],
        resources={"accelerator": {"type": "nvidia.com/gpu", "count": "1"}},
    )
    pipeline = shared(
        {"sees": task("comp-sees"), "train": task("comp-gpu")},
        {"comp-sees": component("exec-sees"), "comp-gpu": component("exec-gpu")},
        {"exec-sees": SEES, "exec-gpu": gpu},
    )
    # Without an engine, both are on the cluster.
    assert check(pipeline, MEANS) == []
    engine = replace(MEANS, container_engine=docker("/usr/bin/docker"))
    assert check(pipeline, engine, "cluster") == []
    (found,) = check(pipeline, engine)
    assert found.code == "WORKSPACE_DIVIDED"
    assert found.message.startswith("train would run on the cluster and sees here, and they share")


@pytest.mark.parametrize(
    ("executor", "inputs", "words"),
    [
        (SEES, {}, ["ls", "/kfp-workspace/data"]),
        # A graph around it has filled in the folder of here.
        (TOLD, {"folder": "{root}/.workspace/data"}, ["ls", "/kfp-workspace/data"]),
        (TOLD, {"folder": "/elsewhere"}, ["ls", "/elsewhere"]),
    ],
)
def test_a_pod_that_is_told_of_the_workspace_sees_it(tmp_path, executor, inputs, words):
    takes = dict.fromkeys(inputs, "STRING")
    given = {name: constant("x") for name in inputs}
    pipeline = shared(
        {"sees": task("comp-sees", given)},
        {"comp-sees": component("exec-sees", takes=takes)},
        {"exec-sees": executor},
    )
    context = task_of(pipeline, tmp_path)
    # As from the graph around it.
    values = {name: text.format(root=tmp_path) for name, text in inputs.items()}
    task_ = replace(context.task, parameters={})
    context = replace(
        context,
        in_pod=True,
        task=task_,
        inputs=Values(values),
        place=Place(tmp_path, workspace=tmp_path / ".workspace"),
    )
    prepared = prepare(context, MEANS, PodParts(pull_policy="Always"))
    assert isinstance(prepared, Prepared)
    assert list(prepared.arguments) == words
    sees = words[1].startswith("/kfp-workspace")
    assert prepared.sees_workspace is sees
    bundle = tmp_path / "bundle"
    for name, content in prepared.contents.items():
        (bundle / name).parent.mkdir(parents=True)
        (bundle / name).write_bytes(content)
    parts = Cargo.read(bundle).parts
    assert parts.pull_policy == "Always"
    claims = [one["persistentVolumeClaim"]["claimName"] for one in parts.volumes]
    assert claims == ([name_of("run-1")] if sees else [])


def test_what_no_decorator_writes_yet_is_read_as_the_schema_has_it():
    document_ = {
        "enabledSharedMemory": {"volumeName": "shm", "size": "2Gi"},
        "podAffinity": [
            {
                "matchPodExpressions": [{"key": "app", "operator": "In", "values": ["db"]}],
                "matchPodLabels": {"tier": "a"},
                "topologyKey": "zone",
                "namespaces": ["team-b"],
                "matchNamespaceLabels": {"of": "b"},
                "weight": 7,
                "anti": True,
            }
        ],
        "initContainers": [
            {
                "name": "first",
                "image": "busybox",
                "command": ["sh", "-c"],
                "args": ["true"],
                "env": [{"name": "MODE", "value": "fast"}],
                "volumeMounts": [{"volumeName": "data", "mountPath": "/data"}],
                "restartPolicy": "Always",
                "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}},
            }
        ],
    }
    assert replace(read_settings(document_, ""), bindings=()) == Settings(
        shared_memory="2Gi",
        pod_affinity=(
            PodTerm(
                "zone",
                (Requirement("app", "In", ("db",)),),
                {"tier": "a"},
                ("team-b",),
                namespace_labels={"of": "b"},
                weight=7,
                away=True,
            ),
        ),
        init_containers=(
            InitContainer(
                "first",
                "busybox",
                ("sh", "-c"),
                ("true",),
                (("MODE", "fast"),),
                (("data", "/data"),),
                sidecar=True,
                requests={"cpu": "100m"},
                limits={"memory": "1Gi"},
            ),
        ),
    )
