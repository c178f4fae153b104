"""Which tasks need a container engine, and the command line that one is given."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.server.pipelines.compiled import load_json
from tests.server.pipelines.executor.bench import artifact, bind, context_of, task_of
from tests.server.pipelines.ir.documents import (
    DATASET,
    component,
    constant,
    container,
    document,
    outer,
    task,
)

from trackside._runtime import container as container_job
from trackside_server.jobs.entities import Resources
from trackside_server.jobs.runners.local import machine
from trackside_server.pipelines.executor import engines
from trackside_server.pipelines.executor.checking import check
from trackside_server.pipelines.executor.containers import Mount, command_line
from trackside_server.pipelines.executor.context import Means, Place, Prepared
from trackside_server.pipelines.executor.demands import wants_gpus
from trackside_server.pipelines.executor.engines import Engine, docker, podman
from trackside_server.pipelines.executor.outputs import collect
from trackside_server.pipelines.executor.preparing import prepare
from trackside_server.structs import replace

DOCKER = "/usr/bin/docker"
PASSED = (
    "--env=MLFLOW_TRACKING_URI",
    "--env=MLFLOW_TRACKING_TOKEN",
    "--env=MLFLOW_EXPERIMENT_ID",
    "--env=MLFLOW_RUN_ID",
)


def means(engine=None, *, has_kfp=True):
    found = None if engine is None else docker(engine)
    return Means("/usr/bin/python3", has_kfp, found, Path("/overlays"))


def test_the_whole_command_line_of_docker():
    assert command_line(
        Engine(DOCKER, ("--user=1000:100",), ("--init",), ("--gpus=all",)),
        name="run 1/train [3]",
        image="python:3.12",
        command=("sh", "-c", "echo $0"),
        args=("a b", "$(id)"),
        mounts=(Mount(Path('/data, "x"/run'), writable=True), Mount(Path("/cache"))),
        env={"B": "2=3", "A": "1"},
        passed=frozenset("A"),
        resources=Resources(cpus=0.5, memory=2**30, gpus=1),
    ) == (
        DOCKER,
        "run",
        "--rm",
        "--init",
        "--name=trackside-run-1-train-3",
        "--network=host",
        "--user=1000:100",
        "--security-opt=label=disable",
        '--mount=type=bind,"source=/data, ""x""/run","target=/data, ""x""/run"',
        "--mount=type=bind,source=/cache,target=/cache,readonly",
        "--env=HOME=/tmp",
        *PASSED,
        "--env=A",
        "--env=B=2=3",
        "--cpus=0.5",
        "--memory=1073741824",
        "--gpus=all",
        "--env=CUDA_VISIBLE_DEVICES",
        "--entrypoint=sh",
        "python:3.12",
        "-c",
        "echo $0",
        "a b",
        "$(id)",
    )


@pytest.fixture
def inits(monkeypatch, tmp_path):
    """The first processes that podman could put into containers: none, unless a test makes one."""
    monkeypatch.setattr(engines, "_OWN_INITS", (str(tmp_path / "catatonit"),))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_the_whole_command_line_of_podman_for_an_image_with_a_program_of_its_own(
    monkeypatch, inits
):
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    (inits / "catatonit").touch()
    assert command_line(
        podman("/usr/bin/podman"),
        name="r",
        image="registry.example/train:1",
        command=(),
        args=("--lr", "0.1"),
        mounts=(),
        env={},
        passed=frozenset(),
        resources=Resources(gpus=2),
    ) == (
        "/usr/bin/podman",
        "run",
        "--rm",
        "--init",
        "--name=trackside-r",
        "--network=host",
        "--userns=keep-id",
        "--security-opt=label=disable",
        "--env=HOME=/tmp",
        *PASSED,
        "--device=nvidia.com/gpu=all",
        "--env=CUDA_VISIBLE_DEVICES",
        "registry.example/train:1",
        "--lr",
        "0.1",
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere it is in a machine")
def test_podman_of_root_keeps_no_ids_and_a_container_does_without_a_first_process(
    monkeypatch, inits
):
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(os, "getgid", lambda: 0)
    assert podman("podman").user == ("--user=0:0",)
    assert podman("podman").init == ()
    tini = inits / "tini"
    tini.touch(0o755)
    assert podman("podman").init == ("--init", f"--init-path={tini}")


def test_files_of_a_container_belong_to_the_user_also_where_docker_runs_without_root():
    assert docker(DOCKER).user == (f"--user={os.getuid()}:{os.getgid()}",)
    assert docker(DOCKER, rootless=True).user == ("--user=0:0",)


def one(**more):
    say = component(
        takes={
            "n": {"parameterType": "NUMBER_INTEGER", "defaultValue": 4, "isOptional": True},
            "word": {"parameterType": "STRING", "isOptional": True},
        },
        gives={"out": "STRING"},
        gives_artifacts={"data": DATASET},
    )
    return load_json(
        document(
            {"say": task("comp-say", {"word": constant("n is {{$.inputs.parameters['n']}}")})},
            {"comp-say": say},
            {"exec-say": container(**more)},
        )
    )


def test_the_task_is_told_its_inputs_with_defaults_and_paths_that_both_sides_know(tmp_path):
    pipeline = one(
        command=["run", json.dumps({"IfPresent": {"InputName": "n", "Then": ["--n"]}})],
        args=[
            "{{$.inputs.parameters['n']}}",
            "{{$.inputs.parameters['word']}}",
            "{{$.outputs.parameters['out'].output_file}}",
            "{{$.outputs.artifacts['data'].path}}",
            "{{$.workspace_path}}",
        ],
        env=[{"name": "JOB", "value": "{{$.pipeline_job_name}}"}],
    )
    context = bind(task_of(pipeline, tmp_path), n=5, word="{{$}}")
    data = tmp_path / "data"
    data.mkdir()
    given = {
        "data": (artifact(f"file://{data}"),),
        "metrics": (artifact(f"file://{tmp_path}/gone"),),
    }
    context = replace(context, inputs=replace(context.inputs, artifacts=given))
    context = replace(context, place=Place(tmp_path, (), tmp_path / "shared"))
    # The word is not the pipeline's own constant but came as a value: it stays as it is.
    context = replace(context, task=replace(context.task, parameters={}))
    prepared = prepare(context, means(DOCKER))
    assert isinstance(prepared, Prepared)
    assert prepared.kind == "container"
    assert prepared.python is None
    folder = tmp_path / "say" / "1"
    assert prepared.arguments[-7:] == (
        *("python:3.12", "--n", "5", "{{$}}"),
        str(folder / "parameters" / "out"),
        str(folder / "outputs" / "data"),
        str(tmp_path / "shared"),
    )
    assert "--entrypoint=run" in prepared.arguments
    assert "--env=JOB" in prepared.arguments
    assert prepared.env == {"JOB": "my run"}
    assert [word for word in prepared.arguments if word.startswith("--mount")] == [
        f"--mount=type=bind,source={folder},target={folder}",
        f"--mount=type=bind,source={tmp_path}/shared,target={tmp_path}/shared",
        f"--mount=type=bind,source={data},target={data},readonly",
    ]
    assert f"--user={os.getuid()}:{os.getgid()}" in prepared.arguments
    assert (folder / "parameters").is_dir()
    left_out = prepare(bind(context), means(DOCKER))
    assert left_out.arguments[-5:-3] == ("4", "")


def test_secrets_of_a_container_are_in_no_command_line_and_its_home_is_not_that_of_the_engine(
    tmp_path,
):
    told = {
        "HF_TOKEN": "hf_" + "a" * 34,
        "DOCKER_PASSWORD": "swordfish",
        "PLAIN": "x",
        "HOME": "/home/app",
        "DOCKER_HOST": "tcp://elsewhere",
    }
    pipeline = one(env=[{"name": name, "value": value} for name, value in told.items()])
    prepared = prepare(task_of(pipeline, tmp_path), means(DOCKER))
    given = [word for word in prepared.arguments if word.startswith("--env=")]
    assert given[-5:] == [
        "--env=DOCKER_HOST=tcp://elsewhere",
        "--env=DOCKER_PASSWORD",
        "--env=HF_TOKEN",
        "--env=HOME=/home/app",
        "--env=PLAIN",
    ]
    assert prepared.env == {name: told[name] for name in ("HF_TOKEN", "DOCKER_PASSWORD", "PLAIN")}


@pytest.mark.parametrize("image", ["--privileged", "-v/:/host", ""])
def test_what_an_engine_would_read_as_an_option_is_no_image(tmp_path, image):
    pipeline = one(image="{{$.inputs.parameters['word']}}")
    context = bind(task_of(pipeline, tmp_path), word=image)
    context = replace(context, task=replace(context.task, parameters={}))
    assert prepare(context, means(DOCKER)).code == "BAD_IMAGE"


def test_constants_of_the_pipeline_are_filled_in(tmp_path):
    pipeline = one(args=["{{$.inputs.parameters['word']}}"])
    context = bind(task_of(pipeline, tmp_path), n=5, word="n is {{$.inputs.parameters['n']}}")
    assert prepare(context, means(DOCKER)).arguments[-1] == "n is 5"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"resourceCpuLimit": "500m"}, Resources(cpus=0.5)),
        ({"resourceCpuRequest": "0.25"}, Resources(cpus=0.25)),
        ({"cpuLimit": 100_000.0}, Resources(cpus=machine.cpus())),
        ({"resourceMemoryLimit": "64Mi"}, Resources(memory=64 * 2**20)),
        ({"memoryLimit": 0.064}, Resources(memory=64_000_000)),
        ({"resourceMemoryLimit": "4096Ti"}, Resources(memory=machine.memory())),
        ({"accelerator": {"resourceType": "x/gpu", "resourceCount": "2"}}, Resources(gpus=2)),
        ({"accelerator": {"type": "NVIDIA_TESLA_T4", "count": "1"}}, Resources(gpus=1)),
        (
            {"accelerator": {"resourceType": "g", "resourceCount": "{{$.inputs.parameters['n']}}"}},
            Resources(gpus=5),
        ),
        ({"accelerator": {"resourceType": "x/gpu"}}, Resources(gpus=1)),
        ({"accelerator": {"resourceType": "x/gpu", "resourceCount": "0"}}, Resources(gpus=0)),
    ],
)  # fmt: skip
def test_what_a_component_asks_for_is_asked_for_by_its_job(tmp_path, asked, expected):
    context = bind(task_of(one(resources=asked), tmp_path), n=5)
    assert prepare(context, means(DOCKER)).resources == expected
    # It waits among those who want the same.
    assert wants_gpus(context.executor.demand, context) == (expected.gpus > 0)


@pytest.mark.parametrize("asked", [{"resourceCpuLimit": "lots"}, {"resourceMemoryLimit": "-1G"}])
def test_an_amount_that_is_none_is_said(tmp_path, asked):
    reason = prepare(task_of(one(resources=asked), tmp_path), means(DOCKER))
    assert reason.code == "BAD_RESOURCES"


def test_what_cannot_run_here_is_listed_before_the_run_starts(compiled, tmp_path):
    loop = component(dag={"tasks": {"inner": task("comp-say")}}, takes={"x": "STRING"})
    pipeline = load_json(
        document(
            {
                "say": task("comp-say"),
                "sub": task("comp-loop", {"x": outer("x")}),
                "volume": task("comp-volume"),
            },
            {"comp-loop": loop, "comp-volume": component("exec-volume")},
            {"exec-volume": container("argostub/createpvc", command=[])},
            inputs={"x": {"parameterType": "STRING"}},
        )
    )
    found = {one.task: one for one in check(pipeline, means())}
    assert {name: one.code for name, one in found.items()} == {
        "say": "NEEDS_CONTAINER_ENGINE",
        "sub/inner": "NEEDS_CONTAINER_ENGINE",
        "volume": "NEEDS_CLUSTER",
    }
    assert found["say"].message == (
        "say runs the image python:3.12, which needs a container engine."
    )
    assert [one.task for one in check(pipeline, means(DOCKER))] == ["volume"]
    python = load_json(_json(compiled["absent"]))
    assert check(python, means()) == []
    (missing,) = check(python, means(has_kfp=False))
    assert missing.code == "KFP_MISSING"
    assert missing.hint == "Install it: /usr/bin/python3 -m pip install kfp"
    assert check(load_json(_json(compiled["own_kfp"])), means(has_kfp=False)) == []
    assert [r.code for r in check(load_json(_json(compiled["in_image"])), means())] == [
        "NEEDS_CONTAINER_ENGINE"
    ]


@pytest.mark.parametrize(
    ("accelerator", "gpus", "said"),
    [
        ({"type": "nvidia.com/gpu"}, 0, "asks for 1 GPU, and this machine has none."),
        ({"resourceCount": "2", "count": "2"}, 1, "asks for 2 GPUs, and this machine has 1."),
        ({"resourceCount": "2", "count": "2"}, 2, None),
        ({"resourceCount": "0"}, 0, None),
        ({"resourceCount": "{{$.inputs.parameters['word']}}"}, 0, None),
    ],
)
def test_gpus_that_are_not_here_are_told_before_the_run_starts(accelerator, gpus, said):
    pipeline = one(resources={"accelerator": accelerator})
    found = check(pipeline, replace(means(DOCKER), gpus=gpus))
    assert [(refusal.code, refusal.message.partition(" ")[2]) for refusal in found] == (
        [] if said is None else [("NEEDS_GPU", said)]
    )


def _json(text):
    import yaml

    return yaml.safe_load(text)


def test_what_no_process_can_be_given_is_said(tmp_path):
    word = "{{$.inputs.parameters['word']}}"
    for pipeline, code in (
        (one(env=[{"name": "A", "value": word}]), "BAD_ENVIRONMENT"),
        (one(args=[word]), "BAD_COMMAND"),
    ):
        context = bind(task_of(pipeline, tmp_path), word="a\0b")
        context = replace(context, task=replace(context.task, parameters={}))
        assert prepare(context, means(DOCKER)).code == code


def test_a_python_component_has_its_variables_and_is_told_by_a_file(compiled, tmp_path):
    context = bind(context_of(compiled["absent"], tmp_path), name="x")
    prepared = prepare(context, means())
    path, overlays = prepared.arguments
    assert overlays == "/overlays"
    told = json.loads(Path(path).read_text())
    folder = tmp_path / "absent" / "1"
    assert told == {
        "inputs": {"parameterValues": {"name": "x"}, "artifacts": {}},
        "outputs": {
            "parameters": {"Output": {"outputFile": f"{folder}/parameters/Output"}},
            "artifacts": {},
            "outputFile": f"{folder}/outputs/executor_output.json",
        },
    }


STAND_IN = """#!{python}
import os, pathlib, sys
if sys.argv[1] in ("image", "kill"):
    sys.exit()
if sys.argv[1] == "rm":
    pathlib.Path(sys.argv[0]).with_name("removed").write_text(" ".join(sys.argv[2:]))
    sys.exit()
words = sys.argv[2:]
entry = None
while words[0].startswith("--"):
    option, _, value = words.pop(0).partition("=")
    if option == "--entrypoint":
        entry = value
    elif option == "--env" and "=" in value:
        os.environ.update([value.split("=", 1)])
os.execvp(entry, [entry, *words[1:]])
"""


@pytest.fixture
def stand_in(tmp_path):
    """What is called as an engine is, and runs the command here."""
    engine = tmp_path / "docker"
    engine.write_text(STAND_IN.format(python=sys.executable))
    engine.chmod(0o755)
    return means(str(engine))


def test_what_a_container_writes_is_what_its_task_gives(bench, stand_in):
    pipeline = one(
        command=["sh", "-ec", 'printf "%s" "$0 $WORD" > "$1"; mkdir "$2"; echo row > "$2/part"'],
        args=[
            "{{$.inputs.parameters['word']}}",
            "{{$.outputs.parameters['out'].output_file}}",
            "{{$.outputs.artifacts['data'].path}}",
        ],
        env=[{"name": "WORD", "value": "$HOME"}],
    )
    context = bind(task_of(pipeline, bench.root), word="$(id) 'a b'")
    ended = bench.end(bench.start(prepare(context, stand_in)))
    assert ended.code == 0, ended.log
    outputs = collect(context)
    assert outputs.parameters == {"out": "$(id) 'a b' $HOME"}
    assert (bench.root / "say" / "1" / "outputs" / "data" / "part").read_text() == "row\n"


def test_a_container_that_does_not_stop_is_removed(bench, stand_in):
    pipeline = one(command=["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"])
    started = bench.start(prepare(task_of(pipeline, bench.root), stand_in))
    assert started.stdout.readline() == "up\n"
    os.killpg(started.pid, signal.SIGTERM)
    ended = bench.end(started)
    assert ended.code == 143
    removed = (bench.folder / "removed").read_text()
    assert removed == "--force trackside-task-1-1-say"


def test_an_engine_that_hangs_does_not_keep_a_job_from_ending(tmp_path, monkeypatch, capsys):
    engine = tmp_path / "docker"
    engine.write_text("#!/bin/sh\nexec sleep 60\n")
    engine.chmod(0o755)
    monkeypatch.setattr(container_job, "_ANSWER", 0.1)
    client = subprocess.Popen([engine])
    task = SimpleNamespace(arguments=[str(engine), "run", "--name=left"], grace=1.0)
    container_job._stop(task, client)
    assert client.returncode is not None
    assert "left may still be there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "said"), [(4, None), (125, "The container could not be started.")]
)
def test_a_container_that_fails_ends_its_job_with_its_code(bench, stand_in, code, said):
    pipeline = one(command=["sh", "-c", f"exit {code}"])
    ended = bench.end(bench.start(prepare(task_of(pipeline, bench.root), stand_in)))
    assert ended.code == (1 if said else code)
    assert (ended.failure or {}).get("message") == said


@pytest.mark.parametrize("limited", [True, False])
def test_a_container_that_was_killed_names_its_limit_of_memory(bench, stand_in, limited):
    asked = {"resourceMemoryLimit": "64Mi"} if limited else {}
    # What the program is told is none of the engine's limits.
    pipeline = one(command=["sh", "-c", "exit 137"], args=["--memory=16Gi"], resources=asked)
    ended = bench.end(bench.start(prepare(task_of(pipeline, bench.root), stand_in)))
    assert ended.code == 137
    assert (ended.failure or {}).get("message") == (
        "The container was killed. It may use 64 MiB of memory, and probably needs more."
        if limited
        else None
    )


def test_the_names_and_times_of_a_run(tmp_path):
    names = (
        "pipeline_job_name",
        "pipeline_job_resource_name",
        "pipeline_job_uuid",
        "pipeline_job_create_time_utc",
        "pipeline_job_schedule_time_utc",
        "pipeline_root",
        "pipeline_task_name",
        "pipeline_task_uuid",
    )
    pipeline = one(args=[f"{{{{$.{name}}}}}" for name in names])
    assert prepare(task_of(pipeline, tmp_path), means(DOCKER)).arguments[-len(names) :] == (
        "my run",
        "hello-all-of-you-run-1",
        "run-1",
        "2023-11-14T22:13:20Z",
        "2023-11-14T22:14:20Z",
        str(tmp_path),
        "say",
        "task-1",
    )
