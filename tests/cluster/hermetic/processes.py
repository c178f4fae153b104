"""The processes of the cluster, as the one who started it sees them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from tests.cluster.hermetic.host import Place
from tests.cluster.hermetic.paths import ROOT
from tests.cluster.hermetic.waiting import until


class NotStarted(Exception):
    """The cluster, or a part of it, did not come up; the message says why."""


class Processes:
    """A guardian with everything that it guards. Ends with this object, or with this process.

    Parameters
    ----------
    state
        The folder of the cluster, which is removed at the end.

    Attributes
    ----------
    place : Place
        What they have of the host.
    """

    def __init__(self, state: Path) -> None:
        self.logs = state / "logs"
        self.logs.mkdir()
        self._state = state
        self._lock = threading.Lock()
        self._commands, theirs = socket.socketpair()
        with theirs:
            self.guardian = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.cluster.hermetic.guardian",
                    str(theirs.fileno()),
                    str(state),
                    str(os.getpid()),
                ],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
                # Ctrl-C is for the one who started the cluster, and who ends it in its own time.
                start_new_session=True,
            )
        self._answers = self._commands.makefile("rb")
        assert self.guardian.stdout
        said = self.guardian.stdout.readline().strip()
        if not said.startswith("ready "):
            self.end()
            raise NotStarted(said or "The guardian of the cluster ended at once.")
        self.place = Place(int(said.removeprefix("ready ")))

    def start(
        self,
        name: str,
        argv: list[str],
        *,
        env: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        """Start a process under a name, which is also that of its log."""
        asked = {"name": name, "argv": argv, "env": dict(env or {}), "folder": str(folder or "/")}
        self._ask("start", **asked)

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Signal a process, and tell whether it was still there."""
        return self._ask("signal", name=name, number=int(number))

    def code(self, name: str) -> int | None:
        """Return how a process ended, or nothing while it runs."""
        return self._ask("code", name=name)

    def stop(self, name: str, grace: float = 10) -> None:
        """End a process, by force when it does not end of itself."""
        self.signal(name, signal.SIGTERM)
        try:
            until(lambda: self.code(name) is not None, f"the end of {name}", grace)
        except TimeoutError:
            self.kill(name)

    def kill(self, name: str) -> None:
        """End a process by force."""
        self.signal(name, signal.SIGKILL)
        until(lambda: self.code(name) is not None, f"the end of {name}")

    def finish(self, name: str) -> None:
        """Wait for the end of a process that ends of itself.

        Raises
        ------
        NotStarted
            It failed; the message holds what it said.
        """
        until(lambda: self.code(name) is not None, f"the end of {name}")
        if self.code(name):
            raise NotStarted(f"{name} failed:\n{self.tail(name)}")

    def check(self, name: str) -> None:
        """Complain if a process that is to run on has ended.

        Raises
        ------
        NotStarted
            It did; the message holds what it said last.
        """
        if self.code(name) is not None:
            raise NotStarted(f"{name} ended with code {self.code(name)}:\n{self.tail(name)}")

    def tail(self, name: str, lines: int = 20) -> str:
        """Return the end of a log."""
        return "\n".join(self.log(name).splitlines()[-lines:])

    def log(self, name: str) -> str:
        """Return all that a process has printed."""
        log = self.logs / f"{name}.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def end(self) -> None:
        """End every process, and wait until the host is as it was.

        Raises
        ------
        NotStarted
            Something could not be given back; the message says what.
        """
        self._commands.close()
        self._answers.close()
        with self.guardian:
            assert self.guardian.stdout
            problem = self.guardian.stdout.read()
            self.guardian.wait(120)
        if problem and self.guardian.returncode:
            raise NotStarted(problem)

    def _ask(self, do: str, **arguments: object) -> object:
        with self._lock:
            self._commands.sendall(json.dumps({"do": do, "with": arguments}).encode() + b"\n")
            line = self._answers.readline()
        if not line:
            raise NotStarted("The cluster has ended.")
        answer = json.loads(line)
        if "error" in answer:
            raise NotStarted(answer["error"])
        return answer["value"]
