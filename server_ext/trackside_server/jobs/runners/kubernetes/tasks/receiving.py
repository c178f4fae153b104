"""Reads what a task sent over the output of its pod, where it could not send it here straight."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from trackside_server.cluster.errors import ApiError

from . import layout
from .arrival import forget_other, take_told
from .cargo import Cargo

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from pathlib import Path

    from trackside_server.cluster.api import Api
    from trackside_server.jobs.directory import JobDirectory
    from trackside_server.jobs.runners.kubernetes.tracked import Tracked

_FIRST_DELAY: Final = 0.3
_MAX_DELAY: Final = 10.0
# After the end of a pod that does not give its output.
_PATIENCE: Final = 60.0


async def receive(
    api: Api,
    tracked: Tracked,
    bundle: Path,
    directory: JobDirectory,
    log: logging.Logger,
    away: Callable[[], bool],
) -> None:
    """Take what came, once the pod has ended; nothing where all is here already.

    Parameters
    ----------
    api
        The cluster.
    tracked
        The attempt.
    bundle
        The folder of the bundle's files.
    directory
        That of the job.
    log
        The server's.
    away
        Whether the cluster does not answer: such a time does not count for the minute after which
        this is given up.
    """
    done = [
        pod
        for pod in tracked.pods.values()
        if pod.main.ended is not None and pod.main.ended.exit_code == 0
    ]
    if not done:
        return
    pod = max(done, key=lambda pod: pod.created_at or 0).name
    if await asyncio.to_thread(forget_other, directory, pod):
        return
    path = f"/api/v1/namespaces/{api.namespace}/pods/{pod}/log"
    loop = asyncio.get_running_loop()
    deadline, delay, told = loop.time() + _PATIENCE, _FIRST_DELAY, False
    before: bytes | None = None
    while True:
        try:
            content = await api.read(path, container=layout.SENDS)
            # One that breaks off on its way from the node looks as if it were whole.
            if await asyncio.to_thread(_take, content, bundle, directory, pod) or content == before:
                return
            before = content
        except ApiError as error:
            if away():
                deadline = loop.time() + _PATIENCE
            elif not error.is_temporary or loop.time() > deadline:
                log.warning("The outputs of pod %s cannot be read: %s", pod, error.message)
                return
        except OSError as error:
            # As with what it prints: it waits for room on the disk.
            if not told:
                log.error(  # noqa: TRY400 - the disk is full, and no code is wrong
                    "The outputs of pod %s cannot be kept, and wait: %s", pod, error
                )
            told = True
        await asyncio.sleep(delay)
        delay = min(2 * delay, _MAX_DELAY)


def _take(content: bytes, bundle: Path, directory: JobDirectory, pod: str) -> bool:
    directory.make()
    return take_told(content.splitlines(keepends=True), Cargo.read(bundle), directory, pod)
