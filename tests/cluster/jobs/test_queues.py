"""Jobs in queues of Kueue: they wait their turn, are moved aside, and say why."""

from __future__ import annotations

import json
import time

import pytest

from trackside._errors import TracksideError

KUEUE = "kueue.x-k8s.io/v1beta2"
COUNTS = """
import os, time
for number in range(20): print("line", number, flush=True)
while not os.path.exists("/tmp/go"): time.sleep(0.05)
print("end")
"""
LINES = "".join(f"line {number}\n" for number in range(20))


@pytest.fixture(scope="module")
def queue(cluster, room):
    """A queue for one GPU, in which higher priorities take the place of lower ones."""
    if not hasattr(cluster, "start_controllers"):
        pytest.skip("The controllers of another cluster are its owner's.")
    cluster.start_controllers("kueue")
    name = room.name
    quotas = {"cpu": 100, "memory": "100Gi", "nvidia.com/gpu": 1}
    resources = [{"name": key, "nominalQuota": value} for key, value in quotas.items()]
    made = [
        ("ResourceFlavor", name, {}),
        (
            "ClusterQueue",
            name,
            {
                "spec": {
                    "namespaceSelector": {},
                    "preemption": {"withinClusterQueue": "LowerPriority"},
                    "resourceGroups": [
                        {
                            "coveredResources": list(quotas),
                            "flavors": [{"name": name, "resources": resources}],
                        }
                    ],
                }
            },
        ),
        ("LocalQueue", "line", {"spec": {"clusterQueue": name}}),
        ("WorkloadPriorityClass", name, {"value": 1000}),
    ]
    for kind, called, more in made:
        item = {"apiVersion": KUEUE, "kind": kind, "metadata": {"name": called}, **more}
        room.admin("create", "-f", "-", input=json.dumps(item))
    yield "line"
    room.admin("delete", "jobs,localqueues", "--all")
    cluster.kubectl("delete", "clusterqueue,resourceflavor,workloadpriorityclass", name)


@pytest.fixture(scope="module")
def jobs(queue, serve):
    return serve()


@pytest.fixture
def urgent(jobs, cluster):
    """Make a job of others, of the highest priority, which runs until it is deleted."""
    gpu = {"nvidia.com/gpu": "1"}
    container = {
        "name": "main",
        "image": cluster.image,
        "command": ["sleep", "600"],
        "resources": {"requests": gpu, "limits": gpu},
    }
    labels = {
        "kueue.x-k8s.io/queue-name": "line",
        "kueue.x-k8s.io/priority-class": jobs.namespace.name,
    }
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    template["spec"]["terminationGracePeriodSeconds"] = 0
    made = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "urgent", "labels": labels},
        "spec": {"suspend": True, "template": template},
    }

    def make():
        jobs.namespace.admin("create", "-f", "-", input=json.dumps(made))

    yield make
    jobs.namespace.admin("delete", "job", "urgent", "--ignore-not-found", "--cascade=foreground")


def go(jobs, job) -> None:
    """Let a job go on that waits."""
    pod = jobs.pod(job)["metadata"]["name"]
    jobs.namespace.admin("exec", pod, "--", "touch", "/tmp/go")


def waits_as(jobs, job, place):
    """Wait until a job says its place in line."""
    found = jobs.until(job, lambda now: now["reason"] and place in now["reason"]["message"])
    assert (found["state"], found["reason"]["code"]) == ("QUEUED", "QUEUED")
    return found["reason"]["message"]


def queued_as(jobs, job, code):
    """Wait until a job that ran is back in line, and says why.

    Job and workload are watched each by itself: it may be seen first that it does not run.
    """
    found = jobs.until(
        job,
        lambda now: now["state"] == "QUEUED" and now["reason"] and now["reason"]["code"] == code,
    )
    return found["reason"]["message"]


def test_jobs_wait_in_line_with_their_place_and_run_one_after_the_other(jobs) -> None:
    first = jobs.script(COUNTS, queue="line", gpus=1)
    jobs.prints(first, "line 19\n")
    second = jobs.script(COUNTS, queue="line", gpus=1)
    waits_as(jobs, second, "1st in queue line")
    # Kueue tells by the second who came first.
    came = int(time.time())
    jobs.until_true(lambda: int(time.time()) > came, "the next second")
    third = jobs.script("print('third')", queue="line", gpus=1)
    said = waits_as(jobs, third, "2nd in queue line")
    assert said.startswith("Waiting for 1 GPU: ")
    assert jobs.run(third)["status"] == "SCHEDULED"
    go(jobs, first)
    jobs.succeeded(first)
    jobs.prints(second, "line 19\n")
    waits_as(jobs, third, "1st in queue line")
    go(jobs, second)
    for job in (second, third):
        now = jobs.succeeded(job)
        assert (now["attempt"], now["cluster"]["queue"]) == (1, "line")
    # The time in the line is not part of the run.
    assert now["started_at"] >= jobs.get(second)["ended_at"]
    assert jobs.log(second) == f"{LINES}end\n"


def test_a_job_that_is_preempted_waits_and_runs_again_as_the_same_run(jobs, urgent) -> None:
    job = jobs.script(COUNTS, queue="line", gpus=1)
    jobs.prints(job, "line 19\n")
    began = jobs.running(job)
    urgent()
    said = queued_as(jobs, job, "PREEMPTED")
    assert said.startswith("Preempted by a job of higher priority, will start again")
    jobs.namespace.admin("delete", "job", "urgent", "--cascade=foreground")
    again = jobs.running(job)
    assert (again["attempt"], again["run_id"]) == (1, began["run_id"])
    assert again["started_at"] == began["started_at"]
    jobs.until_true(lambda: jobs.log(job).count(LINES) == 2, "what the second pod printed")
    go(jobs, job)
    jobs.succeeded(job)
    one, _, two = jobs.log(job).partition("──")
    assert one == LINES
    assert two.partition("──\n")[2] == f"{LINES}end\n"
    assert jobs.run(job)["status"] == "FINISHED"
    assert len(jobs.objects(job, "jobs")) == 1


def test_a_job_that_waits_in_line_is_canceled_at_once(jobs, urgent) -> None:
    urgent()
    job = jobs.script("print('never')", queue="line", gpus=1)
    jobs.says(job, "QUEUED")
    job.cancel()
    assert jobs.end(job)[:2] == ("CANCELED", "CANCELED")
    jobs.until_true(lambda: not jobs.objects(job, "jobs,pods,configmaps,secrets"), "its removal")


def test_a_queue_that_does_not_exist_is_refused_with_those_that_do(jobs) -> None:
    with pytest.raises(TracksideError) as refused:
        jobs.script("print('never')", queue="lien")
    said = str(refused.value)
    assert f"There is no queue lien in the namespace {jobs.namespace.name}." in said
    assert "There are line." in said


def stop(jobs, policy) -> None:
    change = json.dumps({"spec": {"stopPolicy": policy}})
    jobs.namespace.admin("patch", "localqueue", "line", "--type=merge", "-p", change)


def test_a_queue_that_is_stopped_says_so_and_its_jobs_go_on_when_it_is_opened(jobs) -> None:
    runs = jobs.script(COUNTS, queue="line", gpus=1)
    jobs.prints(runs, "line 19\n")
    stop(jobs, "HoldAndDrain")
    queued_as(jobs, runs, "QUEUE_STOPPED")
    late = jobs.script("print('late')", queue="line", gpus=1)
    assert "it was stopped" in jobs.says(late, "QUEUE_INACTIVE")
    stop(jobs, "None")
    jobs.until_true(lambda: jobs.log(runs).count(LINES) == 2, "what the second pod printed")
    go(jobs, runs)
    jobs.succeeded(runs)
    jobs.succeeded(late)


def test_a_job_in_line_is_found_there_by_the_next_server(jobs, urgent) -> None:
    urgent()
    job = jobs.script("print('ran')", queue="line", gpus=1)
    waits_as(jobs, job, "1st in queue line")
    jobs.server.kill()
    jobs.server.restart()
    waits_as(jobs, job, "1st in queue line")
    jobs.namespace.admin("delete", "job", "urgent", "--cascade=foreground")
    assert jobs.succeeded(job)["attempt"] == 1
    assert jobs.log(job) == "ran\n"
