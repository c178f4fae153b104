"""A job from its request to the closed run, with everything real."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading

import pytest

from trackside._bundle import Bundle
from trackside_server.jobs import outputs, scheduler
from trackside_server.jobs.directory import JobDirectory
from trackside_server.jobs.runners.local import runner

from .conftest import gone, until

TRAIN = """
import sys
for step in range(3):
    print(f"step={step} loss={1 / (step + 1):.3f}")
open("model.txt", "w").write("weights")
"""
WAIT = "import time\nopen('up', 'w').write('1')\ntime.sleep(600)\n"


async def test_a_script_becomes_a_finished_run(api):
    job = await api.submit(TRAIN, params={"lr": 0.1}, tags={"team": "a"}, experiment="digits")
    assert job["state"] in ("QUEUED", "STARTING")
    assert job["name"] == "digits-1"
    done = await api.ended(job)
    assert (done["state"], done["exit_code"]) == ("SUCCEEDED", 0)
    assert done["reason"] == {"code": "COMPLETED", "message": "Completed."}
    assert done["created_at"] <= done["started_at"] <= done["ended_at"]
    run = await api.run(job)
    assert (run["status"], run["end_time"]) == ("FINISHED", done["ended_at"])
    assert run["start_time"] == done["started_at"], "the time in the queue is not part of a run"
    assert run["params"] == {"lr": "0.1"}
    assert run["metrics"] == {"loss": 0.333}
    assert run["tags"]["team"] == "a"
    assert run["tags"]["trackside.job_id"] == job["job_id"]
    assert run["tags"]["trackside.reason.code"] == "COMPLETED"
    assert run["tags"]["trackside.reason.message"] == "Completed."


async def test_what_it_printed_and_wrote_stays_with_the_run(api):
    job = await api.submit(TRAIN, files={"data.csv": b"1,2"})
    await api.ended(job)
    assert await api.log(job) == "step=0 loss=1.000\nstep=1 loss=0.500\nstep=2 loss=0.333\n"
    assert await api.artifacts(job, "logs") == ["logs/output.log"]
    # Neither the code nor the data that travelled with it.
    assert await api.artifacts(job, "outputs") == ["outputs/model.txt"]
    assert not (api.folder(job) / "work").exists()


async def test_a_file_that_travelled_and_was_changed_is_an_output(api):
    code = "open('table.csv', 'a').write('more')"
    job = await api.submit(code, files={"table.csv": b"1", "same.csv": b"2"})
    await api.ended(job)
    assert await api.artifacts(job, "outputs") == ["outputs/table.csv"]


async def test_an_exception_in_a_cell_is_named_with_its_line(api):
    job = await api.submit(
        "x = 1\nraise ValueError('shapes (64,) and (10,) not aligned')", kind="cell"
    )
    done = await api.ended(job)
    assert done["state"] == "FAILED"
    assert done["reason"] == {
        "code": "EXCEPTION",
        "message": "ValueError in cell line 2: shapes (64,) and (10,) not aligned",
    }
    assert done["failure"]["type"] == "ValueError"
    assert "raise ValueError" in done["failure"]["traceback"]
    run = await api.run(job)
    assert run["status"] == "FAILED"
    assert run["tags"]["trackside.reason.code"] == "EXCEPTION"


async def test_a_job_that_fails_on_a_name_that_is_no_utf8_ends_like_any_other(api):
    job = await api.submit(r"open('data\udc80.csv')")
    done = await api.ended(job)
    assert (done["state"], done["reason"]["code"]) == ("FAILED", "EXCEPTION")
    assert "data?.csv" in done["reason"]["message"]
    assert (await api.call("GET", "jobs", status=200)).json["jobs"][0]["state"] == "FAILED"


async def test_params_are_variables_of_the_cell(api):
    job = await api.submit("print(lr * 2)", kind="cell", params={"lr": 0.25})
    await api.ended(job)
    assert await api.log(job) == "0.5\n"


@pytest.mark.parametrize(("value", "form"), [("{'a': [1, 2]}", "json"), ("{1, 2}", "pickle")])
async def test_what_a_function_returned_can_be_fetched(api, value, form):
    job = await api.submit(
        "",
        kind="function",
        function="train",
        files={"__trackside__/preamble.py": f"def train():\n    return {value}\n".encode()},
        entry={"preamble": "__trackside__/preamble.py", "function": "train"},
    )
    await api.ended(job)
    answer = await api.call("GET", f"jobs/{job['name']}/result", status=200)
    assert answer.headers["X-Trackside-Result"] == form
    assert answer.body == api.trackside.services.jobs.directory(job["job_id"]).result.read_bytes()


async def test_without_a_result_there_is_a_sentence(api):
    job = await api.submit("pass")
    await api.ended(job)
    answer = await api.call("GET", f"jobs/{job['job_id']}/result", status=404)
    assert answer.json["message"] == f"The job {job['name']} has no result: it returned nothing."


async def test_an_exit_code_fails_the_job(api):
    done = await api.ended(await api.submit("raise SystemExit(3)"))
    assert (done["state"], done["exit_code"]) == ("FAILED", 3)
    assert done["reason"]["code"] == "EXIT_CODE"


async def test_a_killed_job_fails_with_the_signal(api):
    job = await api.submit(WAIT)
    await api.file(job, "up")
    os.kill(await api.pid(job), signal.SIGKILL)
    done = await api.ended(job)
    assert (done["state"], done["signal"]) == ("FAILED", "SIGKILL")
    assert done["reason"]["message"] == "Killed by SIGKILL from outside Trackside."
    assert (await api.run(job))["status"] == "FAILED"


async def test_a_killed_supervisor_does_not_leave_the_job_alone(api):
    # The group, and a daemon that left it.
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        open('daemon', 'w').write(str(os.getpid())); time.sleep(600)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
    )
    job = await api.submit(code + WAIT)
    await api.file(job, "up")
    daemon = int(await api.file(job, "daemon"))
    pid = await api.pid(job)
    os.kill(api.status(job)["supervisor_pid"], signal.SIGKILL)
    done = await api.ended(job)
    assert done["reason"] == {
        "code": "SUPERVISOR_LOST",
        "message": "The process that watches over the job was killed, so the job was stopped.",
    }
    assert gone(pid)
    assert gone(daemon)
    assert (await api.run(job))["status"] == "FAILED"


async def test_a_time_limit_fails_the_job(api):
    done = await api.ended(await api.submit(WAIT, time_limit=0.4))
    assert done["reason"] == {
        "code": "TIME_LIMIT",
        "message": "Stopped at its time limit of 0.4 s.",
    }


async def test_a_memory_limit_fails_the_job(api):
    code = "import time\nx = b'x' * 400_000_000\ntime.sleep(600)"
    done = await api.ended(await api.submit(code, resources={"memory": "256Mi"}))
    assert done["reason"]["code"] == "OUT_OF_MEMORY"
    assert done["reason"]["message"].startswith("Out of memory: used ")
    assert done["reason"]["message"].endswith(" of 256 MiB.")
    assert done["peak_memory"] > 256 * 1024**2


async def test_a_python_that_cannot_run_is_a_launch_that_failed(api, tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/nowhere\n")
    python.chmod(0o755)
    done = await api.ended(await api.submit("pass", python=str(python)))
    assert done["reason"]["code"] == "LAUNCH_FAILED"
    assert done["reason"]["message"] == f"Could not start: {python}: No such file or directory."


async def test_a_job_that_ignores_sigterm_is_killed(api):
    job = await api.submit("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WAIT)
    await api.file(job, "up")
    await api.cancel(job)
    done = await api.ended(job)
    assert done["state"] == "CANCELED"
    assert "it was killed because it did not stop within 2 s" in done["reason"]["message"]


async def test_cancel_twice_and_too_late_is_harmless(api):
    job = await api.submit(WAIT)
    await api.file(job, "up")
    await api.cancel(job)
    await api.cancel(job)
    done = await api.ended(job)
    assert (await api.cancel(job))["ended_at"] == done["ended_at"]


async def test_a_job_can_be_canceled_while_the_disk_is_full(api, monkeypatch):
    monkeypatch.setattr(scheduler, "_TRY_AGAIN", 0.1)
    job = await api.submit(WAIT)
    await api.file(job, "up")

    def full(path, value):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(runner, "write_json", full)
    await api.cancel(job)
    done = await api.ended(job)
    assert (done["state"], done["reason"]["code"]) == ("CANCELED", "CANCELED")


async def test_a_job_can_be_canceled_while_the_store_has_no_room(api, monkeypatch):
    monkeypatch.setattr(scheduler, "_TRY_AGAIN", 0.1)
    store = api.trackside.services.store
    full = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    job = await api.submit(WAIT)
    await api.file(job, "up")
    await api.running(job)
    await store.write(lambda c: c.execute(f"CREATE TRIGGER refuse BEFORE UPDATE ON jobs {full}"))

    def no_room(path, value):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(runner, "write_json", no_room)
    await api.cancel(job)
    await until(lambda: gone(api.status(job)["pid"]))
    await store.write(lambda c: c.execute("DROP TRIGGER refuse"))
    done = await api.ended(job)
    assert (done["state"], done["reason"]["code"]) == ("CANCELED", "CANCELED")


async def test_a_cancel_that_could_not_be_passed_on_is_tried_again(api, monkeypatch):
    monkeypatch.setattr(scheduler, "_TRY_AGAIN", 0.1)
    job = await api.submit(WAIT)
    await api.file(job, "up")
    local = api.trackside.services.jobs._runners.local
    once = [OSError(errno.EMFILE, "Too many open files")]
    cancel = local.cancel

    async def unreliable(job):
        if once:
            raise once.pop()
        await cancel(job)

    monkeypatch.setattr(local, "cancel", unreliable)
    await api.cancel(job)
    assert (await api.ended(job))["state"] == "CANCELED"


async def test_a_cancel_in_the_moment_of_a_failure_prevents_the_next_attempt(api, monkeypatch):
    put_aside = JobDirectory.put_aside

    def meanwhile(directory, attempt):
        put_aside(directory, attempt)
        cancel = "UPDATE jobs SET cancel_by = 'ana', cancel_at = 1"
        api.trackside.services.store.submit(lambda c: c.execute(cancel)).result()

    monkeypatch.setattr(JobDirectory, "put_aside", meanwhile)
    done = await api.ended(await api.submit("import sys; sys.exit(7)", retries=3))
    assert (done["attempt"], done["state"], done["exit_code"]) == (1, "FAILED", 7)


@pytest.fixture
def lock_out_of_order(tmp_path, monkeypatch):
    monkeypatch.setattr(scheduler, "_TRY_AGAIN", 0.1)
    lock = tmp_path / "trackside" / "scheduler.lock"
    lock.mkdir(parents=True)
    return lock


async def test_the_queue_begins_once_its_lock_can_be_opened(lock_out_of_order, api):
    job = await api.submit("pass")
    assert job["state"] == "QUEUED"
    lock_out_of_order.rmdir()
    assert (await api.ended(job))["state"] == "SUCCEEDED"


async def test_a_canceled_start_never_becomes_a_running_job(api):
    job = await api.submit(WAIT)
    await api.cancel(job)
    done = await api.ended(job)
    assert done["state"] == "CANCELED"
    # Whether before or after the start: nothing of it runs.
    status = api.folder(job) / "status-1.json"
    assert not status.exists() or gone(json.loads(status.read_text())["pid"] or 0)


async def test_a_job_is_tried_again_in_the_same_run(api):
    code = (
        "import pathlib, sys\n"
        "tries = pathlib.Path('tries')\n"
        "n = int(tries.read_text()) + 1 if tries.exists() else 1\n"
        "tries.write_text(str(n))\n"
        "print(f'try {n}')\n"
        "sys.exit(0 if n == 3 else 7)\n"
    )
    job = await api.submit(code, retries=3)
    done = await api.ended(job)
    assert (done["state"], done["attempt"], done["max_attempts"]) == ("SUCCEEDED", 3, 4)
    assert [one["code"] for one in done["attempts"]] == ["EXIT_CODE", "EXIT_CODE", "COMPLETED"]
    assert await api.log(job) == (
        "try 1\n── attempt 2 of 4 ──\ntry 2\n── attempt 3 of 4 ──\ntry 3\n"
    )
    run = await api.run(job)
    assert (run["status"], run["tags"]["trackside.attempts"]) == ("FINISHED", "3")


async def test_when_all_attempts_fail_the_last_one_tells_why(api):
    job = await api.submit("raise ValueError('never')", kind="cell", retries=1)
    done = await api.ended(job)
    assert (done["state"], done["attempt"]) == ("FAILED", 2)
    assert done["reason"]["message"] == "ValueError in cell line 1: never"


class TestPatience:
    @pytest.fixture
    def trackside_config(self, trackside_config):
        return {**trackside_config, "retry_delay": 60.0, "stop_grace": 60.0}

    async def test_cancel_says_who_did_it(self, api):
        job = await api.submit(WAIT)
        await api.file(job, "up")
        answer = await api.cancel(job)
        if answer["state"] == "RUNNING":
            assert answer["reason"]["code"] == "CANCELING"
        done = await api.ended(job)
        who = api.trackside.serverapp.identity_provider and done["user"]
        assert done["state"] == "CANCELED"
        assert done["reason"] == {"code": "CANCELED", "message": f"Canceled by {who}."}
        assert (await api.run(job))["status"] == "KILLED"

    async def test_a_job_between_two_attempts_says_what_it_waits_for(self, api):
        job = await api.submit("raise SystemExit(7)", retries=2)
        waiting = await api.until(job, lambda now: now["attempt"] == 2)
        assert (waiting["state"], waiting["queue_position"] in (1, None)) == ("QUEUED", True)
        assert waiting["reason"] == {
            "code": "RETRY",
            "message": (
                "Waiting 1 min before attempt 2 of 3. "
                "The last one failed: Exited with code 7. The end of the log may say why."
            ),
        }
        assert (await api.run(job))["status"] == "SCHEDULED"
        assert (await api.cancel(job))["state"] == "CANCELED"


class TestOnePlace:
    @pytest.fixture
    def trackside_config(self, trackside_config):
        return {**trackside_config, "max_jobs": 1}

    async def test_the_next_job_does_not_wait_until_the_files_of_the_last_one_are_kept(
        self, api, monkeypatch
    ):
        go_on = threading.Event()
        collect = outputs.collect

        def slowly(*args):
            go_on.wait(30)
            return collect(*args)

        monkeypatch.setattr(outputs, "collect", slowly)
        try:
            first = await api.submit("open('file', 'w').write('kept')")
            second = await api.submit("import time; time.sleep(600)")
            await api.running(second)
            assert (await api.get(first))["ended_at"] is None
        finally:
            go_on.set()
        assert (await api.ended(first))["state"] == "SUCCEEDED"
        assert await api.artifacts(first, "outputs") == ["outputs/file"]
        await api.cancel(second)
        await api.ended(second)


async def test_a_notebook_runs_and_is_kept_as_executed(api):
    cell = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "id": "a"}
    notebook = {
        "cells": [{**cell, "source": "print('loss=0.5')\nlr = 1"}],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    job = await api.submit(json.dumps(notebook), kind="notebook")
    done = await api.ended(job, timeout=90)
    assert done["state"] == "SUCCEEDED", done["reason"]
    assert "notebook.ipynb" in await api.artifacts(job)
    assert (await api.run(job))["metrics"] == {"loss": 0.5}


async def test_the_environment_leads_to_the_jobs_own_run(api):
    code = (
        "import json, os\n"
        "print(json.dumps({k: v for k, v in os.environ.items()\n"
        "                  if k.startswith(('MLFLOW_', 'TRACKSIDE_', 'JUPYTER', 'PYTHONUNB'))}))\n"
    )
    job = await api.submit(code)
    await api.ended(job)
    env = json.loads(await api.log(job))
    url = api.trackside.url
    assert env["MLFLOW_TRACKING_URI"] == env["TRACKSIDE_URL"] == url
    assert env["MLFLOW_RUN_ID"] == env["TRACKSIDE_RUN_ID"] == job["run_id"]
    assert env["TRACKSIDE_JOB_ID"] == job["job_id"]
    assert env["TRACKSIDE_TOKEN"] == env["MLFLOW_TRACKING_TOKEN"]
    assert env["TRACKSIDE_TOKEN"] != api.trackside.services.tokens.kernel_token
    assert env["PYTHONUNBUFFERED"] == "1"
    assert not any("TOKEN" in name for name in env if name.startswith("JUPYTER"))


async def test_the_token_of_a_job_ends_with_it(api):
    job = await api.submit(
        "import os, time\nopen('token', 'w').write(os.environ['TRACKSIDE_TOKEN'])\ntime.sleep(600)"
    )
    token = await api.file(job, "token")
    path = f"api/2.0/mlflow/runs/get?run_id={job['run_id']}"
    assert (await api.fetch("GET", path, token=token)).status == 200
    assert (await api.call("GET", f"jobs/{job['job_id']}", token=token)).status == 403
    await api.cancel(job)
    await api.ended(job)
    assert (await api.fetch("GET", path, token=token)).status == 403


async def test_secrets_reach_the_job_and_nothing_else(api):
    secret = "s3cr3t-" + "x" * 20
    code = "import os\nprint(len(os.environ['DB_PASSWORD']), os.environ['PLAIN'])"
    job = await api.submit(code, env={"DB_PASSWORD": secret, "PLAIN": "yes"})
    done = await api.ended(job)
    assert await api.log(job) == "27 yes\n"
    assert done["spec"]["env"] == {"PLAIN": "yes"}
    assert done["spec"]["secret_env"] == ["DB_PASSWORD"]
    assert not (api.folder(job) / "private.json").exists()
    for path in api.root.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


async def test_as_much_env_as_is_taken_reaches_the_job_and_more_is_refused_with_the_limit(api):
    code = "import os\nprint(sum(len(os.environ[name]) for name in ('A', 'B', 'C')))"
    sizes = {"A": 102_400, "B": 102_400, "C": 57_335}
    full = {name: "\u00e9" * (size // 2) + "x" * (size % 2) for name, size in sizes.items()}
    job = await api.submit(code, env=full)
    assert (await api.ended(job))["state"] == "SUCCEEDED", await api.log(job)
    assert await api.log(job) == f"{sum(map(len, full.values()))}\n"
    body = {"kind": "script", "bundle": job["spec"]["bundle"], "env": {**full, "D": ""}}
    refused = (await api.call("POST", "jobs", body, status=400)).json
    assert refused["message"] == "env has 262,147 bytes in all; 262,144 (256 KiB) is the most."
    assert refused["hint"] == "Put large values into a file that travels with the code."


def command_bundle(files):
    """Return a bundle of files, of which all may be executed."""
    entry = json.dumps({"kind": "command", "executable": list(files)}).encode()
    return Bundle.build({"__trackside__/entry.json": entry, **files})


async def submitted(api, words, files=None, **fields):
    digest = await api.upload(command_bundle(files or {}))
    body = {"kind": "command", "bundle": digest, "arguments": words, **fields}
    return (await api.call("POST", "jobs", body, status=201)).json


async def test_a_command_becomes_a_finished_run(api):
    program = b'#!/bin/sh\necho "step=1 loss=0.25 $*"; echo weights > model.txt\n'
    words = ["./train", "--lr", "0.1", "a b"]
    job = await submitted(api, words, {"train": program}, env={"MODE": "fast"})
    done = await api.ended(job)
    assert (done["state"], done["kind"], done["exit_code"]) == ("SUCCEEDED", "command", 0)
    assert await api.log(job) == "step=1 loss=0.25 --lr 0.1 a b\n"
    assert (await api.run(job))["metrics"] == {"loss": 0.25}
    assert (await api.run(job))["tags"]["trackside.kind"] == "command"
    assert await api.artifacts(job, "outputs") == ["outputs/model.txt"]


async def test_a_command_that_cannot_start_is_told_with_the_way_out(api):
    done = await api.ended(await submitted(api, ["./gone"]))
    assert (done["state"], done["exit_code"]) == ("FAILED", 127)
    assert done["reason"] == {
        "code": "EXCEPTION",
        "message": "There is no program ./gone in the job. Jobs run in a copy of the code: "
        "add --file gone.",
    }


async def test_a_command_is_stopped_with_all_that_it_started(api):
    script = "sleep 600 & echo $! > child; wait"
    job = await submitted(api, ["sh", "-c", script])
    child = int(await api.file(job, "child"))
    await api.cancel(job)
    assert (await api.ended(job))["state"] == "CANCELED"
    assert gone(child)
