"""TrainJobs through Kubeflow Trainer itself: nodes that know each other, ends, queues, crashes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from trackside._errors import TracksideError

KUEUE = "kueue.x-k8s.io/v1beta2"

KILLING = os.pathsep.join(
    [str(Path(__file__).parent / "killing"), os.environ.get("PYTHONPATH", "")]
)
TORCH = {"runtime": "torch-distributed", "nodes": 2}
TALK = """
import os, socket, time
place = (os.environ["PET_MASTER_ADDR"], int(os.environ["PET_MASTER_PORT"]))
print("rank", os.environ["PET_NODE_RANK"], "of", os.environ["PET_NNODES"])
if os.environ["PET_NODE_RANK"] == "0":
    with socket.create_server(("", place[1])) as server:
        print("heard", server.accept()[0].recv(10).decode())
else:
    while True:
        try:
            with socket.create_connection(place) as peer:
                peer.send(b"hello")
            break
        except OSError:
            time.sleep(0.1)
    print("said hello")
print("loss=0.5")
"""
WAITS = """
import os, time
print("up", flush=True)
while not os.path.exists("/tmp/go"): time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def trainer(cluster, room):
    """Trainer and Kueue, with a queue for the GPUs of one node."""
    if not hasattr(cluster, "start_controllers"):
        pytest.skip("The controllers of another cluster are its owner's.")
    cluster.start_controllers("kueue", "trainer")
    name = room.name
    quotas = {"cpu": 100, "memory": "100Gi", "nvidia.com/gpu": 2}
    resources = [{"name": key, "nominalQuota": value} for key, value in quotas.items()]
    group = {
        "coveredResources": list(quotas),
        "flavors": [{"name": name, "resources": resources}],
    }
    for kind, called, spec in (
        ("ResourceFlavor", name, {}),
        ("ClusterQueue", name, {"namespaceSelector": {}, "resourceGroups": [group]}),
        ("LocalQueue", "line", {"clusterQueue": name}),
    ):
        item = {"apiVersion": KUEUE, "kind": kind, "metadata": {"name": called}, "spec": spec}
        room.admin("create", "-f", "-", input=json.dumps(item))
    yield
    room.admin("delete", "trainjobs,jobs,localqueues", "--all")
    cluster.kubectl("delete", "clusterqueue,resourceflavor", name)


@pytest.fixture(scope="module")
def jobs(trainer, serve, tmp_path_factory):
    kills = tmp_path_factory.mktemp("kills")
    return serve(env={"PYTHONPATH": KILLING, "KILLS": str(kills)})


def go(jobs, job) -> None:
    """Let a job go on that waits."""
    for pod in jobs.objects(job, "pods"):
        jobs.namespace.admin("exec", pod["metadata"]["name"], "--", "touch", "/tmp/go")


def assert_gone(jobs, job) -> None:
    """Wait until nothing is left of a job on the cluster."""
    kinds = ("trainjobs", "jobs", "pods", "configmaps", "secrets")
    jobs.until_true(lambda: not jobs.objects(job, *kinds), "its removal")


def test_two_nodes_with_gpus_reach_each_other_and_each_has_its_log(jobs) -> None:
    job = jobs.script(TALK, gpus=1, **TORCH)
    now = jobs.succeeded(job)
    assert jobs.log(job) == "rank 0 of 2\nheard hello\nloss=0.5\n"
    assert jobs.log(job, rank=1) == "rank 1 of 2\nsaid hello\nloss=0.5\n"
    cluster = now["cluster"]
    assert (cluster["kind"], cluster["nodes"]) == ("TrainJob", 2)
    states = [(rank["rank"], rank["state"], rank["exit_code"]) for rank in cluster["ranks"]]
    assert states == [(0, "succeeded", 0), (1, "succeeded", 0)]
    assert cluster["gpu_seconds"] > 0
    run = jobs.run(job)
    assert (run["status"], run["metrics"]["loss"]) == ("FINISHED", 0.5)
    # Trainer would keep it for ever.
    assert_gone(jobs, job)


def test_the_rank_that_failed_is_named(jobs) -> None:
    job = jobs.script(
        "import os, time\n"
        "if os.environ['PET_NODE_RANK'] == '1': raise SystemExit(3)\n"
        "time.sleep(600)\n",
        **TORCH,
    )
    state, code, message = jobs.end(job)
    assert (state, code) == ("FAILED", "EXIT_CODE")
    assert "Rank 1" in message
    assert jobs.get(job)["exit_code"] == 3
    assert jobs.run(job)["status"] == "FAILED"
    # Trainer would start it again, at longer and longer intervals, with the GPUs of all.
    assert_gone(jobs, job)


def test_an_exception_of_a_rank_is_that_of_the_job(jobs) -> None:
    job = jobs.script("raise ValueError('shapes do not match')\n", **TORCH)
    state, code, message = jobs.end(job)
    assert (state, code) == ("FAILED", "EXCEPTION")
    assert "ValueError in " in message
    assert message.endswith(": shapes do not match")


def test_a_train_job_is_canceled_with_all_its_pods(jobs) -> None:
    job = jobs.script(WAITS, **TORCH)
    for rank in (0, 1):
        jobs.prints(job, "up\n", rank)
    job.cancel()
    assert jobs.end(job)[:2] == ("CANCELED", "CANCELED")
    assert jobs.run(job)["status"] == "KILLED"
    assert_gone(jobs, job)


def test_a_runtime_that_does_not_exist_is_refused(jobs) -> None:
    with pytest.raises(TracksideError) as refused:
        jobs.script("print('never')", runtime="torch-distributd")
    assert "There is no training runtime 'torch-distributd'" in str(refused.value)


def test_train_jobs_wait_in_a_queue_with_their_place_and_follow_each_other(jobs) -> None:
    first = jobs.script(WAITS, queue="line", gpus=1, **TORCH)
    for rank in (0, 1):
        jobs.prints(first, "up\n", rank)
    second = jobs.script(TALK, queue="line", gpus=1, **TORCH)
    now = jobs.until(
        second, lambda now: now["reason"] and "1st in queue line" in now["reason"]["message"]
    )
    assert now["state"] == "QUEUED"
    assert now["reason"]["message"].startswith("Waiting for 2 GPUs on 2 nodes: ")
    go(jobs, first)
    jobs.succeeded(first)
    assert jobs.succeeded(second)["attempt"] == 1
    assert jobs.log(second, rank=1) == "rank 1 of 2\nsaid hello\nloss=0.5\n"


@pytest.mark.parametrize("point", ["after-2", "after-3", "after-4"])
def test_a_train_job_whose_server_dies_as_it_is_made_runs_once_and_leaves_nothing(
    jobs, point
) -> None:
    job = jobs.script(TALK, name=point, **TORCH)
    jobs.until_true(lambda: not jobs.server.alive, f"a server that died {point}")
    jobs.server.restart()
    now = jobs.succeeded(job)
    assert now["attempt"] == 1
    assert jobs.log(job) == "rank 0 of 2\nheard hello\nloss=0.5\n"
    assert_gone(jobs, job)
