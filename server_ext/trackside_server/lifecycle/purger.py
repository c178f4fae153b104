"""Removes in the background what was put out of sight, and goes on with it after a crash."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from trackside_server.errors import TracksideError
from trackside_server.jobs.directory import JobDirectory
from trackside_server.tracking.paths import proxied_path

from .storage import purge
from .storage import trash as table
from .trash import bury_models, bury_runs

if TYPE_CHECKING:
    import logging
    import sqlite3
    from collections.abc import Callable, Sequence

    from trackside_server.tracking.base import Write
    from trackside_server.tracking.service import Tracking

    PurgeTraces = Callable[[sqlite3.Connection, int, int], int]

# A work of this length delays those who log beside it by no more than a commit does.
_SLICE_SECONDS = 0.004
_RUNS_AT_ONCE = 100
_TRACES_AT_ONCE = 100
_AGAIN_SECONDS = 30.0


class Purger:
    """Removes rows and files, one small step after the other.

    Each step is a short transaction, and between two of them everybody else has their turn.

    Parameters
    ----------
    tracking
        Whose rows and files these are.
    purge_traces
        Deletes some traces of an experiment; gives how many.
    log
        Told about what could not be removed.
    """

    def __init__(self, tracking: Tracking, purge_traces: PurgeTraces, log: logging.Logger) -> None:
        self._tracking = tracking
        self._purge_traces = purge_traces
        self._log = log
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Go on with what an earlier server left, and then with what comes."""
        self._news.set()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End after the step under way."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def poke(self) -> None:
        """There is something to remove."""
        self._news.set()

    async def drain(self) -> None:
        """Remove all that is out of sight."""
        while await self._experiment_step():
            pass
        while await self._tracking.store.write(
            lambda connection: purge.remove_runs(connection, _SLICE_SECONDS)
        ):
            pass
        while await self._files_step():
            pass

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self.drain()
            except Exception as error:  # noqa: BLE001 - told, and tried again
                known = isinstance(error, TracksideError)
                self._log.warning(
                    "What was deleted for ever cannot be removed yet: %s",
                    error,
                    exc_info=None if known else error,
                )
                await asyncio.sleep(_AGAIN_SECONDS)
                self._news.set()

    async def _experiment_step(self) -> bool:
        """Take some things out of a hidden experiment; tell whether there may be more."""
        return await self._tracking.write(self._shrink)

    def _shrink(self, write: Write) -> bool:
        connection = write.connection
        found = purge.hidden_experiment(connection)
        if found is None:
            return False
        number = int(found["id"])
        runs = table.runs_of(connection, number, _RUNS_AT_ONCE)
        if runs:
            bury_runs(write, self._tracking, runs)
            return True
        models = purge.models_of(connection, number)
        if models:
            bury_models(connection, models)
            return True
        if self._purge_traces(connection, number, _TRACES_AT_ONCE):
            return True
        if purge.remove_datasets(connection, number):
            return True
        location = str(found["artifact_location"])
        folder = proxied_path(location)
        if folder and not purge.shared_location(connection, number, location):
            table.note_files(connection, "artifacts", [folder])
        purge.remove_experiment(connection, number)
        return True

    async def _files_step(self) -> bool:
        found = await self._tracking.store.read(purge.files)
        if not found:
            return False
        gone = await asyncio.to_thread(self._remove_files, found)
        await self._tracking.store.write(lambda connection: purge.forget_files(connection, gone))
        return bool(gone)

    def _remove_files(self, found: Sequence[purge.File]) -> list[purge.File]:
        return [file for file in found if self._remove_file(file)]

    def _remove_file(self, file: purge.File) -> bool:
        try:
            if file.kind == "job":
                JobDirectory(self._tracking.store.root, Path(file.path).name).remove()
            else:
                self._tracking.artifacts.delete(file.path)
        except (TracksideError, OSError) as error:
            # It stays noted and is tried again at the next occasion.
            self._log.warning("The folder %s could not be removed: %s", file.path, error)
            return False
        return True
