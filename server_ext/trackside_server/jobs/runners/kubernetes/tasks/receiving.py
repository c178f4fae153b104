"""Reads what a task sent over the output of its pod, where it could not send it here straight."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from trackside_server.cluster.errors import ApiError

from . import layout
from .arrival import take_told
from .cargo import Cargo

if TYPE_CHECKING:
    import logging
    from pathlib import Path

    from trackside_server.cluster.api import Api
    from trackside_server.jobs.directory import JobDirectory
    from trackside_server.jobs.runners.kubernetes.tracked import Tracked

_FIRST_DELAY: Final = 0.3
_MAX_DELAY: Final = 10.0
# After the end of a pod that does not give its output.
_PATIENCE: Final = 60.0


async def receive(
    api: Api, tracked: Tracked, bundle: Path, directory: JobDirectory, log: logging.Logger
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
    """
    done = [
        pod
        for pod in tracked.pods.values()
        if pod.main.ended is not None and pod.main.ended.exit_code == 0
    ]
    if not done or await asyncio.to_thread(directory.arrival.exists):
        return
    pod = max(done, key=lambda pod: pod.created_at or 0)
    path = f"/api/v1/namespaces/{api.namespace}/pods/{pod.name}/log"
    loop = asyncio.get_running_loop()
    deadline, delay, told = loop.time() + _PATIENCE, _FIRST_DELAY, False
    while True:
        try:
            content = await api.read(path, container=layout.SENDS)
            await asyncio.to_thread(_take, content, bundle, directory)
        except ApiError as error:
            if not error.is_temporary or loop.time() > deadline:
                log.warning("The outputs of pod %s cannot be read: %s", pod.name, error.message)
                return
        except OSError as error:
            # As with what it prints: it waits for room on the disk.
            if not told:
                log.error(  # noqa: TRY400 - the disk is full, and no code is wrong
                    "The outputs of pod %s cannot be kept, and wait: %s", pod.name, error
                )
            told = True
        else:
            return
        await asyncio.sleep(delay)
        delay = min(2 * delay, _MAX_DELAY)


def _take(content: bytes, bundle: Path, directory: JobDirectory) -> None:
    directory.make()
    take_told(content.splitlines(keepends=True), Cargo.read(bundle), directory)
