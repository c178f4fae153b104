"""What becomes of tasks on the cluster when they are stopped, late, taken from the cache, or when
their server is killed; here the pods reach it, so inputs and outputs go over HTTP."""

from __future__ import annotations

import pytest
from tests.cluster.pipelines.conftest import outputs
from tests.kfp_clients import NEWEST

from trackside._pipelines.model import StepCell
from trackside._pipelines.pipeline import current
from trackside._pipelines.session import SESSION

# With one of this machine, what is an image would not go to the cluster by itself.
NO_ENGINE = {
    "DOCKER_HOST": "unix:///nowhere/docker.sock",
    "CONTAINERS_CONF": "/nowhere/containers.conf",
}

# More than fits into the objects of a cluster, or a node keeps of a container's output.
LARGE = 20_000_000


@pytest.fixture(scope="module")
def jobs(serve, host_address):
    """The jobs of a server that pods reach."""
    return serve(address=host_address, env={**NEWEST.environment(), **NO_ENGINE})


def steps(image):
    """Compile two cells of a notebook, as ``%pipeline`` does."""
    SESSION.clear()
    SESSION.add(StepCell("load", "numbers = [n * n for n in range(4)]", image=image))
    SESSION.add(StepCell("add", "total = sum(numbers)\nprint('total', total)", image=image))
    try:
        return current(name="steps").spec
    finally:
        SESSION.clear()


@pytest.fixture(scope="module")
def begun(pipelines, cluster):
    """Runs under way at once."""
    cluster.add_kfp_image(*NEWEST.path)
    return {
        "learns": pipelines.start("learns", rows=10),
        "learns in parts": pipelines.start("learns", on="auto", rows=10),
        "steps": pipelines.start_spec(steps(cluster.image)),
        "large": pipelines.start("large", cached=None, size=LARGE),
        "stopped": pipelines.start("stopped"),
        "late": pipelines.start("late"),
        "mixed": pipelines.start("mixed", on="auto"),
    }


def test_terminating_a_run_stops_pods_that_are_deaf_and_runs_the_exit_task(
    pipelines, begun
) -> None:
    run = begun["stopped"]
    task = pipelines.until_prints(run, "exit-handler-1/deaf", "deaf")
    assert pipelines.pod(task)["spec"]["terminationGracePeriodSeconds"] > 600
    pipelines.terminate(run)
    # Long before the time that its pod was given: after three seconds, at the cluster's own pace.
    pipelines.until(lambda tasks: tasks["exit-handler-1/deaf"]["state"] == "CANCELED", run)
    state, tasks = pipelines.ended(run)
    assert state == "CANCELED"
    assert tasks["ends"]["state"] == "SUCCEEDED"


def test_a_task_past_its_time_limit_ends_though_it_is_deaf(pipelines, begun) -> None:
    state, tasks = pipelines.ended(begun["late"])
    assert (state, tasks["deaf"]["trackside"]["reason"]) == ("FAILED", "TIME_LIMIT")


def test_large_files_go_both_ways(pipelines, begun) -> None:
    tasks = pipelines.succeeded(begun["large"])
    assert outputs(tasks["measures"]) == {"out": LARGE}


def test_outputs_of_an_equal_task_are_taken_again(pipelines, begun) -> None:
    pipelines.succeeded(begun["large"])
    tasks = pipelines.succeeded(pipelines.start("large", cached=None, size=LARGE))
    assert {tasks[name]["state"] for name in ("makes", "measures")} == {"CACHED"}
    assert outputs(tasks["measures"]) == {"out": LARGE}


def test_a_run_is_carried_out_here_and_there_and_artifacts_go_between(pipelines, begun) -> None:
    tasks = pipelines.succeeded(begun["mixed"])
    where = {name: pipelines.job(tasks[name])["spec"]["on"] for name in ("here", "there", "again")}
    assert where == {"here": "local", "there": "cluster", "again": "local"}
    assert outputs(tasks["again"]) == {"Output": "made here, seen there"}


@pytest.mark.parametrize(
    ("run", "first"), [("learns", "cluster"), ("learns in parts", "local")], ids=["there", "both"]
)
def test_python_components_run_there_as_they_were_compiled_in_images_that_have_kfp(
    pipelines, begun, run, first
) -> None:
    tasks = pipelines.succeeded(begun[run])
    made, judged = tasks["prepares"], tasks["judges"]
    assert [pipelines.job(task)["spec"]["on"] for task in (made, judged)] == [first, "cluster"]
    assert outputs(made) == {"Output": "10 rows"}
    assert outputs(tasks[""]) == {"Output": 45}
    assert "\njudges 10 rows of numbers with a mark\n" in pipelines.log(judged)
    # What the SDK prints of the inputs is no metric; a number that is given is one.
    assert pipelines.metrics(made) == {"loss": 0.5}
    assert pipelines.metrics(judged) == {"loss": 0.25, "Output": 45}
    assert pipelines.pod(judged)["spec"]["containers"][0]["command"][:2] == ["sh", "-c"]


def test_the_steps_of_a_notebook_run_in_an_image_that_has_nothing_but_python(
    pipelines, begun
) -> None:
    tasks = pipelines.succeeded(begun["steps"])
    assert pipelines.log(tasks["add"]) == "total 14\n"


def test_a_task_whose_server_is_killed_runs_once_and_gives_what_it_made(pipelines, jobs) -> None:
    run = pipelines.start("patient")
    task = pipelines.until_prints(run, "waits", "waiting")
    pod = pipelines.pod(task)["metadata"]["name"]
    jobs.server.kill()
    pipelines.release(task)
    jobs.server.restart()
    tasks = pipelines.succeeded(run)
    assert outputs(tasks["waits"]) == {"out": "waited"}
    assert tasks["waits"]["trackside"]["job_id"] == task["trackside"]["job_id"]
    assert pipelines.pod(task)["metadata"]["name"] == pod
