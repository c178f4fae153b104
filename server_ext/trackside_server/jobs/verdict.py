"""Why a job ended: a stable code and one plain sentence."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from .quantities import duration_text, share_text, size_text

if TYPE_CHECKING:
    from collections.abc import Mapping

Outcome = Literal["succeeded", "failed", "canceled"]
Lost = Literal["supervisor", "host"]

_MESSAGE_LIMIT = 300

# What the fatal signals mean to somebody who trains models.
_CRASHES = {
    "SIGSEGV": "Crashed with SIGSEGV: native code touched memory that is not its own.",
    "SIGBUS": "Crashed with SIGBUS: often /dev/shm or a disk is full.",
    "SIGABRT": "Crashed with SIGABRT: native code gave up, and the end of the log may say why.",
    "SIGFPE": "Crashed with SIGFPE: native code divided by zero.",
    "SIGILL": "Crashed with SIGILL: a package was built for another processor.",
}


class Failure(Struct, frozen=True):
    """What the job's bootstrap says about an exception.

    Parameters
    ----------
    type
        The exception's class name; empty when the message is a sentence of its own.
    message
        The exception's text.
    traceback
        The whole traceback.
    cell_line
        The line of the user's code that it came from.
    source_label
        How that code is called (``cell [7] of digits.ipynb``, ``train.py``).
    hint
        A sentence that says what to do.
    where
        The place in words (``cell [2] line 3``, ``train.py line 7``), when the bootstrap knows it.
    no_space
        Whether a disk was full.
    """

    type: str
    message: str = ""
    traceback: str = ""
    cell_line: int | None = None
    source_label: str | None = None
    hint: str | None = None
    where: str | None = None
    no_space: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Failure:
        """Read what a bootstrap wrote; a field of a strange kind reads as absent."""

        def text(name: str) -> str | None:
            value = data.get(name)
            return value if isinstance(value, str) and value else None

        line = data.get("cell_line")
        return cls(
            type=text("type") or "",
            message=text("message") or "",
            traceback=text("traceback") or "",
            cell_line=line if isinstance(line, int) else None,
            source_label=text("source_label"),
            hint=text("hint"),
            where=text("where"),
            no_space=data.get("no_space") is True,
        )


class Ending(Struct, frozen=True):
    """All that is known about the end of an attempt.

    Parameters
    ----------
    exit_code
        What the process returned.
    signal
        The signal that ended it.
    cause
        Why the supervisor ended it, if it did.
    error
        Why it could not be started.
    failure
        The exception that its Python code ended with.
    canceled_by
        Who asked for the end.
    killed
        Whether it ignored SIGTERM until the grace was over.
    grace
        The seconds between SIGTERM and SIGKILL.
    time_limit, memory_limit
        What was asked for, in seconds and bytes.
    peak_memory
        The most that its processes used.
    oom_kill
        Whether the kernel's out-of-memory killer struck while it ran.
    disk_full
        Whether the disk of its folder was full when it ended.
    lost
        What vanished together with the exit status.
    was_alive
        Whether the job's own processes still ran when the supervisor was found dead.
    """

    exit_code: int | None = None
    signal: int | None = None
    cause: str | None = None
    error: str | None = None
    failure: Failure | None = None
    canceled_by: str | None = None
    killed: bool = False
    grace: float | None = None
    time_limit: float | None = None
    memory_limit: int | None = None
    peak_memory: int | None = None
    oom_kill: bool = False
    disk_full: bool = False
    lost: Lost | None = None
    was_alive: bool = False


class Verdict(Struct, frozen=True):
    """The end of an attempt in the words that everybody sees.

    Parameters
    ----------
    outcome
        Which way the job goes.
    code
        The stable reason code.
    message
        The sentence.
    retry
        Whether another attempt can end differently.
    """

    outcome: Outcome
    code: str
    message: str
    retry: bool = False


def signal_name(number: int) -> str:
    """Name a signal: ``SIGKILL``."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def judge(end: Ending) -> Verdict:
    """Say how an attempt ended and why.

    Parameters
    ----------
    end
        What is known.

    Returns
    -------
    Verdict
        Code and sentence. What Trackside did to the job outranks what the job said of it.
    """
    if end.cause is not None:
        return _stopped(end)
    if end.failure is not None and end.exit_code != 0:
        return _exception(end.failure)
    if end.lost is not None:
        return _lost(end)
    if end.signal is not None:
        return _signal(end, end.signal)
    if end.exit_code == 0:
        return Verdict("succeeded", "COMPLETED", "Completed.")
    if end.disk_full:
        return Verdict(
            "failed",
            "DISK_FULL",
            f"Exited with code {end.exit_code}, and the disk was full. "
            "Free some space, and run it again.",
            retry=True,
        )
    return Verdict(
        "failed",
        "EXIT_CODE",
        f"Exited with code {end.exit_code}. The end of the log may say why.",
        retry=True,
    )


def _stopped(end: Ending) -> Verdict:
    # Without a note of who canceled it, the supervisor takes the signal for one from outside.
    if end.cause == "canceled" or (end.cause == "terminated" and end.canceled_by):
        who = f" by {end.canceled_by}" if end.canceled_by else ""
        if end.killed and end.grace is not None:
            late = f"; it was killed because it did not stop within {duration_text(end.grace)}"
            return Verdict("canceled", "CANCELED", f"Canceled{who}{late}.")
        return Verdict("canceled", "CANCELED", f"Canceled{who}.")
    if end.cause == "time_limit":
        limit = f" of {duration_text(end.time_limit)}" if end.time_limit else ""
        return Verdict("failed", "TIME_LIMIT", f"Stopped at its time limit{limit}.")
    if end.cause == "memory":
        used = share_text(end.peak_memory or 0, end.memory_limit or 0)
        return Verdict("failed", "OUT_OF_MEMORY", f"Out of memory: used {used}.", retry=True)
    if end.cause == "launch_failed":
        return Verdict("failed", "LAUNCH_FAILED", f"Could not start: {end.error or 'unknown'}.")
    return Verdict(
        "failed",
        "SIGNAL",
        "Stopped by SIGTERM from outside Trackside, as at a shutdown of the machine.",
        retry=True,
    )


def _exception(failure: Failure) -> Verdict:
    name = failure.type.rpartition(".")[2]
    where = _where(failure)
    text = _first_line(failure.message)
    tail = f": {text}" if text else "."
    if name == "MemoryError":
        return Verdict("failed", "OUT_OF_MEMORY", f"Out of memory{where}{tail}", retry=True)
    if name == "OutOfMemoryError":
        return Verdict("failed", "OUT_OF_MEMORY", f"Out of GPU memory{where}{tail}", retry=True)
    message = f"{name}{where}{tail}" if name else text
    if name == "SystemExit":
        # sys.exit("text"): the program's own words.
        return Verdict("failed", "EXIT_CODE", f"The program ended itself{tail}", retry=True)
    if failure.hint:
        end = "" if message.endswith((".", "!", "?")) else "."
        message = f"{message}{end} {failure.hint}"
    code = "DISK_FULL" if failure.no_space else "EXCEPTION"
    return Verdict("failed", code, message, retry=True)


def _where(failure: Failure) -> str:
    if failure.where:
        return f" in {failure.where}"
    if failure.cell_line is None:
        return ""
    label = failure.source_label or "cell"
    place = "cell" if label.startswith("cell") else label
    return f" in {place} line {failure.cell_line}"


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= _MESSAGE_LIMIT else line[: _MESSAGE_LIMIT - 1] + "…"


def _lost(end: Ending) -> Verdict:
    if end.lost == "host":
        return Verdict(
            "failed", "HOST_RESTARTED", "The machine restarted while the job ran.", retry=True
        )
    if end.was_alive:
        message = "The process that watches over the job was killed, so the job was stopped."
    else:
        message = (
            "The process that watches over the job was killed, and the job ended without it: "
            "its exit status is unknown."
        )
    return Verdict("failed", "SUPERVISOR_LOST", message, retry=True)


def _signal(end: Ending, number: int) -> Verdict:
    name = signal_name(number)
    if name == "SIGKILL" and end.oom_kill:
        used = f" at {size_text(end.peak_memory)}" if end.peak_memory else ""
        message = f"Out of memory: the system's kernel killed the job{used}."
        return Verdict("failed", "OUT_OF_MEMORY", message, retry=True)
    message = _CRASHES.get(name, f"Killed by {name} from outside Trackside.")
    return Verdict("failed", "SIGNAL", message, retry=True)
