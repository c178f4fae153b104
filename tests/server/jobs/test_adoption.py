"""Servers die; jobs, their logs and their endings do not."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time

import psutil
import pytest

from .conftest import bundle_of, eventually, gone, packed

WAIT = "import time\nopen('up', 'w').write('1')\ntime.sleep(600)\n"
QUICK = {"stop_grace": 2.0, "retry_delay": 0.1}


class Remote:
    """Jobs of a server in another process."""

    def __init__(self, server, root=None):
        self.server = server
        self.root = root or server.root

    def call(self, method, path, json=None, **more):
        return self.server.request(method, f"trackside/api/v1/{path}", json, **more)

    def submit(self, code, **fields):
        bundle = bundle_of(code)
        if self.call("HEAD", f"bundles/{bundle.digest}").status == 404:
            assert self.call("PUT", f"bundles/{bundle.digest}", body=packed(bundle)).status == 201
        answer = self.call("POST", "jobs", {"kind": "script", "bundle": bundle.digest, **fields})
        assert answer.status == 201, answer.text
        return answer.json

    def get(self, job):
        return self.call("GET", f"jobs/{job['job_id']}").json

    def until(self, job, condition, timeout=40):
        deadline = time.monotonic() + timeout
        now = self.get(job)
        while not condition(now):
            assert time.monotonic() < deadline, now
            query = f"wait=5&revision={now['revision']}"
            now = self.call("GET", f"jobs/{job['job_id']}?{query}").json
        return now

    def ended(self, job, timeout=40):
        return self.until(job, lambda now: now["ended_at"] is not None, timeout)

    def run(self, job):
        path = f"trackside/api/2.0/mlflow/runs/get?run_id={job['run_id']}"
        run = self.server.request("GET", path).json["run"]
        return run["info"], {tag["key"]: tag["value"] for tag in run["data"]["tags"]}

    def points(self, job, key):
        query = f"run_id={job['run_id']}&metric_key={key}"
        path = f"trackside/api/2.0/mlflow/metrics/get-history?{query}"
        return [
            (point["step"], point["value"])
            for point in self.server.request("GET", path).json["metrics"]
        ]

    def log(self, job):
        return self.call("GET", f"jobs/{job['job_id']}/logs").json["data"]

    def file(self, job, name):
        path = self.root / "jobs" / job["job_id"] / "work" / name
        return eventually(lambda: path.exists() and path.read_text())

    def status(self, job, attempt=1):
        """Return what the supervisor of a job that has begun tells, once it tells its process."""
        path = self.root / "jobs" / job["job_id"] / f"status-{attempt}.json"
        return eventually(lambda: (status := json.loads(path.read_text()))["pid"] and status)


@pytest.fixture
def start(jupyter_process):
    """Start servers; none of them may have met anything that it did not expect."""
    servers = []

    def begin(name="jupyter", root=None, **config):
        traits = {**QUICK, **config} if root is None else {**QUICK, **config, "root_dir": str(root)}
        servers.append(jupyter_process(name, config={"Trackside": traits}))
        return Remote(servers[-1], root)

    yield begin
    for server in servers:
        server.stop()
        assert "Traceback" not in server.log


@pytest.fixture
def remote(start):
    return start()


COUNT = (
    "import os, time\n"
    "for step in range(60):\n"
    "    print(f'step={step} loss={step / 2}', flush=True)\n"
    "    if step == 20:\n"
    "        open('up', 'w').write('1')\n"
    "        while not os.path.exists('go'): time.sleep(0.01)\n"
)


def test_a_job_goes_on_without_its_server_and_is_adopted_by_the_next(remote):
    job = remote.submit(COUNT)
    remote.file(job, "up")
    before = remote.until(job, lambda now: now["state"] == "RUNNING")
    remote.server.kill()
    pid = remote.status(job)["pid"]
    assert not gone(pid)
    remote.server.restart(same_port=False)
    adopted = remote.get(job)
    assert (adopted["state"], adopted["attempt"]) == ("RUNNING", 1)
    assert adopted["started_at"] == before["started_at"]
    (remote.root / "jobs" / job["job_id"] / "work" / "go").touch()
    done = remote.ended(job)
    assert (done["state"], remote.status(job)["pid"]) == ("SUCCEEDED", pid)
    # No line and no point is lost or doubled.
    assert remote.log(job) == "".join(f"step={n} loss={n / 2}\n" for n in range(60))
    assert remote.points(job, "loss") == [(n, n / 2) for n in range(60)]
    info, tags = remote.run(job)
    assert (info["status"], tags["trackside.reason.code"]) == ("FINISHED", "COMPLETED")


def test_a_job_that_ended_meanwhile_is_closed_with_its_true_end(remote):
    job = remote.submit(COUNT + "raise SystemExit(5)")
    remote.file(job, "up")
    remote.server.kill()
    (remote.root / "jobs" / job["job_id"] / "work" / "go").touch()
    eventually(lambda: remote.status(job)["ended_at"])
    remote.server.restart()
    done = remote.ended(job)
    assert (done["state"], done["exit_code"]) == ("FAILED", 5)
    assert done["ended_at"] == remote.status(job)["ended_at"]
    info, _ = remote.run(job)
    assert (info["status"], info["end_time"]) == ("FAILED", done["ended_at"])
    assert len(remote.points(job, "loss")) == 60


def test_an_adopted_job_can_be_canceled(remote):
    job = remote.submit(WAIT)
    remote.file(job, "up")
    remote.server.kill()
    remote.server.restart()
    remote.call("POST", f"jobs/{job['job_id']}/cancel", {})
    done = remote.ended(job)
    assert (done["state"], done["reason"]["code"]) == ("CANCELED", "CANCELED")


def test_a_cancel_is_not_forgotten_with_the_server(remote):
    job = remote.submit("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WAIT)
    remote.file(job, "up")
    remote.call("POST", f"jobs/{job['job_id']}/cancel", {})
    remote.server.kill()
    remote.server.restart()
    assert remote.ended(job)["state"] == "CANCELED"


def test_server_and_supervisor_killed_leave_no_job_behind(remote):
    job = remote.submit(WAIT)
    remote.file(job, "up")
    status = remote.status(job)
    remote.server.kill()
    os.kill(status["supervisor_pid"], signal.SIGKILL)
    assert not gone(status["pid"])
    remote.server.restart()
    done = remote.ended(job)
    assert done["reason"]["code"] == "SUPERVISOR_LOST"
    assert gone(status["pid"])
    assert remote.run(job)[0]["status"] == "FAILED"


def test_everything_killed_is_a_failure_that_says_so(remote):
    job = remote.submit(WAIT)
    remote.file(job, "up")
    status = remote.status(job)
    remote.server.kill()
    os.kill(status["supervisor_pid"], signal.SIGKILL)
    os.kill(status["pid"], signal.SIGKILL)
    remote.server.restart()
    done = remote.ended(job)
    assert done["reason"]["code"] == "SUPERVISOR_LOST"
    assert "its exit status is unknown" in done["reason"]["message"]


def test_a_restart_of_the_machine_is_told_as_such(remote):
    job = remote.submit(WAIT, retries=1)
    remote.file(job, "up")
    status = remote.status(job)
    remote.server.kill()
    os.kill(status["supervisor_pid"], signal.SIGKILL)
    os.kill(status["pid"], signal.SIGKILL)
    # A name of another boot is all that a restart leaves.
    path = remote.root / "jobs" / job["job_id"] / "status-1.json"
    path.write_text(json.dumps({**status, "boot": "another/1"}))
    remote.server.restart()
    again = remote.until(job, lambda now: now["attempt"] == 2 and now["state"] == "RUNNING")
    assert again["attempts"][0]["code"] == "HOST_RESTARTED"
    remote.call("POST", f"jobs/{job['job_id']}/cancel", {})
    assert remote.ended(job)["state"] == "CANCELED"


def test_the_queue_goes_on_in_its_order(start):
    remote = start(max_jobs=1)
    first = remote.submit(WAIT)
    rest = [remote.submit("pass") for _ in range(3)]
    remote.file(first, "up")
    remote.server.kill()
    remote.server.restart()
    assert [remote.get(job)["state"] for job in rest] == ["QUEUED"] * 3
    remote.call("POST", f"jobs/{first['job_id']}/cancel", {})
    done = [remote.ended(job) for job in rest]
    assert [job["state"] for job in done] == ["SUCCEEDED"] * 3
    assert [job["started_at"] for job in done] == sorted(job["started_at"] for job in done)


def test_a_job_whose_start_was_stored_and_never_happened_is_started_once(start):
    remote = start(max_jobs=1)
    first, second = remote.submit(WAIT), remote.submit("print('ran')")
    remote.file(first, "up")
    remote.server.kill()
    with sqlite3.connect(remote.root / "trackside.db") as connection:
        connection.execute(
            "UPDATE jobs SET state = 'STARTING', placed = 1 WHERE job_id = ?", (second["job_id"],)
        )
    connection.close()
    remote.server.restart()
    assert remote.ended(second)["state"] == "SUCCEEDED"
    assert remote.log(second) == "ran\n"


def test_secrets_that_a_crash_left_are_removed(remote):
    job = remote.submit("pass", env={"API_KEY": "abc"})
    remote.ended(job)
    remote.server.kill()
    left = remote.root / "jobs" / job["job_id"] / "private.json"
    left.write_text('{"env": {"API_KEY": "abc"}}')
    remote.server.restart()
    eventually(lambda: not left.exists())


def test_each_acknowledged_job_runs_exactly_once_however_often_the_server_dies(remote, tmp_path):
    ran = tmp_path / "ran"
    code = (
        "import os, time\n"
        f"with open({str(ran)!r}, 'a') as file:\n"
        "    file.write(os.environ['TRACKSIDE_JOB_ID'] + '\\n')\n"
        "time.sleep(0.2)\n"
    )
    dice = random.Random(7)
    jobs = []
    for _ in range(4):
        jobs += [remote.submit(code) for _ in range(3)]
        time.sleep(dice.random() * 0.5)
        remote.server.kill()
        remote.server.restart(same_port=False)
    done = [remote.ended(job) for job in jobs]
    assert [job["state"] for job in done] == ["SUCCEEDED"] * len(jobs)
    assert sorted(ran.read_text().split()) == sorted(job["job_id"] for job in jobs)
    assert {job["attempt"] for job in done} == {1}


class TestTwoServers:
    @pytest.fixture
    def pair(self, start):
        first = start("first")
        return first, start("second", root=first.root)

    def test_one_of_them_runs_the_jobs_and_both_show_them(self, pair):
        first, second = pair
        job = second.submit(WAIT)
        second.file(job, "up")
        running = second.until(job, lambda now: now["state"] == "RUNNING")
        assert first.get(job)["revision"] == running["revision"]
        leader = psutil.Process(first.server.pid)
        supervisor = first.status(job)["supervisor_pid"]
        assert supervisor in [child.pid for child in leader.children()]
        second.call("POST", f"jobs/{job['job_id']}/cancel", {})
        assert second.ended(job)["state"] == "CANCELED"

    def test_the_other_one_takes_over(self, pair):
        first, second = pair
        job = first.submit(COUNT)
        first.file(job, "up")
        first.server.kill()
        waiting = second.submit("print('second')")
        assert second.ended(waiting)["state"] == "SUCCEEDED"
        (first.root / "jobs" / job["job_id"] / "work" / "go").touch()
        assert second.ended(job)["state"] == "SUCCEEDED"
        assert second.points(job, "loss") == [(n, n / 2) for n in range(60)]

    def test_a_server_that_stops_in_peace_leaves_its_jobs_running(self, pair):
        first, second = pair
        job = first.submit(COUNT)
        first.file(job, "up")
        first.server.stop()
        assert not gone(first.status(job)["pid"])
        (first.root / "jobs" / job["job_id"] / "work" / "go").touch()
        assert second.ended(job)["state"] == "SUCCEEDED"
