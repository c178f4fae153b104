"""Starts the process of a job; the module `subprocess` would take longer to load than that."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    # What the module itself adds are names for numbers.
    import _signal as signal

_IN_FOLDER = b"f"
_IN_PROGRAM = b"p"


def spawn(argv: list[str], cwd: str, output: int) -> int:
    """Run a program in a session of its own, without input, and return its pid.

    Parameters
    ----------
    argv
        The program and its arguments.
    cwd
        Where it runs.
    output
        The descriptor that takes what it prints, errors too.

    Raises
    ------
    OSError
        The program or the folder is not there, or may not be used.
    """
    # Closed by the start of the program, with nothing written, when all is well.
    reading, writing = os.pipe()
    try:
        pid = os.fork()
        if pid == 0:
            _become(argv, cwd, output, writing)
    finally:
        os.close(writing)
    try:
        told = os.read(reading, 64)
    finally:
        os.close(reading)
    if told:
        os.waitpid(pid, 0)
        code = int(told[1:])
        raise OSError(code, os.strerror(code), cwd if told[:1] == _IN_FOLDER else argv[0])
    return pid


def _become(argv: list[str], cwd: str, output: int, telling: int) -> None:
    """Be the program, in the forked process."""
    where = _IN_FOLDER
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        # Python ignores these, and what is ignored stays so in the program.
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.chdir(cwd)
        where = _IN_PROGRAM
        os.execvp(argv[0], argv)  # noqa: S606
    except OSError as error:
        os.write(telling, where + str(error.errno).encode())
    finally:
        os._exit(255)
