"""Reads the scalars of event files into the metrics of their run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from trackside import _event_files
from trackside._event_names import metric_name, prefixes
from trackside_server.errors import Conflict, NotFound
from trackside_server.structs import replace
from trackside_server.tracking.entities import Metric
from trackside_server.tracking.paths import safe_path
from trackside_server.tracking.validation import MAX_BATCH_METRICS

from . import storage
from .process import environment
from .storage import ReadFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from trackside_server.jobs.tracking import Tracking
    from trackside_server.store import Store

    from .files import EventFile, Files

_READER: Final = _event_files.__file__
_LINE: Final = 16 * 1024 * 1024


class Imported(Struct):
    """What an import brought.

    Attributes
    ----------
    files
        How many event files the run has.
    points
        How many points were new in them.
    metrics
        The names of the metrics that got new points.
    damaged
        The files that could not be read to their end.
    truncated
        Whether the run may have more event files than are looked at.
    """

    files: int
    points: int
    metrics: set[str]
    damaged: list[str]
    truncated: bool


class Importer:
    """Reads scalars into runs, each point once however often it is asked.

    Parameters
    ----------
    store
        Remembers how far files were read.
    runs
        Keeps the runs.
    files
        Finds the event files.
    """

    def __init__(self, store: Store, runs: Tracking, files: Files) -> None:
        self._store = store
        self._runs = runs
        self._files = files
        self._busy: set[str] = set()

    async def run(self, run_id: str, path: str | None = None) -> Imported:
        """Read what is new in the event files of a run.

        Parameters
        ----------
        run_id
            The run.
        path
            A file or folder among its artifacts; by default all of them.

        Raises
        ------
        NotFound
            There is no such run, or no event file.
        Conflict
            The files of this run are being read just now.
        """
        below = safe_path(path) if path else ""
        await self._files.name(run_id)
        if run_id in self._busy:
            raise Conflict(
                "The event files of this run are being read just now.",
                hint="Wait until that is done; nothing is left out.",
            )
        self._busy.add(run_id)
        try:
            # Removed on a thread: what was fetched may be large.
            folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="trackside-events-")
            try:
                return await self._read(run_id, below, Path(folder))
            finally:
                await asyncio.to_thread(_remove, folder)
        finally:
            self._busy.discard(run_id)

    async def _read(self, run_id: str, below: str, folder: Path) -> Imported:
        found = await self._files.watch(run_id, folder).gather()
        files = found.files
        wanted = [file for file in files if _is_in(file.path, below)]
        if not wanted:
            raise NotFound(
                "This run has no event files of TensorBoard"
                + (f" in {below[:200]!r}." if below else "."),
                hint="Write them in the working folder of a job, or log them as artifacts.",
            )
        known = await self._store.read(lambda connection: storage.of_run(connection, run_id))
        named = prefixes(
            {path: read.prefix for path, read in known.items()}, [file.path for file in files]
        )
        done = Imported(len(wanted), 0, set(), [], found.truncated)
        for file in wanted:
            read = known.get(file.path) or ReadFile(file.path, named[file.path], 0)
            size = await asyncio.to_thread(_size, file.file)
            if size < read.offset:
                # Another file of the same name; what it shares with the former is known.
                read = replace(read, offset=0)
            if size > read.offset:
                await self._read_file(run_id, file, read, done)
        return done

    async def _read_file(
        self, run_id: str, file: EventFile, read: ReadFile, done: Imported
    ) -> None:
        async for offset, points in _batches(file, read.offset, done):
            metrics = [
                Metric(name, value, time, step)
                for tag, value, time, step in points
                if (name := metric_name(read.prefix + tag)) is not None
            ]
            read = replace(read, offset=offset)
            await self._log(run_id, metrics, read)
            done.points += len(metrics)
            done.metrics.update(metric.key for metric in metrics)

    async def _log(self, run_id: str, metrics: Sequence[Metric], read: ReadFile) -> None:
        last = max(0, (len(metrics) - 1) // MAX_BATCH_METRICS)
        for number in range(last + 1):
            part = metrics[number * MAX_BATCH_METRICS : (number + 1) * MAX_BATCH_METRICS]
            also = None
            if number == last:
                # Points that come again after an interruption are known already.
                also = lambda connection: storage.note(connection, run_id, read)  # noqa: E731
            await self._runs.log_batch(run_id, metrics=part, also=also)


async def _batches(
    file: EventFile, offset: int, done: Imported
) -> AsyncIterator[tuple[int, list[tuple[str, float, int, int]]]]:
    """Yield what a file holds, decoded by a process of its own: files may be large."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-S", "-E", _READER, os.fspath(file.file), str(offset)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(os.environ),
        limit=_LINE,
    )
    assert process.stdout is not None
    try:
        while line := await _line(process.stdout):
            end, points = json.loads(line)
            yield end, points
        if line is None or await process.wait() != 0:
            done.damaged.append(file.path)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _line(output: asyncio.StreamReader) -> bytes | None:
    """Read a line; None when it is longer than any that holds points."""
    try:
        return await output.readline()
    except ValueError:
        return None


def _is_in(path: str, below: str) -> bool:
    return not below or path == below or path.startswith(f"{below}/")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _remove(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
