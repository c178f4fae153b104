"""Which tasks go to the cluster, what they are told there, and what they mean by a path."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.server.pipelines.compiled import load_json
from tests.server.pipelines.executor.bench import task_of
from tests.server.pipelines.ir.documents import DATASET, component, document, task

from trackside._bundle import ENTRY
from trackside_server.pipelines.executor import inputs
from trackside_server.pipelines.executor.checking import check
from trackside_server.pipelines.executor.context import Means
from trackside_server.pipelines.executor.engines import podman
from trackside_server.pipelines.executor.outputs import collect
from trackside_server.pipelines.executor.preparing import prepare
from trackside_server.pipelines.executor.sight import output_file, outputs_folder, parameter_file
from trackside_server.pipelines.executor.whereabouts import on_cluster
from trackside_server.pipelines.ir.model import Container, Demand
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.machine.state import Artifact, Values
from trackside_server.structs import replace

ENGINE = podman("/usr/bin/podman")


def means(engine=None, gpus=0, *, cluster=True, unfit=None):
    return Means(
        "/usr/bin/python3",
        has_kfp=True,
        container_engine=engine,
        overlays=Path("/overlays"),
        gpus=gpus,
        cluster=cluster,
        unfit=unfit,
    )


@pytest.fixture(scope="module")
def pipelines(compiled):
    return {name: load(text.encode()) for name, text in compiled.items()}


def executor_of(pipeline):
    (executor,) = pipeline.executors.values()
    return executor


@pytest.mark.parametrize(
    ("on", "demand", "there", "goes"),
    [
        ("auto", Demand(), means(), True),
        ("auto", Demand(), means(ENGINE), False),
        ("auto", Demand(), means(cluster=False), False),
        ("auto", Demand(accelerators="2"), means(ENGINE, gpus=1), True),
        ("auto", Demand(accelerators="2"), means(ENGINE, gpus=2), False),
        ("local", Demand(), means(), False),
        ("cluster", Demand(), means(ENGINE), True),
    ],
    ids=["no engine", "an engine", "no cluster", "GPUs", "GPUs here", "local", "cluster"],
)
def test_a_container_goes_to_the_cluster_where_it_cannot_run_here(on, demand, there, goes) -> None:
    assert on_cluster(Container("image", demand=demand), None, there, on) is goes


def test_a_function_stays_here_unless_it_is_sent(pipelines) -> None:
    function = executor_of(pipelines["bare"])
    assert not on_cluster(function, None, means(), "auto")
    assert on_cluster(function, None, means(), "cluster")


def test_what_keeps_tasks_from_the_cluster_is_said_before_the_run_starts(pipelines) -> None:
    pipeline = pipelines["bare"]
    assert check(pipeline, means(), "cluster") == []
    (refusal,) = check(pipeline, means(cluster=False), "cluster")
    assert (refusal.code, "KUBECONFIG" in refusal.hint) == ("NO_CLUSTER", True)
    unfit = ("Tasks need Kubernetes 1.29.", "Run it here.")
    (refusal,) = check(pipeline, means(unfit=unfit), "cluster")
    assert (refusal.code, refusal.hint) == ("CLUSTER_UNFIT", "Run it here.")
    assert refusal.message == "bare cannot run on the cluster. Tasks need Kubernetes 1.29."


@pytest.fixture
def context(tmp_path):
    """A task on the cluster with an artifact that lies here, and one that does not."""
    say = component(gives_artifacts={"model": DATASET})
    pipeline = load_json(document({"say": task("comp-say")}, {"comp-say": say}))
    context = task_of(pipeline, tmp_path / "run")
    data = tmp_path / "run" / "earlier" / "my data.csv"
    data.parent.mkdir(parents=True)
    data.write_text("1")
    kind = context.component.output_artifacts["model"].type
    given = {
        "data": (Artifact("1", "data", kind, f"file://{data.parent}/my%20data.csv", {}),),
        "far": (Artifact("2", "far", kind, "s3://bucket/far", {}),),
    }
    return replace(context, inputs=Values(artifacts=given), in_pod=True)


def test_a_task_is_told_the_paths_of_its_pod(context) -> None:
    told = inputs.build(context, context.inputs)
    uris = {name: one["artifacts"][0]["uri"] for name, one in told["inputs"]["artifacts"].items()}
    assert uris == {"data": "/trackside/inputs/data-0/my data.csv", "far": "s3://bucket/far"}
    assert told["outputs"]["outputFile"] == "/trackside/outputs/executor_output.json"
    for one in told["outputs"]["artifacts"].values():
        assert one["artifacts"][0]["uri"].startswith("/trackside/outputs/")


def test_its_job_has_its_own_image_and_command_and_says_what_travels(context, tmp_path) -> None:
    prepared = prepare(context, means())
    assert (prepared.kind, prepared.on, prepared.python) == ("container", "cluster", None)
    assert prepared.image == context.executor.image
    cargo = json.loads(prepared.contents[ENTRY])
    assert cargo["inputs"] == {
        "data-0/my data.csv": str(tmp_path / "run" / "earlier" / "my data.csv")
    }
    assert cargo["outputs"] == str(tmp_path / "run" / context.path / str(context.attempt))
    assert (*cargo["command"], *cargo["args"]) == prepared.arguments


def test_an_artifact_that_is_a_link_travels_as_what_it_leads_to(context, tmp_path) -> None:
    data, kept = tmp_path / "run" / "earlier" / "my data.csv", tmp_path / "run" / "kept"
    data.rename(kept)
    data.symlink_to(kept)
    cargo = json.loads(prepare(context, means()).contents[ENTRY])
    assert cargo["inputs"] == {"data-0/my data.csv": str(kept)}
    data.unlink()
    data.symlink_to("/etc/passwd")
    assert prepare(context, means()).code == "INPUT_OUTSIDE"


def test_what_it_says_of_its_outputs_is_found_where_they_are_here(context, tmp_path) -> None:
    outputs_folder(context).mkdir(parents=True)
    parameter_file(context, "_").parent.mkdir()
    said = {"artifacts": {"model": {"artifacts": [{"uri": "/trackside/outputs/sub/model"}]}}}
    output_file(context).write_text(json.dumps(said))
    found = collect(context)
    uri = f"file://{outputs_folder(context)}/sub/model"
    assert [one.uri for one in found.artifacts["model"]] == [uri]
    # An input may be passed on as it is, from where it is.
    said["artifacts"]["model"]["artifacts"] = [{"uri": "/trackside/inputs/data-0/my data.csv"}]
    output_file(context).write_text(json.dumps(said))
    (passed,) = collect(context).artifacts["model"]
    assert passed.uri == f"file://{tmp_path}/run/earlier/my%20data.csv"
    for path in ("/tmp/model", "/trackside/outputs/../../etc", str(tmp_path / "elsewhere")):
        said["artifacts"]["model"]["artifacts"] = [{"uri": path}]
        output_file(context).write_text(json.dumps(said))
        assert collect(context).code == "OUTPUT_OUTSIDE"
        said["artifacts"]["model"]["artifacts"] = [{"custom_path": path}]
        output_file(context).write_text(json.dumps(said))
        assert collect(context).code == "OUTPUT_OUTSIDE"


def test_here_paths_are_what_they_are(context) -> None:
    told = inputs.build(replace(context, in_pod=False), context.inputs)
    assert told["outputs"]["outputFile"] == str(output_file(context))
