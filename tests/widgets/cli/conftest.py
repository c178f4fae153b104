"""The command line as a user types it: a process of its own, beside a real server."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from trackside_server.testing import JupyterProcess

TRAIN = """
import argparse
import time

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--fail", action="store_true")
parser.add_argument("--sleep", type=float, default=0)
options = parser.parse_args()
for epoch in range(1, 4):
    print(f"epoch={epoch} loss={options.lr / epoch:.4f}", flush=True)
time.sleep(options.sleep)
if options.fail:
    raise SystemExit("the data is not there")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return a real Jupyter server with scripts in its folder."""
    process = JupyterProcess(tmp_path_factory.mktemp("jupyter"))
    (process.notebooks / "train.py").write_text(TRAIN)
    process.start().wait_ready()
    yield process
    process.clean_up()


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """Runs the command line with an environment in which only Jupyter's own files tell where."""

    def __init__(self, server: JupyterProcess) -> None:
        self._server = server

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "trackside", *words],
            cwd=self._server.notebooks,
            env={**self._server.environment(), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # As in a terminal: what runs in a shell's background ignores Ctrl+C, and so do its
            # children.
            preexec_fn=_heed_interrupts,
        )

    def __call__(self, *words: str, **env: str) -> Done:
        """Run a command to its end."""
        process = self.start(*words, **env)
        out, err = process.communicate(timeout=200)
        return Done(process.returncode, out, err)


class Done:
    """What a command left behind."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err
        assert "Traceback" not in err, err

    def __repr__(self) -> str:
        return f"exit status {self.status}\n{self.out}\n── stderr\n{self.err}"


@pytest.fixture
def trackside_cli(server):
    """Return a function that runs ``trackside`` with some words."""
    return Terminal(server)


@pytest.fixture
def until():
    """Return a function that waits for a condition."""

    def wait(condition, timeout=120.0):
        deadline = time.monotonic() + timeout
        while not (found := condition()):
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.05)
        return found

    return wait
