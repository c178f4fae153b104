"""Running a container: its engine's client does the work, and this process sees that it ends."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from itertools import takewhile
from typing import TYPE_CHECKING, NoReturn

from . import failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .run import Task

# What the clients of docker and podman return when it was not the container that failed.
_NOT_MADE = 125
# What a container returns whose first process was killed, as by a machine that is out of memory.
_KILLED = 137
_NAME = "--name="
_MEMORY = "--memory="
# Of the time between SIGTERM and SIGKILL, for what the container does about the first.
_SHARE = 0.7
# An engine that hangs must not keep the job from ending.
_ANSWER = 10.0


def run(task: Task) -> None:
    """Run the client and end as it ends.

    A client that is killed leaves its container behind. So when the job is stopped, the container
    gets the same signal by its client, some time, and is then removed; and also when it is the
    client alone that is killed.

    Raises
    ------
    SystemExit
        With the exit code of the container.
    """
    client = subprocess.Popen(task.arguments, stdin=subprocess.DEVNULL)
    try:
        code = client.wait()
    except BaseException:
        _stop(task, client)
        raise
    if code < 0:
        _remove(task)
    if code == _NOT_MADE:
        _not_made(task)
    if code == _KILLED:
        _killed(task)
    raise SystemExit(code if code >= 0 else 128 - code)


def _not_made(task: Task) -> NoReturn:
    words = task.arguments
    image = next(iter(words[2 + len(_options(words)) :]), "")
    if _succeeds([words[0], "image", "inspect", image]) is False:
        failure.end(
            task,
            f"The image {image} is not on this machine, and could not be fetched.",
            "What the container engine says about it is in the log.",
        )
    failure.end(
        task,
        "The container could not be started.",
        "What its engine says about it is in the log.",
    )


def _killed(task: Task) -> None:
    """Name the limit that it was probably killed at: its engine says nothing of that."""
    limit = _value(task.arguments, _MEMORY)
    if limit is not None:
        failure.write(
            task,
            type=None,
            message=f"The container was killed. It may use {int(limit) / 2**20:.0f} MiB of memory, "
            "and probably needs more.",
            hint="Ask for more: set_memory_limit.",
        )


def _stop(task: Task, client: subprocess.Popen[bytes]) -> None:
    client.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        client.wait(task.grace * _SHARE)
    _remove(task)
    client.kill()
    client.wait()


def _remove(task: Task) -> None:
    sys.stdout.flush()
    if not remove(task.arguments):
        name = _name_in(task.arguments)
        sys.stderr.write(f"The engine does not answer: the container {name} may still be there.\n")


def remove(words: Sequence[str]) -> bool:
    """End and remove the container that a command has started, if it is there.

    Parameters
    ----------
    words
        The command.

    Returns
    -------
    bool
        Whether the engine answered.
    """
    name = _name_in(words)
    if name is None:
        return True
    # Asked to remove it alone, podman would first wait for it to end.
    commands = ([words[0], "kill", name], [words[0], "rm", "--force", name])
    return all(_succeeds(command) is not None for command in commands)


def _succeeds(command: Sequence[str]) -> bool | None:
    """Run a short command of the engine; None where it does not answer."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_ANSWER,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.returncode == 0


def _name_in(words: Sequence[str]) -> str | None:
    """Return the name of the container that a command starts, None where it starts none."""
    return _value(words, _NAME)


def _value(words: Sequence[str], option: str) -> str | None:
    said = (word[len(option) :] for word in _options(words) if word.startswith(option))
    return next(said, None)


def _options(words: Sequence[str]) -> list[str]:
    """Return what is said to the engine itself: it comes before the image, in words of one kind."""
    return list(takewhile(lambda word: word.startswith("--"), words[2:]))
