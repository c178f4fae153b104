"""Pipeline runs as the handlers see them."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from trackside_server.errors import Conflict, NotFound, StorageFailed
from trackside_server.structs import replace

from .beginnings import beginnings
from .entities import Moment, Origin, PipelineRun
from .files import content_of
from .folders import remove
from .ir.arguments import take_arguments
from .ir.macros import expand
from .ir.reading import documents_of
from .ledger import change_of
from .machine.state import ENDED, Run, Values
from .storage import artifacts, listing, runs, specs, tasks
from .wishes import added

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from trackside_server.tracking.entities import Experiment

    from .beginnings import Beginning
    from .entities import StoredArtifact, Task
    from .executor.whereabouts import On
    from .folders import Folders
    from .ir.model import Pipeline, Value
    from .ir.reading import Documents
    from .ledger import Entry, Ledger
    from .specs import Specs
    from .storage.listing import Page, Query
    from .telling import Telling
    from .wishes import Asked


class Mover(Protocol):
    """Moves runs on: the engine."""

    async def check(self, pipeline: Pipeline, python: str, on: On) -> None:
        """Refuse a pipeline of which a task cannot run where it would."""

    async def heed(self, run_id: str) -> None:
        """Begin a run or do what is wished of it, and return once that is stored."""

    async def stop_unstored(self, run_id: str) -> bool:
        """Stop a run though nothing can be stored; False on a server that moves none."""

    def is_stopped_unstored(self, run_id: str) -> bool:
        """Say whether that was done, and still has to be stored."""


class Wanted(Struct, frozen=True):
    """What somebody wants to be run.

    Parameters
    ----------
    pipeline
        What.
    experiment
        Where its runs in tracking belong.
    name
        How it is called.
    given
        Arguments, as they were sent.
    user
        Who wants it.
    description
        The author's words.
    python
        The interpreter of Python components.
    on
        Where its tasks are carried out; ``auto`` leaves it to the server.
    cached
        False takes nothing from the cache; None leaves it to the tasks.
    origin
        Where it comes from.
    pipeline_root
        As it was asked for.
    """

    pipeline: Pipeline
    experiment: Experiment
    name: str
    user: str
    given: Mapping[str, Value] = field(default_factory=dict)
    description: str = ""
    python: str | None = None
    on: On = "auto"
    cached: bool | None = None
    origin: Origin = field(default_factory=Origin)
    pipeline_root: str = ""


class Pipelines:
    """The service of this domain.

    Parameters
    ----------
    ledger, specs, mover
        Collaborators.
    telling
        What is told of tasks at this moment.
    folders
        Where artifacts are that no run in tracking holds.
    readable
        The folders whose files may be read as the content of artifacts.
    python
        The interpreter of those who name none.
    on
        Where the runs of those are carried out who name no place.
    """

    def __init__(
        self,
        ledger: Ledger,
        pipelines: Specs,
        mover: Mover,
        telling: Telling,
        folders: Folders,
        readable: Sequence[Path],
        python: str,
        on: On,
    ) -> None:
        self._ledger = ledger
        self._specs = pipelines
        self._mover = mover
        self._telling = telling
        self._folders = folders
        self._readable = tuple(readable)
        self._python = python
        self._on = on

    async def create(self, wanted: Wanted) -> PipelineRun:
        """Store a run and let it begin.

        Parameters
        ----------
        wanted
            What is to be run.

        Returns
        -------
        PipelineRun
            The run, which may have begun already.

        Raises
        ------
        InvalidInput
            An argument does not fit, or a task of it cannot run where it would.
        """
        run_id = str(uuid.uuid4())
        now = time.time()
        given = expand(wanted.given, run_id, now, wanted.origin.scheduled)
        arguments = Values(await asyncio.to_thread(take_arguments, wanted.pipeline, given))
        python = wanted.python or self._python
        on = self._on if wanted.on == "auto" else wanted.on
        await self._mover.check(wanted.pipeline, python, on)
        packed = await asyncio.to_thread(specs.pack, documents_of(wanted.pipeline))

        def work(entry: Entry) -> PipelineRun:
            run = PipelineRun(
                run_id=run_id,
                name=wanted.name,
                experiment_id=wanted.experiment.experiment_id,
                experiment_name=wanted.experiment.name,
                pipeline=wanted.pipeline.name,
                spec=specs.put(entry.connection, packed),
                user=wanted.user,
                created=now,
                description=wanted.description,
                origin=wanted.origin,
                pipeline_root=wanted.pipeline_root,
                given=given,
                python=python,
                on=on,
                cached=wanted.cached,
                history=(Moment(now, "PENDING"),),
            )
            run = entry.touched(run, "created")
            runs.insert(entry.connection, run, Run(run_id, arguments))
            return run

        run = await self._ledger.write(work)
        self._specs.remember(packed, wanted.pipeline)
        return run

    async def get(self, run_id: str) -> PipelineRun:
        """Return a run.

        Raises
        ------
        NotFound
            There is none of this id.
        """
        run = (await self._ledger.read(lambda connection: _key(connection, run_id))).run
        if run.state not in ENDED and self._mover.is_stopped_unstored(run_id):
            return replace(run, state="CANCELING")
        return run

    async def page(self, query: Query) -> Page[PipelineRun]:
        """Return a page of runs; `runs.TABLE` names the fields to filter and sort by."""
        return await self._ledger.read(
            lambda connection: listing.page(connection, runs.TABLE, query)
        )

    async def documents(self, some: Iterable[PipelineRun]) -> dict[str, Documents]:
        """Return what runs were compiled to, by the digest of it: each is read once."""
        digests = {run.spec for run in some}

        def work(connection: sqlite3.Connection) -> dict[str, Documents]:
            return {digest: specs.unpack(specs.get(connection, digest)) for digest in digests}

        return await self._ledger.read(work) if digests else {}

    async def pipeline(self, run: PipelineRun) -> Pipeline:
        """Return what is run."""
        return await self._specs.pipeline(run.spec)

    async def tasks(self, run_id: str, *, limit: int = 100, token: str = "") -> Page[Task]:
        """Return a page of the tasks of a run in the order in which they were made."""

        def work(connection: sqlite3.Connection) -> Page[Task]:
            of_run = listing.Condition("run", "=", _key(connection, run_id).number)
            query = listing.Query((of_run,), "number", limit=limit, token=token)
            return listing.page(connection, tasks.TABLE, query)

        return await self._ledger.read(work)

    async def task(self, task_id: str) -> tuple[str, Task] | None:
        """Return a task with the id of its run, None when there is none."""

        def work(connection: sqlite3.Connection) -> tuple[str, Task] | None:
            found = tasks.find(connection, task_id)
            run_ids = tasks.runs_of(connection, [task_id])
            return None if found is None else (run_ids[task_id], found)

        return await self._ledger.read(work)

    async def all_tasks(self, run_id: str) -> list[Task]:
        """Return all tasks of a run."""
        return await self._ledger.read(
            lambda connection: tasks.of_run(connection, _key(connection, run_id).number)
        )

    async def beginnings(self, tasks: Sequence[Task]) -> dict[str, Beginning]:
        """Return when some tasks begin that are jobs, or will be."""
        return await self._ledger.read(lambda connection: beginnings(connection, tasks))

    def told_of(self, run_id: str, task_ids: Collection[str]) -> dict[str, str]:
        """Return what some tasks of a run do at this moment, where their states do not say it."""
        return self._telling.of(run_id, task_ids)

    async def children(
        self, run_id: str, parents: Iterable[str]
    ) -> dict[str, list[tuple[str, str]]]:
        """Return id and name of the tasks in some graphs and loops of a run, by their paths."""
        return await self._ledger.read(
            lambda connection: tasks.children(connection, _key(connection, run_id).number, parents)
        )

    async def runs_of(self, task_ids: Iterable[str]) -> dict[str, str]:
        """Return the ids of the runs that tasks are of; one that is gone is left out."""
        wanted = frozenset(task_ids)
        if not wanted:
            return {}
        return await self._ledger.read(lambda connection: tasks.runs_of(connection, wanted))

    async def in_pods(self, task_ids: Sequence[str]) -> frozenset[str]:
        """Return those of some tasks whose jobs are on the cluster."""
        if not task_ids:
            return frozenset()
        return await self._ledger.read(lambda connection: tasks.in_pods(connection, task_ids))

    async def terminate(self, run_id: str) -> PipelineRun:
        """Stop what runs; exit tasks still run, unless somebody asks once more.

        Raises
        ------
        Conflict
            The run is over.
        """
        try:
            return await self._wish(run_id, "terminate")
        except StorageFailed:
            # To stop processes needs no disk; that they were stopped is stored when it has room.
            run = await self.get(run_id)
            _check_wish(run, "terminate")
            if not await self._mover.stop_unstored(run_id):
                raise
            return await self.get(run_id)

    async def retry(self, run_id: str) -> PipelineRun:
        """Go on from what failed or was stopped; what succeeded stays.

        Raises
        ------
        Conflict
            The run is not over, or nothing of it failed.
        """
        return await self._wish(run_id, "retry")

    async def _wish(self, run_id: str, asked: Asked) -> PipelineRun:
        def work(entry: Entry) -> None:
            key = _key(entry.connection, run_id)
            _check_wish(key.run, asked)
            run = entry.touched(key.run, "state")
            wish = added(runs.wished(entry.connection, key.number), asked)
            runs.wish(entry.connection, key.number, wish, run.revision)

        await self._ledger.write(work)
        await self._mover.heed(run_id)
        return await self.get(run_id)

    async def archive(self, run_id: str, *, archived: bool = True) -> PipelineRun:
        """Put a run away, or take it back."""

        def work(entry: Entry) -> None:
            key = _key(entry.connection, run_id)
            if key.run.archived != archived:
                run = entry.touched(key.run, "state")
                runs.archive(entry.connection, key.number, run.revision, archived=archived)

        await self._ledger.write(work)
        return await self.get(run_id)

    async def delete(self, run_id: str) -> None:
        """Forget a run that is over; its runs in tracking stay, with the artifacts in them.

        Raises
        ------
        Conflict
            It is not over.
        """

        def work(entry: Entry) -> list[Path]:
            key = _key(entry.connection, run_id)
            if key.run.state not in ENDED:
                raise Conflict(
                    f"The pipeline run {key.run.name} is not over, so it cannot be deleted.",
                    hint="Terminate it first.",
                )
            if runs.wished(entry.connection, key.number) is not None:
                raise Conflict(
                    f"The pipeline run {key.run.name} is about to go on, so it cannot be deleted.",
                    hint="Terminate it first.",
                )
            needed = self._folders.needed(entry.connection, key)
            entry.forget(key.number, key.run)
            return self._folders.left(entry.connection, needed)

        await asyncio.to_thread(remove, await self._ledger.write(work))

    async def artifacts(self, *, limit: int = 100, token: str = "") -> Page[StoredArtifact]:
        """Return a page of the artifacts, the oldest first."""
        query = listing.Query(order="number", limit=limit, token=token)
        return await self._ledger.read(
            lambda connection: listing.page(connection, artifacts.TABLE, query)
        )

    async def artifact(self, artifact_id: str) -> StoredArtifact:
        """Return an artifact.

        Raises
        ------
        NotFound
            There is none of this id.
        """
        found = await self._ledger.read(lambda connection: artifacts.find(connection, artifact_id))
        if found is None:
            raise NotFound(f"There is no artifact {artifact_id[:60]!r}.")
        return found

    async def artifact_content(self, artifact_id: str) -> tuple[StoredArtifact, Path]:
        """Return an artifact, and the file or folder of this machine that is its content.

        Raises
        ------
        NotFound
            There is none, or its content is not here.
        """
        found = await self.artifact(artifact_id)
        return found, await asyncio.to_thread(content_of, found.artifact, self._readable)

    async def changed_since(self, revision: int, limit: int) -> dict[str, list[dict[str, object]]]:
        """Return the runs with news after a revision, the oldest news first."""
        found = await self._ledger.read(
            lambda connection: runs.changed_since(connection, revision, limit + 1)
        )
        return {"pipeline_runs": [_told(run) for run in found]}

    async def newest(self, limit: int) -> dict[str, list[dict[str, object]]]:
        """Return the newest runs."""
        found = await self.page(listing.Query(descending=True, limit=limit))
        return {"pipeline_runs": [_told(run) for run in found.items]}


def _told(run: PipelineRun) -> dict[str, object]:
    change = change_of(run, "state")
    return {"run_id": run.run_id, "revision": run.revision, **change.data}


def _key(connection: sqlite3.Connection, run_id: str) -> runs.Key:
    key = runs.find(connection, run_id)
    if key is None:
        raise NotFound(
            f"There is no pipeline run {run_id[:60]!r}.",
            hint="It may have been deleted; list the runs.",
        )
    return key


def _check_wish(run: PipelineRun, wish: Asked) -> None:
    if wish == "terminate" and run.state in ENDED:
        raise Conflict(f"The pipeline run {run.name} is over, so there is nothing to stop.")
    if wish == "retry" and run.state not in ("FAILED", "CANCELED"):
        over = "ended well" if run.state in ENDED else "is not over"
        raise Conflict(
            f"The pipeline run {run.name} {over}, so there is nothing to try again.",
            hint="Start a new run instead." if run.state in ENDED else "Terminate it first.",
        )
