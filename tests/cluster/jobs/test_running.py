"""Code of every kind runs in a container of the cluster, and all that it says comes back."""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3

import pytest

SECRET = "swordfish-8412-kept-from-everybody"
WAITS = "import os, time\nwhile not os.path.exists('/tmp/go'): time.sleep(0.05)\n"

CELL = """
print("lr is", lr)
for epoch in range(3):
    print(f"epoch={epoch} loss={lr / (epoch + 1)}")
"""
LINES = "".join(f"line {number} äöü→ 🦊\n" for number in range(10_000))
PRINTS = """
import sys
print("begins")
sys.stdout.write("".join(f"line {number} äöü→ 🦊\\n" for number in range(10_000)))
print("x" * 100_000)
print("aside", file=sys.stderr)
for part in range(40):
    print(f"\\r{part}%", end="", flush=True)
print("\\ndone", end="")
"""
TALK = """
import os, socket, time
place = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
print("rank", os.environ["RANK"], "of", os.environ["WORLD_SIZE"], os.environ["PET_NNODES"])
if os.environ["RANK"] == "0":
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
"""
LOGS = """
import trackside
trackside.log_params({"depth": 3})
trackside.set_tags({"team": "vision"})
for step in range(500):
    trackside.log({"loss": 1 / (step + 1)}, step=step)
    print("step", step)
"""
WRITES = """
import pathlib, sys
print(sys.argv[1:], open("data/in.csv").read())
pathlib.Path("deep/er").mkdir(parents=True)
pathlib.Path("deep/er/model.bin").write_bytes(bytes(range(256)) * 1000)
pathlib.Path("out.txt").write_text("grüße")
"""


def notebook(*sources):
    kind = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    cells = [{**kind, "id": f"c{at}", "source": source} for at, source in enumerate(sources)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


@pytest.fixture(scope="module")
def begun(jobs):
    """Jobs that need nobody, all under way at once."""
    jobs.write("helper.py", "def add(a, b):\n    return a + b\n")
    work = jobs.write("uses_helper.py", "import helper\nprint('sum', helper.add(1, 2))\n")
    data = jobs.write("data/in.csv", "1,2\n")
    tool = jobs.write("tool.sh", "#!/bin/sh\necho loss=0.5\necho words: $@ $PLACE\ncat note.txt\n")
    tool.chmod(0o755)
    note = jobs.write("note.txt", "a note\n")
    return {
        "function": jobs.function(
            "def work(a, b):\n    return {'sum': a + b, 'set': {1, 2}}\n",
            params={"a": 1, "b": 2},
        ),
        "module": jobs.submit(work),
        "cell": jobs.cell(
            CELL,
            params={"lr": 0.5},
            name="My Cell! of ünïcode and a very long name that nobody would want to type",
        ),
        "script": jobs.script(WRITES, params={"lr": 1}, arguments=["more"], files=[data]),
        "notebook": jobs.submit(jobs.write("work.ipynb", notebook("print(1)"))),
        "command": jobs.submit(
            ["./tool.sh", "--lr", "a b"], files=[tool, note], env={"PLACE": "here"}
        ),
        "prints": jobs.script(PRINTS),
        "logs": jobs.script(LOGS, experiment="points"),
        "retries": jobs.script("print('tried'); raise SystemExit(3)", retries=1),
        "nodes": jobs.script(TALK, nodes=2),
        "gpus": jobs.submit(["sh", "-c", "echo gpus $NVIDIA_VISIBLE_DEVICES"], gpus=2),
        "memory": jobs.submit(
            [
                "sh",
                "-c",
                "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max",
            ],
            memory="300Mi",
            cpus=0.1,
        ),
    }


def test_what_a_function_returns_comes_back(jobs, begun) -> None:
    job = begun["function"]
    now = jobs.succeeded(job)
    assert job.result() == {"sum": 3, "set": {1, 2}}
    assert (now["exit_code"], now["reason"]["message"]) == (0, "Completed.")
    run = jobs.run(job)
    assert run["status"] == "FINISHED"
    assert run["params"] == {"a": "1", "b": "2"}
    cluster = now["cluster"]
    assert (cluster["kind"], cluster["lane"]) == ("Job", "stdout")
    assert cluster["namespace"] == jobs.namespace.name
    (rank,) = cluster["ranks"]
    assert (rank["state"], rank["exit_code"], rank["restarts"]) == ("succeeded", 0, 0)
    assert now["started_at"] <= now["ended_at"]


def test_modules_beside_a_script_are_in_its_container(jobs, begun) -> None:
    job = begun["module"]
    jobs.succeeded(job)
    assert jobs.log(job) == "sum 3\n"


def test_params_are_variables_of_a_cell_and_what_it_prints_is_its_metrics(jobs, begun) -> None:
    job = begun["cell"]
    jobs.succeeded(job)
    assert jobs.log(job).splitlines()[0] == "lr is 0.5"
    assert jobs.points(job, "loss") == [(0, 0.5), (1, 0.25), (2, 0.5 / 3)]


def test_objects_are_found_by_the_name_and_labels_of_their_job(jobs, begun) -> None:
    job = begun["cell"]
    jobs.succeeded(job)
    found = jobs.object(job, "jobs")
    name, labels = found["metadata"]["name"], found["metadata"]["labels"]
    assert name == f"my-cell-of-unicode-and-a-{job.id[:10]}-1"
    assert labels["app.kubernetes.io/managed-by"] == "trackside"
    assert labels["trackside.dev/run-id"] == job.run_id
    assert labels["trackside.dev/attempt"] == "1"
    assert found["metadata"]["annotations"]["trackside.dev/name"] == job.name
    assert jobs.pod(job)["metadata"]["labels"]["trackside.dev/job-id"] == job.id
    # For an hour people may look at it; a job is never owned by anything.
    assert found["spec"]["ttlSecondsAfterFinished"] == 3600
    assert "ownerReferences" not in found["metadata"]


def test_a_rerun_takes_the_same_code_with_other_params(jobs, begun) -> None:
    job = begun["cell"]
    jobs.succeeded(job)
    again = job.rerun(params={"lr": 2.0})
    jobs.succeeded(again)
    assert jobs.log(again).splitlines()[0] == "lr is 2.0"
    assert again.data["cluster"]["uid"] != job.data["cluster"]["uid"]


def test_files_that_a_script_writes_are_artifacts_of_its_run(jobs, begun) -> None:
    job = begun["script"]
    jobs.succeeded(job)
    assert jobs.log(job) == "['more', '--lr', '1'] 1,2\n\n"
    assert jobs.artifacts(job, "outputs") == {"outputs/deep": None, "outputs/out.txt": 7}
    assert jobs.artifacts(job, "outputs/deep/er") == {"outputs/deep/er/model.bin": 256_000}
    assert jobs.artifacts(job, "logs") == {"logs/output.log": len(jobs.log(job))}
    assert jobs.get(job)["cluster"]["lost"] == []


def test_a_notebook_needs_an_image_that_can_run_one(jobs, begun) -> None:
    job = begun["notebook"]
    state, code, message = jobs.end(job)
    assert (state, code) == ("FAILED", "EXCEPTION")
    assert message.startswith("Running a notebook needs ipykernel, which /usr/bin/python3 does")
    assert message.endswith("Install it: /usr/bin/python3 -m pip install nbclient ipykernel")


def test_a_command_runs_with_its_files_words_and_variables(jobs, begun) -> None:
    job = begun["command"]
    jobs.succeeded(job)
    assert jobs.log(job) == "loss=0.5\nwords: --lr a b here\na note\n"
    assert [value for _, value in jobs.points(job, "loss")] == [0.5]


def test_a_log_is_what_was_printed_to_the_last_byte(jobs, begun) -> None:
    job = begun["prints"]
    jobs.succeeded(job)
    bar = "".join(f"\r{part}%" for part in range(40))
    expected = "begins\n" + LINES + "x" * 100_000 + "\n" + bar + "\ndone"
    log = jobs.log(job)
    # Standard error has a pipe of its own: where its line comes in is the kernel's choice.
    assert log.count("aside\n") == 1
    assert log.replace("aside\n", "") == expected


def test_what_a_job_logs_reaches_its_run_exactly_once(jobs, begun) -> None:
    job = begun["logs"]
    jobs.succeeded(job)
    assert jobs.points(job, "loss") == [(step, 1 / (step + 1)) for step in range(500)]
    run = jobs.run(job)
    assert run["params"]["depth"] == "3"
    assert run["tags"]["team"] == "vision"
    # And it is not in the log, over which it came.
    assert jobs.log(job) == "".join(f"step {step}\n" for step in range(500))


def test_each_attempt_is_an_object_of_its_own(jobs, begun) -> None:
    job = begun["retries"]
    now = jobs.ended(job)
    assert (now["state"], now["attempt"]) == ("FAILED", 2)
    assert [one["code"] for one in now["attempts"]] == ["EXIT_CODE", "EXIT_CODE"]
    made = jobs.objects(job, "jobs")
    assert sorted(one["metadata"]["labels"]["trackside.dev/attempt"] for one in made) == ["1", "2"]
    assert jobs.log(job) == "tried\n── attempt 2 of 2 ──\ntried\n"


def test_nodes_find_each_other_and_each_has_its_log(jobs, begun) -> None:
    job = begun["nodes"]
    now = jobs.succeeded(job)
    assert jobs.log(job) == "rank 0 of 2 2\nheard hello\n"
    assert jobs.log(job, rank=1) == "rank 1 of 2 2\nsaid hello\n"
    states = [(rank["rank"], rank["state"]) for rank in now["cluster"]["ranks"]]
    assert states == [(0, "succeeded"), (1, "succeeded")]
    assert set(jobs.artifacts(job, "logs")) == {"logs/output.log", "logs/output-1.log"}
    service = jobs.object(job, "services")
    assert service["spec"]["clusterIP"] == "None"


def test_a_job_sees_the_gpus_that_it_asked_for(jobs, begun) -> None:
    job = begun["gpus"]
    jobs.succeeded(job)
    gpus = jobs.log(job).removeprefix("gpus ").strip().split(",")
    assert len(set(gpus)) == 2
    volumes = jobs.pod(job)["spec"]["volumes"]
    assert {"name": "trackside-shm", "emptyDir": {"medium": "Memory"}} in volumes


def test_a_container_has_the_limits_that_were_asked_for(jobs, begun) -> None:
    job = begun["memory"]
    jobs.ended(job)
    assert str(300 * 1024**2) in jobs.log(job)
    resources = jobs.pod(job)["spec"]["containers"][0]["resources"]
    assert resources["limits"] == resources["requests"] == {"cpu": "100m", "memory": "314572800"}


def go(jobs, job) -> None:
    """Let a job go on that waits."""
    pod = jobs.pod(job)["metadata"]["name"]
    jobs.namespace.admin("exec", pod, "--", "touch", "/tmp/go")


def test_metrics_are_in_the_run_while_the_job_runs(jobs) -> None:
    job = jobs.script(f"print('epoch=0 loss=0.5')\n{WAITS}print('epoch=1 loss=0.25')\n")
    now = jobs.until(job, lambda now: "loss" in now["metrics"])
    assert now["state"] == "RUNNING"
    assert now["reason"]["message"] == f"Running on {now['cluster']['ranks'][0]['node']}."
    assert jobs.run(job)["status"] == "RUNNING"
    assert jobs.points(job, "loss") == [(0, 0.5)]
    go(jobs, job)
    jobs.succeeded(job)
    assert jobs.points(job, "loss") == [(0, 0.5), (1, 0.25)]
    assert jobs.run(job)["status"] == "FINISHED"


def test_what_is_logged_is_in_the_run_while_the_job_runs(jobs) -> None:
    job = jobs.script(f"import trackside\ntrackside.log({{'acc': 1}}, step=7)\n{WAITS}")
    jobs.until(job, lambda now: "acc" in now["metrics"])
    assert jobs.points(job, "acc") == [(7, 1.0)]
    job.cancel()
    jobs.ended(job)


def test_a_server_that_is_killed_finds_its_jobs_and_loses_no_line_of_them(jobs) -> None:
    source = (
        "import os, time, trackside\n"
        "for step in range(2000):\n"
        "    print(f'step={step} loss={step / 2}')\n"
        "    trackside.log({'acc': step}, step=step)\n"
        "    if step % 400 == 399: time.sleep(0.3)\n"
    )
    job = jobs.script(source + WAITS + "print('end')\n")
    jobs.prints(job, "step=500 ")
    jobs.server.kill()
    jobs.server.restart()
    jobs.prints(job, "step=1100 ")
    jobs.server.kill()
    jobs.server.restart()
    go(jobs, job)
    now = jobs.succeeded(job)
    assert now["attempt"] == 1
    assert jobs.log(job) == "".join(f"step={n} loss={n / 2}\n" for n in range(2000)) + "end\n"
    assert jobs.points(job, "loss") == [(n, n / 2) for n in range(2000)]
    assert jobs.points(job, "acc") == [(n, float(n)) for n in range(2000)]


def test_a_job_that_ended_while_no_server_was_there_is_read_to_its_end(jobs) -> None:
    job = jobs.script(
        WAITS + "print('late')\nopen('late.txt', 'w').write('x')\nraise SystemExit(4)\n"
    )
    jobs.running(job)
    jobs.server.kill()
    go(jobs, job)
    jobs.until_true(lambda: jobs.pod(job)["status"]["phase"] == "Failed", "the end of the pod")
    jobs.server.restart()
    now = jobs.ended(job)
    assert (now["state"], now["exit_code"]) == ("FAILED", 4)
    assert jobs.log(job) == "late\n"
    assert jobs.artifacts(job, "outputs") == {"outputs/late.txt": 1}


def test_a_job_that_ended_before_its_cancel_could_be_passed_on_ends_as_it_did(jobs) -> None:
    job = jobs.script("print('begun', flush=True)\n" + WAITS + "print('loss=0.5')\n")
    jobs.prints(job, "begun")
    jobs.server.kill()
    # What a server leaves that is killed between the wish and the cluster.
    with contextlib.closing(sqlite3.connect(jobs.server.root / "trackside.db")) as store, store:
        store.execute(
            "UPDATE jobs SET cancel_by = 'ana', cancel_at = 1 WHERE job_id = ?", (job.id,)
        )
    go(jobs, job)
    jobs.until_true(lambda: jobs.pod(job)["status"]["phase"] == "Succeeded", "the end of the pod")
    jobs.server.restart()
    jobs.succeeded(job)
    assert jobs.log(job) == "begun\nloss=0.5\n"
    assert jobs.points(job, "loss") == [(0, 0.5)]


def test_secrets_are_in_no_manifest_and_go_with_the_job(jobs) -> None:
    job = jobs.script(
        "import os\nprint(len(os.environ['API_TOKEN']), os.environ['PLAIN'], flush=True)\n" + WAITS,
        env={"API_TOKEN": SECRET, "PLAIN": "seen"},
    )
    jobs.prints(job, "seen\n")
    assert jobs.log(job) == f"{len(SECRET)} seen\n"
    kinds = ("jobs", "pods", "configmaps", "services", "events")
    shown = json.dumps([jobs.objects(job, *kinds), jobs.get(job)])
    (secret,) = jobs.objects(job, "secrets")
    kept = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
    assert kept["API_TOKEN"] == SECRET
    assert SECRET not in shown
    assert base64.b64encode(SECRET.encode()).decode() not in shown
    # The pod may read its Secret and nothing of the cluster: its account has no rights.
    assert secret["metadata"]["ownerReferences"][0]["kind"] == "Job"
    go(jobs, job)
    jobs.succeeded(job)
    jobs.until_true(lambda: not jobs.objects(job, "secrets"), "the end of its Secret")


def test_everything_goes_with_the_job_object(jobs, begun) -> None:
    job = begun["function"]
    jobs.succeeded(job)
    assert jobs.objects(job, "configmaps")
    jobs.namespace.admin("delete", "job", job.data["cluster"]["name"])
    jobs.until_true(lambda: not jobs.objects(job, "configmaps,pods,secrets"), "their removal")
    # What it said stays here.
    assert job.result()["sum"] == 3


def test_a_canceled_job_may_save_its_work(serve) -> None:
    # On a busy machine that takes a while.
    jobs = serve(stop_grace=30.0)
    job = jobs.script(
        "import signal, sys, time\n"
        "def save(*_):\n"
        "    open('checkpoint.txt', 'w').write('epoch 3')\n"
        "    print('saved', flush=True)\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, save)\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)\n"
    )
    jobs.prints(job, "ready\n")
    job.cancel()
    state, code, message = jobs.end(job)
    assert (state, code) == ("CANCELED", "CANCELED")
    assert message.startswith("Canceled by ")
    assert jobs.log(job) == "ready\nsaved\n"
    assert jobs.artifacts(job, "outputs") == {"outputs/checkpoint.txt": 7}
    assert jobs.run(job)["status"] == "KILLED"
    jobs.until_true(lambda: not jobs.objects(job, "jobs,pods,secrets"), "their removal")


def test_a_job_that_does_not_stop_is_killed_after_its_grace(jobs) -> None:
    job = jobs.submit(["sh", "-c", "trap '' TERM; echo ready; while true; do sleep 1; done"])
    jobs.prints(job, "ready\n")
    job.cancel()
    assert jobs.end(job)[:2] == ("CANCELED", "CANCELED")
    jobs.until_true(lambda: not jobs.objects(job, "jobs,pods"), "their removal")


def test_a_job_that_waits_for_its_pod_is_canceled(jobs) -> None:
    job = jobs.script("print('never')", gpus=4, memory="900Gi")
    jobs.until(job, lambda now: now["cluster"] and now["cluster"]["ranks"])
    job.cancel()
    assert jobs.end(job)[:2] == ("CANCELED", "CANCELED")
    assert jobs.log(job) == ""
    jobs.until_true(lambda: not jobs.objects(job, "jobs,pods,configmaps,secrets"), "their removal")


def test_a_job_that_is_held_back_is_queued_and_is_canceled(jobs) -> None:
    job = jobs.script("print('never')", memory="900Gi")
    made = jobs.object(job, "jobs")["metadata"]["name"]
    jobs.namespace.admin("patch", "job", made, "-p", '{"spec": {"suspend": true}}')
    now = jobs.until(job, lambda now: now["state"] == "QUEUED")
    assert now["reason"]["message"].startswith("Suspended by somebody.")
    job.cancel()
    assert jobs.end(job)[:2] == ("CANCELED", "CANCELED")
