"""Runs the job's bootstrap as a child and tells the server what it leaves."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import lane, outputs
from .framing import Frames
from .relay import Relay

_MAX_WORDS = 4000
_MAX_RESULT = 4 * 1024 * 1024
_TOLD = ("environment.json", "failure.json", "result.json", "result.pkl", "notebook.ipynb")


def run(launch: dict[str, Any]) -> int:
    """Run an attempt.

    Parameters
    ----------
    launch
        The content of ``launch.json``.

    Returns
    -------
    int
        The exit code for the container.
    """
    children = Children()
    children.listen()
    home = Path(launch["home"])
    job, work = home / "job", home / "work"
    spool = job / "spool"
    for folder in (job, work, spool):
        folder.mkdir(parents=True, exist_ok=True)
    os.environ["TRACKSIDE_SPOOL_DIR"] = str(spool)
    os.environ["TRACKSIDE_IN_POD"] = "1"
    rank = _set_rank(launch)
    frames = Frames()
    way = lane.choose()
    frames.send({"hello": {"lane": way, "rank": rank}})
    library = str(home / "lib")
    os.environ["PYTHONPATH"] = os.pathsep.join(
        part for part in (os.environ.get("PYTHONPATH"), library) if part
    )
    known = outputs.before(work)
    path = job / "launch.json"
    path.write_text(json.dumps({**launch, "cwd": str(work)}), encoding="utf-8")
    if not _install(launch.get("install") or [], job, children):
        return children.code or _close(job, frames, rank, launch["words"])
    relay = Relay(spool, frames, live=way == "stdout")
    relay.start()
    bootstrap = home / "lib" / "trackside" / "_runtime" / "bootstrap.py"
    code = children.run([sys.executable, "-u", str(bootstrap), str(path)], work)
    relay.finish()
    lost = outputs.keep(work, known, frames, way) if rank == 0 else []
    outputs.tell_lost(relay.lost + lost, frames)
    _tell(job, frames, rank, launch["words"])
    return code


def _set_rank(launch: dict[str, Any]) -> int:
    index = os.environ.get("PET_NODE_RANK") or os.environ.get("JOB_COMPLETION_INDEX") or "0"
    rank = int(index) if index.isdigit() else 0
    nodes = int(launch.get("nodes") or 1)
    if nodes > 1:
        # One process on each node needs no torchrun; torchrun sets these anew for its workers.
        os.environ.setdefault("MASTER_ADDR", os.environ.get("PET_MASTER_ADDR", ""))
        os.environ.setdefault("MASTER_PORT", os.environ.get("PET_MASTER_PORT", "29500"))
        os.environ.setdefault("WORLD_SIZE", str(nodes))
        os.environ.setdefault("RANK", str(rank))
        os.environ.setdefault("LOCAL_RANK", "0")
    return rank


class Children:
    """Runs programs one after the other, and passes on to them what this process is asked for.

    The first process of a container is deaf to signals that it does not handle: without this, a
    job that is canceled would go on until it is killed.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._passed_on = False
        self.code = 0
        """The exit code of somebody who was asked to end; 0 as long as nobody was."""

    def listen(self) -> None:
        """Take signals from now on."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, self._take)

    def run(self, command: list[str], work: Path | None = None) -> int:
        """Run a program to its end; none begins after somebody asked for the end."""
        if self.code:
            return self.code
        self._child = child = subprocess.Popen(command, cwd=None if work is None else str(work))
        self._catch_up(child)
        code = child.wait()
        self._child = None
        return 128 - code if code < 0 else code

    def _take(self, number: int, _frame: object) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self.code = 128 + number
        if self._child is not None:
            self._passed_on = True
            self._send(self._child, number)

    def _catch_up(self, child: subprocess.Popen[bytes]) -> None:
        """Pass on what came in the moment in which the program was begun."""
        if self.code and not self._passed_on:
            self._send(child, self.code - 128)

    @staticmethod
    def _send(child: subprocess.Popen[bytes], number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(number)


def _install(packages: list[str], job: Path, children: Children) -> bool:
    if not packages:
        return True
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", *packages]
    print("Installing", ", ".join(packages), flush=True)  # noqa: T201 - said in the job's log
    code = children.run(command)
    if children.code:
        return False
    if code:
        failure = {
            "type": "",
            "message": "The packages that the notebook has on top of its image could not be "
            f"installed (pip ended with {code}). The log says why.",
            "hint": "Leave install out, or use an image that has them.",
        }
        (job / "failure.json").write_text(json.dumps(failure), encoding="utf-8")
    return not code


def _close(job: Path, frames: Frames, rank: int, words_file: str) -> int:
    _tell(job, frames, rank, words_file)
    return 1


def _tell(job: Path, frames: Frames, rank: int, words_file: str) -> None:
    for name in _TOLD:
        path = job / name
        if not path.is_file() or (rank and name != "failure.json"):
            continue
        content = path.read_bytes()
        if len(content) > _MAX_RESULT:
            frames.send({"lost": [name], "count": 1})
            continue
        frames.send({"file": name, "data": base64.b64encode(content).decode("ascii")})
    failure = job / "failure.json"
    if failure.is_file():
        # The cluster keeps these words with the pod, for whoever lost its output.
        with contextlib.suppress(OSError, ValueError):
            words = json.loads(failure.read_text(encoding="utf-8"))
            words["traceback"] = None
            words["args"] = None
            text = json.dumps(words)
            if len(text) > _MAX_WORDS:
                words["message"] = str(words.get("message"))[:1000]
                text = json.dumps(words)[:_MAX_WORDS]
            Path(words_file).write_text(text, encoding="utf-8")
