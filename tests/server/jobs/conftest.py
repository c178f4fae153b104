"""Real supervisors, real processes, real signals."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from trackside_server.jobs.runners.local import runner

SUPERVISOR = Path(runner.__file__).with_name("supervisor.py")


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

    def __init__(self, folder, argv, **launch):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.number = launch.setdefault("attempt", 1)
        path = folder / f"launch-{self.number}.json"
        path.write_text(json.dumps({"argv": argv, "cwd": str(folder), "grace": 10.0, **launch}))
        self.path = path

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-E", str(SUPERVISOR), str(self.path)],
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
