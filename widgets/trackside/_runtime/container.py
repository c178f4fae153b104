"""Running a container: its engine's client does the work, and this process sees that it ends."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

from . import failure

if TYPE_CHECKING:
    from .run import Task

# What the clients of docker and podman return when it was not the container that failed.
_NOT_MADE = 125
_NAME = "--name="
# Of the time between SIGTERM and SIGKILL, for what the container does about the first.
_SHARE = 0.7
# An engine that hangs must not keep the job from ending.
_REMOVAL = 10.0


def run(task: Task) -> None:
    """Run the client and end as it ends.

    A client that is killed leaves its container behind. So when the job is stopped, the container
    gets the same signal by its client, some time, and is then removed.

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
    if code == _NOT_MADE:
        failure.end(
            task,
            "The container could not be started.",
            "What its engine says about it is in the log.",
        )
    raise SystemExit(code if code >= 0 else 128 - code)


def _stop(task: Task, client: subprocess.Popen[bytes]) -> None:
    client.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        client.wait(task.grace * _SHARE)
    name = next(word[len(_NAME) :] for word in task.arguments if word.startswith(_NAME))
    sys.stdout.flush()
    try:
        subprocess.run(
            [task.arguments[0], "rm", "--force", name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_REMOVAL,
        )
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"The engine does not answer: the container {name} may still be there.\n")
    client.kill()
    client.wait()
