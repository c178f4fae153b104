"""Empties the trash of what has lain there long enough, where the user asked for that."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

    from .trash import Trash

_FIRST_SECONDS = 60.0
_EVERY_SECONDS = 3600.0


class Retention:
    """Looks once an hour.

    Parameters
    ----------
    trash
        What is emptied.
    log
        Told what was deleted.
    days
        How long things stay in the trash; 0 for ever.
    """

    def __init__(self, trash: Trash, log: logging.Logger, days: float) -> None:
        self._trash = trash
        self._log = log
        self._days = days
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, if there is a rule."""
        if self._days:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Look no longer."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def apply(self) -> None:
        """Delete for ever what has lain in the trash for longer than the rule says."""
        done = await self._trash.empty(days=self._days)
        if done.any:
            self._log.info(
                "Deleted for ever after %g days in the trash (Trackside.trash_days): "
                "%d experiments, %d runs, %d logged models.",
                self._days,
                done.experiments,
                done.runs,
                done.models,
            )

    async def _run(self) -> None:
        # Not at once: a server that starts has other things to do.
        await asyncio.sleep(_FIRST_SECONDS)
        while True:
            try:
                await self.apply()
            except Exception:  # noqa: BLE001 - told, and tried again
                self._log.exception("The trash could not be emptied")
            await asyncio.sleep(_EVERY_SECONDS)
