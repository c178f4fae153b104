"""Watches one attempt from the server's side, on a thread of its own, until it is over."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from trackside_server.jobs.directory import JobDirectory, read_json
from trackside_server.jobs.runners.base import AttemptStatus

from . import processes

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

_TICK = 0.1
# How long a supervisor may take from its launch to its first word on the disk.
_BIRTH = 10.0


def status_of(data: dict[str, Any] | None) -> AttemptStatus:
    """Read what a supervisor wrote."""
    if data is None:
        return AttemptStatus("absent")
    if data.get("ended_at") is not None:
        phase = "ended"
    else:
        phase = "running" if data.get("pid") is not None else "starting"
    return AttemptStatus(
        phase=phase,  # type: ignore[arg-type]
        started_at=data.get("started_at"),
        ended_at=data.get("ended_at"),
        exit_code=data.get("exit_code"),
        signal=data.get("signal"),
        cause=data.get("cause"),
        error=data.get("error"),
        killed=bool(data.get("killed")),
        oom_kill=bool(data.get("oom_kill")),
        disk_full=bool(data.get("disk_full")),
        peak_memory=data.get("peak_memory") or None,
    )


def supervisor_lives(data: dict[str, Any]) -> bool:
    """Whether the supervisor that wrote a status is still there."""
    return processes.alive(data.get("supervisor_pid"), data.get("supervisor_started"))


class Watcher(threading.Thread):
    """Follows one attempt and tells when it starts and when it is over.

    Parameters
    ----------
    directory
        The job's folder.
    attempt
        The number of the attempt.
    grace
        The seconds between SIGTERM and SIGKILL for a job that lost its supervisor.
    tell
        Called on this thread with each news.
    child
        The supervisor, when this server started it; its stdout is a pipe.
    """

    def __init__(
        self,
        directory: JobDirectory,
        attempt: int,
        grace: float,
        tell: Callable[[AttemptStatus], None],
        child: subprocess.Popen[bytes] | None = None,
    ) -> None:
        super().__init__(name=f"trackside-{directory.path.name}-{attempt}", daemon=True)
        self._directory = directory
        self._attempt = attempt
        self._grace = grace
        self._tell = tell
        self._child = child

    def run(self) -> None:
        """Follow the attempt to its end."""
        if self._child is not None:
            self._follow_child(self._child)
        else:
            self._follow_stranger()
        self._tell(self._final())

    def _read(self) -> dict[str, Any] | None:
        return read_json(self._directory.status(self._attempt))

    def _follow_child(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        with child.stdout as pipe:
            # Empty when the supervisor is gone before the job ran.
            if pipe.readline():
                self._tell(status_of(self._read()))
        if child.wait() == processes.TAKEN:
            # An earlier launch of the same attempt was only slow; it is the one that counts.
            self._follow_stranger()

    def _follow_stranger(self) -> None:
        """Follow a supervisor that is not our child."""
        deadline = time.monotonic() + _BIRTH
        data = self._read()
        while data is None and time.monotonic() < deadline:
            time.sleep(_TICK)
            data = self._read()
        if data is None:
            return
        while data["pid"] is None and data["ended_at"] is None and supervisor_lives(data):
            time.sleep(_TICK)
            data = self._read() or data
        if data["pid"] is not None and data["ended_at"] is None:
            self._tell(status_of(data))
        _wait_for_end(data["supervisor_pid"], data["supervisor_started"])

    def _final(self) -> AttemptStatus:
        data = self._read()
        if data is None:
            code = self._child.returncode if self._child is not None else None
            return AttemptStatus("ended", error=self._last_words(code), cause="launch_failed")
        if data["ended_at"] is not None:
            return status_of(data)
        return lost(self._directory, data, self._grace)

    def _last_words(self, code: int | None) -> str:
        if code == processes.FULL:
            return "the disk is full. Free some space, and run it again"
        try:
            lines = self._directory.diary.read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            lines = []
        if lines:
            return lines[-1].rstrip(".")
        return f"the process that was to watch over the job ended with {code}"


def lost(directory: JobDirectory, data: dict[str, Any], grace: float) -> AttemptStatus:
    """End what is left of an attempt whose supervisor vanished, and say how it was found.

    Parameters
    ----------
    directory
        The job's folder.
    data
        The last thing that the supervisor wrote.
    grace
        The seconds between SIGTERM and SIGKILL.
    """
    if not processes.same_boot(data.get("boot")):
        return AttemptStatus("ended", started_at=data.get("started_at"), lost="host")
    was_alive = stop_orphans(directory.path.name, data.get("pid"), data.get("pid_started"), grace)
    return AttemptStatus(
        "ended",
        started_at=data.get("started_at"),
        ended_at=time.time_ns() // 1_000_000,
        cause="canceled" if directory.cancel.exists() else None,
        lost="supervisor",
        was_alive=was_alive,
    )


def stop_orphans(job_id: str, pid: int | None, started: float | None, grace: float) -> bool:
    """Stop the processes of a job that nobody watches over; tell whether there were any."""

    def left() -> list[processes.Process]:
        table = processes.table()
        found: dict[int, processes.Process] = {}
        if pid is not None:
            leader = processes.identity(pid)
            # Another process with the job's old pid: the group of that number is not ours.
            group = pid if leader is None or leader == started else -1
            root = pid if leader == started else None
            found = {one.pid: one for one in processes.members(table, group, root)}
        for one in table:
            if one.pid not in found and not one.zombie and _belongs(one.pid, job_id):
                found[one.pid] = one
        return list(found.values())

    mine = left()
    if not mine:
        return False
    processes.send(mine, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while mine and time.monotonic() < deadline:
        time.sleep(0.05)
        mine = [one for one in mine if processes.alive(one.pid, one.started)]
    for _ in range(20):
        mine = left()
        if not mine:
            break
        processes.send(mine, signal.SIGKILL)
        time.sleep(0.05)
    return True


def _belongs(pid: int, job_id: str) -> bool:
    """Whether a process inherited the environment of a job."""
    import psutil

    try:
        return psutil.Process(pid).environ().get("TRACKSIDE_JOB_ID") == job_id
    except (psutil.Error, OSError):
        return False


def _wait_for_end(pid: int, started: float) -> None:
    """Wait until a process that is not our child is gone."""
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):
        while processes.alive(pid, started):
            time.sleep(_TICK)
        return
    try:
        # Asked after opening: from here on the descriptor means the right process, or it is gone.
        if processes.alive(pid, started):
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            poll.poll()
    finally:
        os.close(descriptor)
