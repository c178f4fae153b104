"""Running a program that need not be Python: the job becomes it."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from . import failure

if TYPE_CHECKING:
    from .run import Task

# What shells return.
_NOT_FOUND = 127
_NOT_STARTED = 126


def run(task: Task) -> NoReturn:
    """Replace this process by the program, so that signals and the exit status are its own.

    Raises
    ------
    SystemExit
        When there is no such program; the failure is recorded by then.
    """
    _make_executable(task)
    sys.stdout.flush()
    sys.stderr.flush()
    for name in ("SIGPIPE", "SIGXFSZ"):
        # Python ignores them, and what is ignored stays so in the program.
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    program = task.arguments[0]
    try:
        os.execvp(program, task.arguments)  # noqa: S606  (running it is the purpose)
    except OSError as error:
        message, hint = _why(task, program, error)
        print(f"{message} {hint}", file=sys.stderr)  # noqa: T201
        failure.write(task, type=None, message=message, hint=hint)
        raise SystemExit(_NOT_FOUND if error.errno == errno.ENOENT else _NOT_STARTED) from None


def _make_executable(task: Task) -> None:
    """Give files back what a bundle does not carry: that they may be executed."""
    for path in task.executable:
        file = task.work / path
        with contextlib.suppress(OSError):
            mode = file.stat().st_mode
            # For whoever may read it.
            file.chmod(mode | (mode & 0o444) >> 2)


def _why(task: Task, program: str, error: OSError) -> tuple[str, str]:
    here = task.work / program
    if error.errno == errno.ENOENT and "/" in program and here.is_file():
        message = f"{program} cannot start: the interpreter that its first line names is not here."
        return message, "Name one that the job's machine or image has."
    if error.errno == errno.ENOENT and "/" in program:
        message = f"There is no program {program} in the job."
        if program.startswith("/"):
            return message, "Use an image that holds it, or install it where jobs run."
        return message, f"Jobs run in a copy of the code: add --file {program.removeprefix('./')}."
    if error.errno == errno.ENOENT:
        message = f"There is no program {program} on the PATH of the job."
        if here.is_file():
            return message, f"For the file that travelled write ./{program}."
        return message, "Install it where the job runs, or use an image that holds it."
    if error.errno == errno.ENOEXEC:
        message = f"{program} is no program that this machine can run."
        return (
            message,
            "A script begins with a line such as #!/bin/sh; a binary is built for Linux.",
        )
    if error.errno in (errno.EACCES, errno.EPERM) and here.is_file():
        return f"{program} may not be executed.", f"Run chmod +x {program}, and submit it again."
    return f"{program} cannot start: {error.strerror}.", "Check the program and its arguments."
