"""What a pipeline can say, with containers on the cluster: values and order, not only states.

The server is out of reach of the pods here, though it was said that they reach it: so all that
travels does so by the cluster itself.
"""

from __future__ import annotations

import json

import pytest
from tests.cluster.pipelines.conftest import outputs

from trackside_server.testing import free_port

STARTED = {
    "chain": {"text": "it's $HOME $(HOME) $$", "count": 3},
    "choice": {"value": "right"},
    "loop": {},
    "exits": {},
    "tries": {},
    "missing": {},
    "nowhere": {},
    "bare": {},
    "asks": {},
    "accelerated": {},
    "large": {"size": 6_000_000},
}


@pytest.fixture(scope="module")
def jobs(serve):
    """The jobs of a server that pods do not reach."""
    return serve(cluster_url=f"http://127.0.0.1:{free_port()}/trackside")


@pytest.fixture(scope="module")
def begun(pipelines):
    """Runs that need nobody, all under way at once."""
    return {name: pipelines.start(name, **given) for name, given in STARTED.items()}


def test_values_files_and_folders_go_from_task_to_task_as_they_are(pipelines, begun) -> None:
    tasks = pipelines.succeeded(begun["chain"])
    assert outputs(tasks["writes"]) == {"said": STARTED["chain"]["text"]}
    seen = {"lines": 3, "second": "two", "link": "one", "empty": "", "writable": False}
    assert outputs(tasks["reads"]) == {"seen": seen}
    assert outputs(tasks[""])["Output"] == seen


def test_a_log_is_that_of_the_container_alone_and_what_it_prints_is_read(pipelines, begun) -> None:
    task = pipelines.succeeded(begun["chain"])["writes"]
    assert pipelines.log(task) == "wrote 3 lines\nloss=0.5\n"
    assert pipelines.metrics(task) == {"loss": 0.5}


def test_of_two_branches_one_runs_and_gives_the_value(pipelines, begun) -> None:
    tasks = pipelines.succeeded(begun["choice"])
    assert outputs(tasks[""])["Output"] == "went right"
    states = {path.rpartition("/")[2]: task["state"] for path, task in tasks.items()}
    assert (states["condition-2"], "says-2" in states) == ("SKIPPED", False)
    assert (states["condition-3"], states["says-3"]) == ("SUCCEEDED", "SUCCEEDED")


def test_a_loop_gives_its_values_in_the_order_of_its_items(pipelines, begun) -> None:
    tasks = pipelines.succeeded(begun["loop"])
    assert outputs(tasks[""])["Output"] == "[6,2,4]"


def test_an_exit_task_is_told_how_what_it_follows_has_ended(pipelines, begun) -> None:
    state, tasks = pipelines.ended(begun["exits"])
    assert state == "FAILED"
    failed = tasks["exit-handler-1/fails"]
    assert failed["trackside"]["reason"] == "EXIT_CODE"
    assert "code 7" in failed["status_metadata"]["message"]
    assert pipelines.log(failed) == "no luck\n"
    status = json.loads(outputs(tasks["ends"])["out"])
    assert (status["state"], status["pipelineTaskName"]) == ("FAILED", "exit-handler-1")


def test_a_task_that_fails_is_tried_again_as_often_as_it_says(pipelines, begun) -> None:
    state, tasks = pipelines.ended(begun["tries"])
    assert (state, tasks["fails"]["trackside"]["attempt"]) == ("FAILED", 2)


def test_a_task_that_leaves_out_an_output_has_failed(pipelines, begun) -> None:
    state, tasks = pipelines.ended(begun["missing"])
    assert (state, tasks["forgets"]["trackside"]["reason"]) == ("FAILED", "OUTPUT_MISSING")


def test_an_image_needs_neither_a_shell_nor_python(pipelines, begun) -> None:
    tasks = pipelines.succeeded(begun["bare"])
    assert outputs(tasks[""])["Output"] == 1000


def test_resources_and_variables_are_those_that_were_asked_for(pipelines, begun) -> None:
    task = pipelines.succeeded(begun["asks"])["says"]
    container = pipelines.pod(task)["spec"]["containers"][0]
    assert container["resources"] == {
        "requests": {"cpu": "50m", "memory": "32Mi"},
        "limits": {"cpu": "1", "memory": "64Mi"},
    }
    assert {"name": "GREETING", "value": "$$(HOME) costs $$$$5"} in container["env"]
    task = pipelines.succeeded(begun["accelerated"])["says"]
    container = pipelines.pod(task)["spec"]["containers"][0]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": "1"}


def test_an_output_too_large_for_the_way_back_is_named_with_what_to_set(pipelines, begun) -> None:
    state, tasks = pipelines.ended(begun["large"])
    assert (state, tasks["makes"]["trackside"]["reason"]) == ("FAILED", "OUTPUTS_TOO_LARGE")
    message = tasks["makes"]["status_metadata"]["message"]
    assert message.startswith("Its output data is 5.7 MiB")
    assert "c.Trackside.cluster_url" in message


def test_an_image_that_is_not_there_is_told_in_a_sentence(pipelines, begun) -> None:
    def told(tasks):
        job = pipelines.job(tasks["missing-image"]) if "missing-image" in tasks else None
        return job and job["reason"] and "trackside.test/nothing:1" in job["reason"]["message"]

    pipelines.until(told, begun["nowhere"])
    pipelines.terminate(begun["nowhere"])
    assert pipelines.ended(begun["nowhere"])[0] == "CANCELED"
