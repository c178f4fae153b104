"""Records where a run came from: tags for lists and searches, files for reading."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from trackside_server.errors import TracksideError, Unavailable
from trackside_server.tracking.entities import Tag

from . import facts, git
from .redact import redact

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping, Sequence

FOLDER = "provenance"
CELL = f"{FOLDER}/cell.py"
DIFF = f"{FOLDER}/uncommitted.diff"
ENVIRONMENT = f"{FOLDER}/environment.json"
MAX_CELL = 1024 * 1024
# How many runs may wait, so that their sources do not fill the memory.
MAX_WAITING = 100
_AT_ONCE = 4


class Tracking(Protocol):
    """The part of tracking that is needed here."""

    async def log_batch(self, run_id: str, *, tags: Sequence[Tag] = ()) -> None:
        """Set tags of a run."""

    async def write_artifact(self, run_id: str, path: str, source: IO[bytes]) -> None:
        """Store a file with a run."""


class Provenance:
    """Finds out and stores where runs came from.

    Parameters
    ----------
    tracking : Tracking
        Keeps what is found.
    log : logging.Logger
        Told about runs whose provenance could not be stored.
    """

    def __init__(self, tracking: Tracking, log: logging.Logger) -> None:
        self._tracking = tracking
        self._log = log
        # Two at most: git reads a lot, and nobody waits for it.
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="trackside-provenance")
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def close(self) -> None:
        """Wait for what is under way, which git's time limits bound."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=git.TIMEOUT)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def check_room(self) -> None:
        """Refuse when too many runs wait already.

        Raises
        ------
        Unavailable
            For the moment; each of them holds the text of a cell and more.
        """
        if len(self._tasks) >= MAX_WAITING:
            raise Unavailable(
                f"The provenance of {MAX_WAITING} runs waits to be stored already.",
                hint="Try again in a moment.",
            )

    def record_soon(self, run_id: str, source: Mapping[str, Any], **known: Any) -> None:
        """Do what `record` does, without anybody waiting for it; too much at once is left out."""
        try:
            self.check_room()
        except Unavailable as error:
            self._warn(run_id, error)
            return
        # Of the source only what is read: it may be large, and waits in memory.
        needed = {name: source[name] for name in ("cell", "cwd") if name in source}
        work = self._record_in_turn(run_id, needed, **known)
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _record_in_turn(self, run_id: str, source: Mapping[str, Any], **known: Any) -> None:
        async with self._turn:
            await self.record(run_id, source, **known)

    @staticmethod
    def tags_now(source: Mapping[str, Any], user: str) -> dict[str, str]:
        """Return the tags that cost nothing to find, for the moment a run is created."""
        return facts.source_tags(source, user)

    async def record(
        self,
        run_id: str,
        source: Mapping[str, Any],
        *,
        command: str | None = None,
        resources: Mapping[str, Any] | None = None,
        environment: Mapping[str, Any] | None = None,
    ) -> None:
        """Find out and store what takes a while: the code, git, the environment.

        It never raises: a run without provenance is worth more than a failed one.

        Parameters
        ----------
        run_id : str
            The run.
        source : mapping
            What the client told: ``cell`` (its text), ``cwd`` (where git is asked) and more.
        command : str, optional
            How the program was started.
        resources : mapping, optional
            What it was given.
        environment : mapping, optional
            Python, packages and host, where they are known already.
        """
        tags = facts.launch_tags(command, resources)
        files: dict[str, bytes] = {}
        try:
            cell = source.get("cell")
            if isinstance(cell, str) and cell:
                text = await self._in_thread(redact, cell[:MAX_CELL])
                files[CELL] = text.encode()
            state = await self._git(source.get("cwd"))
            if state is not None:
                tags.update(facts.git_tags(state))
                if state.diff:
                    files[DIFF] = state.diff.encode()
            if environment:
                tags.update(facts.environment_tags(environment))
                content = await self._in_thread(facts.environment_file, environment)
                if content is not None:
                    files[ENVIRONMENT] = content
            await self._store(run_id, tags, files)
        except Exception as error:  # noqa: BLE001 - see the docstring
            self._warn(run_id, error)

    async def _git(self, cwd: Any) -> git.GitState | None:
        if not isinstance(cwd, str) or not cwd:
            return None
        folder = Path(cwd)
        return await self._in_thread(git.inspect, folder) if folder.is_absolute() else None

    async def _in_thread(self, function: Any, *arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, function, *arguments)

    async def _store(
        self, run_id: str, tags: Mapping[str, str], files: Mapping[str, bytes]
    ) -> None:
        for path, content in files.items():
            await self._tracking.write_artifact(run_id, path, io.BytesIO(content))
        # Last: their event makes views look for the files too.
        if tags:
            await self._tracking.log_batch(
                run_id, tags=[Tag(key, value) for key, value in tags.items()]
            )

    def _warn(self, run_id: str, error: Exception) -> None:
        if isinstance(error, TracksideError):
            self._log.warning("The provenance of run %s was not stored: %s", run_id, error)
        else:
            self._log.exception("The provenance of run %s was not stored", run_id, exc_info=error)
