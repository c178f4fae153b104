"""Owns one attempt of a job: starts it, watches over it, ends it, and writes down how it went.

It runs as a process of its own, detached from the server, so that the job outlives the server and
everything is known when one returns. It starts with a few small modules of the standard library,
because the user waits for it and because hundreds may be started in a row: what is missed among its
imports would take several times as long as all the rest.
"""

# ruff: noqa: PTH105, PTH110, PTH123, SIM105
from __future__ import annotations

import fcntl
import os
import select
import time

from . import processes
from .growth import Growth
from .orders import Order
from .spawning import spawn

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from typing import Any
else:
    # What the module itself adds are names for numbers.
    import _signal as signal

_BUSY_TICK = 0.1
_IDLE_TICK = 0.25
_BUSY_FOR = 10.0
_LEFTOVER_GRACE = 2.0
_CLAIM_TRIES = 20
_WRITE_AGAIN = 0.5
# With less free, programs that write fail.
_LITTLE_SPACE = 64 * 1024
# Looking at the memory of all processes may cost this part of one CPU.
_LOOK_SHARE = 20
_LOOK_LIMITED = 0.25
_LOOK_FREE = 2.0


class Supervisor:
    """The life of one attempt.

    Parameters
    ----------
    order
        What is run, and what it may use.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.status: dict[str, Any] = {
            "supervisor_pid": os.getpid(),
            "supervisor_started": processes.identity(os.getpid()),
            "boot": processes.boot(),
            "pid": None,
            "pid_started": None,
            "started_at": None,
            "ended_at": None,
            "exit_code": None,
            "signal": None,
            "cause": None,
            "error": None,
            "killed": False,
            "oom_kill": False,
            "disk_full": False,
            "left_behind": 0,
            "peak_memory": 0,
        }
        self.child: int | None = None
        self.kill_at: float | None = None
        self.asked = False
        self.unwritten = False

    def run(self) -> int:
        """Run the attempt to its end and return the exit code of this process."""
        try:
            if not self._claim():
                return processes.TAKEN
            wake = self._listen()
            self._write_status()
            self._open()
        except OSError as error:
            if error.errno not in processes.NO_SPACE:
                raise
            return processes.FULL
        self._heading()
        kills = processes.kernel_kills()
        if self._canceled() is not None:
            self._end(None, "canceled")
            return 0
        try:
            self._start()
        except OSError as error:
            self.status["error"] = _sentence(error)
            self._end(None, "launch_failed")
            return 0
        assert self.child is not None
        returned = self._watch(wake)
        self.status["oom_kill"] = processes.kernel_kills() > kills
        self._clear_away()
        self.growth.note(force=True)
        self._end(returned, self.status["cause"])
        return 0

    def _open(self) -> None:
        log = os.open(self._path("output.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        times = os.open(self._path("output.times"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.log = log
        self.growth = Growth(log, times)

    def _claim(self) -> bool:
        """Make sure that nobody else runs or ran this attempt."""
        # Kept open, and never inherited by the job: it is free again when this process is gone.
        self.lock = os.open(
            self._path(f"attempt-{self.order.attempt}.lock"), os.O_RDWR | os.O_CREAT, 0o600
        )
        if not any(_locked(self.lock) for _ in range(_CLAIM_TRIES)):
            return False
        return not os.path.exists(self._path(f"status-{self.order.attempt}.json"))

    def _listen(self) -> int:
        """Turn signals into bytes on a pipe, so that the loop below wakes at once."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        # Not SIG_IGN, which the job would inherit.
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGTERM, self._on_term)
        return reading

    def _on_term(self, *_: object) -> None:
        self.asked = True

    def _start(self) -> None:
        self.child = spawn(self.order.argv, self.order.cwd, self.log)
        self.began = time.monotonic()
        self.status["started_at"] = _now()
        if processes.LINUX:
            # Before a disk is waited for: what the job abandons until then is nobody's.
            processes.adopt_orphans()
        self.status["pid"] = self.child
        self.status["pid_started"] = processes.identity(self.child)
        self._try_status()
        _announce()
        if processes.LINUX:
            processes.prefer_as_victim(self.child)

    def _watch(self, wake: int) -> int:
        """Wait for the child's end and see to it that it comes in time."""
        assert self.child is not None
        limit = self.order.time_limit
        memory = self.order.memory
        last_growth = time.monotonic()
        look_at = last_growth + (0.1 if memory else 0.5)
        while True:
            tick = _BUSY_TICK if time.monotonic() - last_growth < _BUSY_FOR else _IDLE_TICK
            if select.select([wake], [], [], tick)[0]:
                try:
                    os.read(wake, 4096)
                except BlockingIOError:
                    pass
            if processes.LINUX:
                processes.reap(self.child)
            ended, status = os.waitpid(self.child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            now = time.monotonic()
            if self.growth.note():
                last_growth = now
            if self.unwritten:
                self._try_status()
            if self.asked or self.status["cause"] is None:
                self._heed_cancel(now)
            if limit is not None and now - self.began >= limit:
                self._stop("time_limit", self.order.grace)
            if now >= look_at:
                used = time.process_time()
                self._look(memory)
                # Not how long it took: on a busy machine that would let a job grow unseen.
                cost = time.process_time() - used
                look_at = now + max(_LOOK_LIMITED if memory else _LOOK_FREE, cost * _LOOK_SHARE)
            if self.kill_at is not None and time.monotonic() >= self.kill_at:
                self.status["killed"] = True
                self._signal_all(signal.SIGKILL)
                self.kill_at = now + 1.0

    def _heed_cancel(self, now: float) -> None:
        # Before the wish is read: one that is written meanwhile comes with a signal of its own.
        asked, self.asked = self.asked, False
        wish = self._canceled()
        if wish is not None:
            grace = float(wish.get("grace", self.order.grace))
            self._stop("canceled", grace)
            if asked and self.kill_at is not None:
                # Asked once more, perhaps with less patience.
                self.kill_at = min(self.kill_at, now + grace)
        elif asked:
            self._stop("terminated", self.order.grace)

    def _canceled(self) -> dict[str, Any] | None:
        try:
            with open(self._path("cancel.json"), encoding="utf-8") as file:
                import json

                wish = json.load(file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            return {"by": None}
        return wish if isinstance(wish, dict) else {"by": None}

    def _stop(self, cause: str, grace: float) -> None:
        if self.status["cause"] is not None:
            return
        self.status["cause"] = cause
        self.kill_at = time.monotonic() + grace
        if grace > 0:
            self._signal_all(signal.SIGTERM)

    def _look(self, limit: int | None) -> None:
        """Measure the memory of the job, and end the job when it is over its limit."""
        assert self.child is not None
        mine = processes.members(processes.table(), self.child, os.getpid())
        used = sum(process.memory for process in mine)
        if limit is not None and used > limit:
            # Forked workers share pages and mapped files can be dropped: the job may still fit.
            exact = processes.own_memory(mine) if processes.LINUX else None
            used = used if exact is None else exact
        self.status["peak_memory"] = max(self.status["peak_memory"], used)
        if limit is not None and used > limit:
            # At once: a job that goes on growing takes the whole machine down with it.
            self._stop("memory", 0.0)

    def _signal_all(self, number: signal.Signals) -> None:
        assert self.child is not None
        try:
            os.killpg(self.child, number)
        except (ProcessLookupError, PermissionError):
            pass
        mine = processes.members(processes.table(), self.child, os.getpid())
        processes.send((one for one in mine if one.group != self.child), number)

    def _clear_away(self) -> None:
        """End what the job left running."""
        assert self.child is not None
        deadline = time.monotonic() + min(_LEFTOVER_GRACE, self.order.grace)
        number = signal.SIGTERM
        while True:
            if processes.LINUX:
                processes.reap(self.child)
            # Whoever is left is a child by then, however far it went; to read the table of a
            # machine with many processes costs more than many a job.
            if processes.is_alone(self.child):
                return
            left = processes.members(processes.table(), self.child, os.getpid())
            if not left or time.monotonic() >= deadline + _LEFTOVER_GRACE:
                return
            if not self.status["left_behind"] and self.status["cause"] is None:
                self._say(f"ended what the job left running: {len(left)} of its processes")
            self.status["left_behind"] = max(self.status["left_behind"], len(left))
            if number == signal.SIGTERM or time.monotonic() >= deadline:
                processes.send(left, number)
                number = signal.SIGKILL
            time.sleep(0.02)

    def _heading(self) -> None:
        if self.order.attempt > 1:
            self._say(f"attempt {self.order.attempt} of {self.order.max_attempts}")
        self.growth.note()

    def _say(self, text: str) -> None:
        """Write a line of our own into the log."""
        newline = "" if _ends_in_newline(self._path("output.log")) else "\n"
        try:
            os.write(self.log, f"{newline}── {text} ──\n".encode())
        except OSError:
            # A full disk may cost the line, never the job.
            pass

    def _end(self, returned: int | None, cause: str | None) -> None:
        if returned is not None and returned < 0:
            self.status["signal"] = -returned
        else:
            self.status["exit_code"] = returned
        self.status["cause"] = cause
        self.status["ended_at"] = _now()
        self.status["disk_full"] = self._is_disk_full()
        self._try_status()
        # Nobody else knows how it ended: a full disk is waited for.
        while self.unwritten and os.path.exists(self.order.folder):
            time.sleep(_WRITE_AGAIN)
            self._try_status()

    def _is_disk_full(self) -> bool:
        try:
            disk = os.statvfs(self.order.folder)
        except OSError:
            return False
        # Some file systems count neither blocks nor files.
        blocks, files = disk.f_blocks, disk.f_files
        little = bool(blocks) and disk.f_bavail * disk.f_frsize < _LITTLE_SPACE
        return little or (bool(files) and not disk.f_favail)

    def _try_status(self) -> None:
        try:
            self._write_status()
        except OSError as error:
            self.unwritten = True
            # A quota shows nowhere else.
            self.status["disk_full"] |= error.errno in processes.NO_SPACE
        else:
            self.unwritten = False

    def _write_status(self) -> None:
        path = self._path(f"status-{self.order.attempt}.json")
        aside = f"{path}.new"
        with open(aside, "w", encoding="utf-8") as file:
            file.write(_written(self.status))
        os.replace(aside, path)

    def _path(self, name: str) -> str:
        return f"{self.order.folder}/{name}"


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # A server may be looking whether somebody holds it.
        time.sleep(0.02)
        return False
    except OSError:
        # A file system without locks; the status file still tells.
        return True
    return True


def _ends_in_newline(path: str) -> bool:
    with open(path, "rb") as file:
        if not file.seek(0, os.SEEK_END):
            return True
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _now() -> int:
    return time.time_ns() // 1_000_000


def _announce() -> None:
    """Tell a waiting server that the child runs; nobody may be there any more."""
    try:
        os.write(1, b"started\n")
    except OSError:
        pass
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


def _sentence(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename is not None else str(error)


def _written(status: dict[str, Any]) -> str:
    """Write a status as JSON."""
    return "{" + ", ".join(f'"{name}": {_value(value)}' for name, value in status.items()) + "}"


def _value(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    assert isinstance(value, str)
    if value.isascii() and value.isprintable() and not {'"', "\\"} & set(value):
        return f'"{value}"'
    import json  # here, because of rare errors

    return json.dumps(value)


def run(words: list[str]) -> int:
    """Supervise the attempt that the words of a command line describe; give the exit code."""
    return Supervisor(Order.read(words)).run()
