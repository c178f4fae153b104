"""What a disk or the store refuses for a moment is done again; what cannot succeed is not."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from typing import TYPE_CHECKING, Final, TypeVar

from trackside_server.errors import TracksideError

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

# After a disk that was full or the like.
TRY_AGAIN: Final = 5.0
# They say that the path itself is wrong, whenever it is asked for.
_FOR_EVER: Final = frozenset(
    (
        errno.ENAMETOOLONG,
        errno.ELOOP,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EINVAL,
        errno.EILSEQ,
    )
)


def is_temporary(error: BaseException) -> bool:
    """Say whether the same work may succeed later."""
    if isinstance(error, TracksideError):
        return error.is_temporary
    if isinstance(error, OSError):
        return error.errno not in _FOR_EVER
    return isinstance(error, sqlite3.OperationalError)


async def patiently(
    work: Callable[[], Coroutine[None, None, T]],
    log: logging.Logger,
    run_id: str,
    stop: asyncio.Event | None = None,
) -> T:
    """Do a work, again and again while the store or a disk refuses it.

    Parameters
    ----------
    work
        What is done.
    log, run_id
        Where it is told that this run cannot go on.
    stop
        Ends a pause when it is set.

    Returns
    -------
    T
        What the work gives. An error that stays is raised.
    """
    while True:
        try:
            return await work()
        except Exception as error:
            if not is_temporary(error):
                raise
            log.exception("The pipeline run %s cannot go on for a moment", run_id)
        await _pause(stop)


async def _pause(stop: asyncio.Event | None) -> None:
    if stop is None or stop.is_set():
        await asyncio.sleep(TRY_AGAIN)
        return
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([stopping], timeout=TRY_AGAIN)
    finally:
        stopping.cancel()
