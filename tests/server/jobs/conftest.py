"""Real supervisors, real processes, real signals."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from trackside._bundle import Bundle
from trackside_server.jobs.runners.local.orders import Order
from trackside_server.jobs.runners.local.runner import supervised


def eventually(condition, timeout=30.0):
    """Wait until a condition holds and return its value."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        time.sleep(0.02)


def gone(pid):
    """Whether a process is over (a zombie is)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Attempt:
    """One supervised attempt in a folder of its own."""

    def __init__(self, folder, argv, **order):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.number = order.setdefault("attempt", 1)
        usual = {"max_attempts": 1, "grace": 10.0, "time_limit": None, "memory": None}
        self.command = supervised(
            Order(str(folder), argv, **{"cwd": str(folder), **usual, **order})
        )

    def start(self):
        self.process = subprocess.Popen(
            self.command,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        return self

    @property
    def status(self):
        try:
            return json.loads((self.folder / f"status-{self.number}.json").read_text())
        except FileNotFoundError:
            return {}

    @property
    def log(self):
        return (self.folder / "output.log").read_text()

    def file(self, name):
        """Wait for a file that the job writes, and return its content."""
        path = self.folder / name
        return eventually(lambda: path.exists() and path.read_text())

    def running(self):
        return eventually(lambda: self.status.get("pid"))

    def cancel(self, grace=10.0):
        wish = json.dumps({"by": "ana", "at": 0, "grace": grace})
        (self.folder / "cancel.json").write_text(wish)
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout=30):
        with self.process.stdout:
            self.process.wait(timeout)
        return self.status

    def clean_up(self):
        process = getattr(self, "process", None)
        if process is None:
            return
        status = self.status
        process.kill()
        process.stdout.close()
        process.wait(10)
        if status.get("pid"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(status["pid"], signal.SIGKILL)


@pytest.fixture
def attempt(tmp_path):
    """Start supervised attempts: shell text, Python code, or a whole argv."""
    made = []

    def start(*, sh=None, py=None, argv=None, folder="job", **launch):
        if sh is not None:
            argv = ["/bin/sh", "-c", sh]
        elif py is not None:
            argv = [sys.executable, "-c", py]
        one = Attempt(tmp_path / folder, argv, **launch)
        made.append(one)
        return one.start()

    yield start
    for one in made:
        one.clean_up()


def entry(kind, source, **more):
    """Return the entry file of a bundle."""
    return json.dumps({"kind": kind, "source": source, **more}).encode()


def bundle_of(code, *, kind="script", files=None, **more):
    """Return a bundle that runs some code."""
    name = {"script": "train.py", "notebook": "train.ipynb"}.get(kind, "__trackside__/cell.py")
    contents = {"__trackside__/entry.json": entry(kind, name, **more), name: code.encode()}
    return Bundle.build({**contents, **(files or {})})


def packed(bundle):
    """Return the archive of a bundle."""
    archive = io.BytesIO()
    bundle.pack(archive)
    return archive.getvalue()


class Api:
    """Jobs of the server in this process, by its REST API."""

    def __init__(self, trackside, fetch, root):
        self.trackside = trackside
        self.fetch = fetch
        self.root = root

    async def call(self, method, path, json=None, *, status=None, **more):
        answer = await self.fetch(method, f"api/v1/{path}", json, **more)
        if status is not None:
            assert answer.status == status, answer.text
        return answer

    async def upload(self, bundle):
        path = f"bundles/{bundle.digest}"
        if (await self.call("HEAD", path)).status == 404:
            await self.call("PUT", path, body=packed(bundle), status=201)
        return bundle.digest

    async def submit(self, code, *, kind="script", files=None, entry=None, **fields):
        bundle = bundle_of(code, kind=kind, files=files, **(entry or {}))
        body = {"kind": kind, "bundle": await self.upload(bundle), **fields}
        return (await self.call("POST", "jobs", body, status=201)).json

    async def get(self, job):
        return (await self.call("GET", f"jobs/{job['job_id']}", status=200)).json

    async def until(self, job, condition, timeout=40):
        """Wait by long polls until a job is as wished."""
        deadline = time.monotonic() + timeout
        now = await self.get(job)
        while not condition(now):
            assert time.monotonic() < deadline, now
            query = f"wait=5&revision={now['revision']}"
            now = (await self.call("GET", f"jobs/{job['job_id']}?{query}", status=200)).json
        return now

    async def ended(self, job, timeout=40):
        return await self.until(job, lambda now: now["ended_at"] is not None, timeout)

    async def running(self, job):
        return await self.until(job, lambda now: now["state"] == "RUNNING")

    async def cancel(self, job):
        return (await self.call("POST", f"jobs/{job['job_id']}/cancel", {}, status=200)).json

    async def run(self, job):
        path = f"api/2.0/mlflow/runs/get?run_id={job['run_id']}"
        run = (await self.fetch("GET", path)).json["run"]
        data = run["data"]
        return {
            "status": run["info"]["status"],
            "start_time": run["info"].get("start_time"),
            "end_time": run["info"].get("end_time"),
            **{kind: {i["key"]: i["value"] for i in data.get(kind, [])} for kind in KINDS},
        }

    async def artifacts(self, job, path=""):
        query = f"run_id={job['run_id']}&path={path}"
        answer = await self.fetch("GET", f"api/2.0/mlflow/artifacts/list?{query}")
        return [file["path"] for file in answer.json.get("files", [])]

    async def log(self, job):
        return (await self.call("GET", f"jobs/{job['job_id']}/logs", status=200)).json["data"]

    def folder(self, job):
        return self.root / "jobs" / job["job_id"]

    async def file(self, job, name):
        """Wait for a file that the job writes into its working directory."""
        path = self.folder(job) / "work" / name
        return await until(lambda: path.exists() and path.read_text())

    def status(self, job, attempt=1):
        return json.loads((self.folder(job) / f"status-{attempt}.json").read_text())

    async def pid(self, job):
        """Wait until its supervisor tells the process of a job that has begun, and return it."""
        return await until(lambda: self.status(job)["pid"])


KINDS = ("params", "metrics", "tags")


async def until(condition, timeout=30.0):
    """Wait until a condition holds and return its value."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def kill_jobs(root):
    """End all that is left of the jobs of a store."""
    for path in root.glob("jobs/*/status-*.json"):
        status = json.loads(path.read_text())
        if status["ended_at"] is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(status["supervisor_pid"], signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError, TypeError):
                os.killpg(status["pid"], signal.SIGKILL)


@pytest.fixture
def trackside_config(tmp_path):
    return {"root_dir": str(tmp_path / "trackside"), "stop_grace": 2.0, "retry_delay": 0.1}


@pytest.fixture
def api(trackside, trackside_fetch, tmp_path):
    """Jobs by REST, on a server in this process."""
    root = tmp_path / "trackside"
    yield Api(trackside, trackside_fetch, root)
    kill_jobs(root)
