"""What a job logged and nobody acknowledged: logged by the server before the run is closed.

The client (`trackside._logging`) appends records to ``<spool>/*.jsonl`` and notes beside each file
how many bytes of it were acknowledged. The program is dead when this runs, and the note goes on
here, a few hundred records at a time: to log one of them twice does no harm.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from typing import TYPE_CHECKING, Any

from trackside_server.errors import TracksideError
from trackside_server.jobs.capture.reader import MAX_BATCH
from trackside_server.jobs.entities import OWN_RUN
from trackside_server.tracking.entities import Metric, Param, Tag

if TYPE_CHECKING:
    import logging
    from pathlib import Path

    from trackside_server.jobs.capture.reader import Source
    from trackside_server.jobs.tracking import Tracking

# A tag that the client gives to a run that it starts, so that it is found again.
START_TAG = "trackside.start_id"
_CHUNK = 256 * 1024
# The client keeps its records far below this; a longer line is damage.
_MAX_RECORD = 4 * 1024 * 1024
_MAX_NESTING = 20
_STATUSES = ("FINISHED", "FAILED", "KILLED")


class Spool:
    """The spool of one ended job.

    Parameters
    ----------
    source
        The job.
    tracking, log
        Collaborators.
    """

    def __init__(self, source: Source, tracking: Tracking, log: logging.Logger) -> None:
        self._source = source
        self._tracking = tracking
        self._log = log
        self._folder = source.directory / "spool"
        self._points: dict[str, list[Metric]] = {}
        self._runs: dict[str, str | None] = dict.fromkeys((source.run_id, OWN_RUN), source.run_id)
        # What begins the runs that the client named by itself.
        self._wanted: dict[str, dict[str, Any]] = {}

    async def drain(self, *, keep: bool = False) -> None:
        """Log every record that is left, then remove the files.

        Parameters
        ----------
        keep
            Whether the files stay, because there is more to come.
        """
        files = await asyncio.to_thread(_files, self._folder)
        for file in files:
            offset = await asyncio.to_thread(_acknowledged, file)
            self._wanted.update(await asyncio.to_thread(_begun, file, offset))
            while True:
                records, offset = await asyncio.to_thread(_read, file, offset)
                if not records:
                    break
                for record in records:
                    await self._take(record)
                for run_id in list(self._points):
                    await self._flush(run_id)
                # Else it would all be logged anew when the rest is refused, over what a user
                # changed meanwhile.
                await asyncio.to_thread(_acknowledge, file, offset)
        if files and not keep:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _take(self, record: dict[str, Any]) -> None:
        try:
            run_id = await self._run_of(record)
            if run_id is None:
                return
            for point in record.get("m", ()):
                key, value, timestamp, step = point
                points = self._points.setdefault(run_id, [])
                points.append(Metric(str(key), float(value), int(timestamp), int(step)))
                if len(points) >= MAX_BATCH:
                    await self._flush(run_id)
            for key, value in record.get("p", {}).items():
                await self._tracking.log_batch(run_id, params=[Param(str(key), str(value))])
            if tags := record.get("t"):
                chosen = [Tag(str(key), str(value)) for key, value in tags.items()]
                await self._tracking.log_batch(run_id, tags=chosen)
            if artifact := record.get("a"):
                await self._store_artifact(run_id, artifact)
            if (end := record.get("e")) and run_id != self._source.run_id:
                await self._end(run_id, end)
        except (TracksideError, ValueError, TypeError, KeyError, AttributeError, OSError) as error:
            if isinstance(error, TracksideError) and error.is_temporary:
                raise
            self._log.warning(
                "Job %s: something it logged cannot be stored: %s", self._source.job_id, error
            )

    async def _flush(self, run_id: str) -> None:
        points = self._points.pop(run_id, [])
        try:
            await self._tracking.log_batch(run_id, metrics=points)
        except TracksideError as error:
            if error.is_temporary:
                raise
            if len(points) > 1:
                # One bad point must not take its neighbours along.
                for point in points:
                    self._points[run_id] = [point]
                    await self._flush(run_id)
                return
            self._log.warning(
                "Job %s: a point it logged cannot be stored: %s", self._source.job_id, error
            )

    async def _run_of(self, record: dict[str, Any]) -> str | None:
        """Return the run that a record is for, None when it is none of this job's."""
        named = str(record["r"])
        if named not in self._runs:
            wanted = record.get("c") or self._wanted.get(named)
            if wanted is not None:
                self._runs[named] = await self._create(wanted)
            else:
                self._runs[named] = named if await self._is_ours(named) else None
        return self._runs[named]

    async def _is_ours(self, run_id: str) -> bool:
        current: str | None = run_id
        for _ in range(_MAX_NESTING):
            if current is None or current == self._source.run_id:
                break
            current = await self._tracking.parent_run(current)
        return current == self._source.run_id

    async def _create(self, wanted: dict[str, Any]) -> str:
        """Make a nested run that was started while the server was away."""
        tags = {str(key): str(value) for key, value in wanted.get("tags", {}).items()}
        tags["mlflow.parentRunId"] = self._source.run_id
        start_id = tags.get(START_TAG, "")
        if start_id.isalnum():
            # The client may have asked for it, and died before it heard the answer.
            found = await self._tracking.started_run(self._source.experiment_id, start_id)
            if found is not None:
                return found
        return await self._tracking.start_nested(
            self._source.experiment_id,
            run_name=wanted.get("run_name"),
            start_time=int(wanted["start_time"]),
            tags=tags,
        )

    async def _end(self, run_id: str, end: dict[str, Any]) -> None:
        status = end["status"]
        if status in _STATUSES:
            await self._tracking.end_run(run_id, status=status, end_time=int(end["end_time"]))

    async def _store_artifact(self, run_id: str, artifact: dict[str, Any]) -> None:
        file = (self._folder / str(artifact["file"])).resolve()
        if not file.is_relative_to(self._folder.resolve()):
            raise ValueError("The file of an artifact lies outside the spool.")
        with await asyncio.to_thread(file.open, "rb") as opened:
            await self._tracking.write_artifact(run_id, str(artifact["path"]), opened)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob("*.jsonl"), key=lambda file: file.stat().st_mtime_ns)
    except OSError:
        return []


def _acknowledged(file: Path) -> int:
    try:
        return int(file.with_suffix(".ack").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def _begun(file: Path, end: int) -> dict[str, dict[str, Any]]:
    """Give what was acknowledged of runs that the rest of a file may still name."""
    begun: dict[str, dict[str, Any]] = {}
    offset = 0
    while offset < end:
        records, after = _read(file, offset)
        if not records and after == offset:
            break
        offset = after
        begun.update({str(one["r"]): one["c"] for one in records if "r" in one and "c" in one})
    return begun


def _acknowledge(file: Path, offset: int) -> None:
    note = file.with_suffix(".ack.new")
    note.write_text(str(offset), encoding="ascii")
    note.replace(file.with_suffix(".ack"))


def _read(file: Path, offset: int) -> tuple[list[dict[str, Any]], int]:
    """Return the whole records of one chunk and where the next one begins."""
    with file.open("rb") as opened:
        opened.seek(offset)
        data = opened.read(_CHUNK)
        while not data.endswith(b"\n") and len(data) <= _MAX_RECORD:
            more = opened.read(_CHUNK)
            if not more:
                break
            data += more
    # The last line has no end when the program was killed while it wrote.
    end = data.rfind(b"\n") + 1
    records = []
    for line in data[:end].splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            records.append(record)
    return records, offset + end
