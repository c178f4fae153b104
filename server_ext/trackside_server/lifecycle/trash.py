"""The trash: what lies in it, and deleting it for ever."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from trackside_server.changes import Change
from trackside_server.errors import Conflict, InvalidInput, NotFound
from trackside_server.structs import replace
from trackside_server.tracking.base import Write, now_ms
from trackside_server.tracking.pages import Paging
from trackside_server.tracking.validation import experiment_id

from .entities import DEFAULT_EXPERIMENT, KEEP_TAG, Deleted, Summary, Trashed, Wanted
from .storage import guard, purge
from .storage import trash as table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from trackside_server.tracking.service import Tracking

    from .entities import Sources

MOST_ITEMS = 1000
MOST_NAMED = 10_000
_AT_ONCE = 200
_DAY = 24 * 3600 * 1000
_KEEP_HINT = f"Remove the tag {KEEP_TAG} or the model version first, or force the deletion."


class Trash:
    """Deletes for ever.

    What is deleted is out of sight, and its name free, when a call returns; rows and files are then
    removed in the background.

    Parameters
    ----------
    tracking
        Whose things these are.
    sources
        Says what registered models were made of.
    poke
        Called when there is something to remove.
    """

    def __init__(self, tracking: Tracking, sources: Sources, poke: Callable[[], None]) -> None:
        self._tracking = tracking
        self._sources = sources
        self._poke = poke

    async def summary(
        self, *, max_results: int, page_token: str | None = None, only: str | None = None
    ) -> Summary:
        """Give what is in the trash, the newest first; `only` names one experiment."""
        paging = Paging.of(max_results, page_token, most=MOST_ITEMS)
        number = None if only is None else experiment_id(only)

        def work(connection: sqlite3.Connection) -> Summary:
            found = table.page(
                connection, experiment=number, limit=paging.limit, offset=paging.offset
            )
            page = paging.page(found)
            items = self._explained(connection, page.items)
            return Summary(
                *table.counts(connection),
                pending=purge.pending(connection),
                reusable=purge.reusable(connection),
                items=items,
                next_page_token=page.next_page_token,
            )

        return await self._tracking.read(work)

    async def delete(self, wanted: Wanted) -> Deleted:
        """Delete what is named for ever: all of a slice or nothing of it.

        Raises
        ------
        NotFound
            Something of it does not exist.
        Conflict
            A job of it has not ended; or it is not in the trash, is marked to be kept or was
            registered, and that is not forced.
        """
        if sum(map(len, (wanted.experiments, wanted.runs, wanted.models))) > MOST_NAMED:
            raise InvalidInput(f"At most {MOST_NAMED:,} things can be deleted in one request.")
        numbers = [experiment_id(value) for value in wanted.experiments]
        # All is checked before anything is touched: a refusal leaves everything as it was.
        await self._tracking.read(lambda connection: self._check(connection, wanted, numbers))
        done = Deleted()
        for number in numbers:
            await self._bury_experiment(number, force=wanted.force)
            done.experiments += 1
        for runs in _parts(wanted.runs):
            done.runs += await self._bury_runs(runs, force=wanted.force)
        for models in _parts(wanted.models):
            done.models += await self._bury_models(models, force=wanted.force)
        self._poke()
        return done

    async def empty(self, *, days: float | None = None, only: str | None = None) -> Deleted:
        """Delete for ever what is in the trash.

        Parameters
        ----------
        days
            Only what came there longer ago than this.
        only
            Only this experiment and what belongs to it.
        """
        number = None if only is None else experiment_id(only)
        before = now_ms() - int(days * _DAY) if days is not None else None
        done, offset = Deleted(), 0
        while True:

            def look(connection: sqlite3.Connection, skip: int = offset) -> Sequence[Trashed]:
                found = table.page(
                    connection, before=before, experiment=number, limit=_AT_ONCE, offset=skip
                )
                return self._explained(connection, found)

            found = await self._tracking.read(look)
            if not found:
                break
            slice_done = await self._empty(found)
            done.add(slice_done)
            # What is left stays at the front of the list, and is not looked at again.
            offset += slice_done.kept
            self._poke()
        return done

    async def _empty(self, found: Sequence[Trashed]) -> Deleted:
        free: dict[str, list[str]] = {"experiment": [], "run": [], "model": []}
        for item in found:
            if item.kept is None:
                free[item.kind].append(item.id)
        done = Deleted(
            experiments=await _each(free["experiment"], self._bury_named_experiment),
            runs=await _all_or_each(free["run"], self._bury_runs),
            models=await _all_or_each(free["model"], self._bury_models),
        )
        done.kept = len(found) - done.experiments - done.runs - done.models
        return done

    async def _bury_named_experiment(self, identifier: str) -> int:
        await self._bury_experiment(int(identifier), force=False)
        return 1

    def _explained(
        self, connection: sqlite3.Connection, found: Sequence[Trashed]
    ) -> Sequence[Trashed]:
        """Add why things are left when the trash is emptied."""
        runs = [item.id for item in found if item.kind == "run"]
        models = [item.id for item in found if item.kind == "model"]
        kept = guard.kept(connection, runs, models, self._sources)
        jobs = guard.living_jobs(connection, runs)
        explained = []
        for item in found:
            reason, job = kept.get(item.id), jobs.get(item.id)
            if item.kind == "experiment":
                reason = guard.kept_inside(connection, int(item.id), self._sources)
                job = guard.living_job_of(connection, int(item.id))
            if job is not None:
                reason = f"Its job {job} has not ended."
            explained.append(replace(item, kept=reason))
        return explained

    def _check(
        self, connection: sqlite3.Connection, wanted: Wanted, numbers: Sequence[int]
    ) -> None:
        for number in numbers:
            self._check_experiment(connection, number, force=wanted.force)
            if not wanted.force:
                reason = guard.kept_inside(connection, number, self._sources)
                if reason is not None:
                    raise Conflict(reason, hint=_KEEP_HINT)
        for runs in _parts(wanted.runs):
            self._check_runs(connection, runs, force=wanted.force)
        for models in _parts(wanted.models):
            self._check_models(connection, models, force=wanted.force)

    @staticmethod
    def _check_experiment(
        connection: sqlite3.Connection, number: int, *, force: bool
    ) -> sqlite3.Row:
        found = table.experiment(connection, number)
        if found is None:
            raise NotFound(f"There is no experiment with id {number}.")
        if found["deleted_at"] is None and not force:
            raise _not_in_trash(f"Experiment {number}")
        job = guard.living_job_of(connection, number)
        if job is not None:
            raise _busy(f"Experiment {number}", job)
        return found

    def _check_runs(
        self, connection: sqlite3.Connection, run_ids: Sequence[str], *, force: bool
    ) -> list[sqlite3.Row]:
        found = table.runs(connection, run_ids)
        missing = set(run_ids) - {row["run_id"] for row in found}
        if missing:
            raise NotFound(f"Run {min(missing)[:60]!r} does not exist.")
        for run_id, job in guard.living_jobs(connection, run_ids).items():
            raise _busy(f"Run {run_id}", job)
        if not force:
            for row in found:
                if row["deleted_at"] is None:
                    raise _not_in_trash(f"Run {row['run_id']}")
            self._check_kept(connection, run_ids, ())
        return found

    def _check_models(
        self, connection: sqlite3.Connection, model_ids: Sequence[str], *, force: bool
    ) -> list[sqlite3.Row]:
        found = table.models(connection, model_ids)
        missing = set(model_ids) - {row["model_id"] for row in found}
        if missing:
            raise NotFound(f"Logged model {min(missing)[:60]!r} does not exist.")
        if not force:
            for row in found:
                if row["deleted_at"] is None:
                    raise _not_in_trash(f"Logged model {row['model_id']}")
            self._check_kept(connection, (), model_ids)
        return found

    def _check_kept(
        self, connection: sqlite3.Connection, run_ids: Sequence[str], model_ids: Sequence[str]
    ) -> None:
        kept = guard.kept(connection, run_ids, model_ids, self._sources)
        if kept:
            raise Conflict(next(iter(kept.values())), hint=_KEEP_HINT)

    async def _bury_experiment(self, number: int, *, force: bool) -> None:
        if number == DEFAULT_EXPERIMENT:
            await self._renew_default(force=force)
            return

        def work(write: Write) -> None:
            self._check_experiment(write.connection, number, force=force)
            table.hide_experiment(write.connection, number, now_ms(), write.revision)
            revision = self._tracking.store.bury(write.connection, "experiment", str(number))
            write.changes.append(_experiment_change(number, "purged", revision))

        await self._tracking.write(work)

    async def _renew_default(self, *, force: bool) -> None:
        """Empty the default experiment, which has to exist, and bring it back."""
        number = DEFAULT_EXPERIMENT

        def some(write: Write) -> bool:
            self._check_experiment(write.connection, number, force=force)
            runs = table.runs_of(write.connection, number, _AT_ONCE)
            models = purge.models_of(write.connection, number)
            bury_runs(write, self._tracking, runs)
            bury_models(write.connection, models)
            if runs or models:
                return True
            table.renew_default(write.connection, now_ms(), write.revision)
            write.experiment_changed(number, "restored")
            return False

        while await self._tracking.write(some):
            pass

    async def _bury_runs(self, run_ids: Sequence[str], *, force: bool = False) -> int:
        def work(write: Write) -> int:
            found = self._check_runs(write.connection, run_ids, force=force)
            bury_runs(write, self._tracking, found)
            for row in found:
                revision = self._tracking.store.bury(write.connection, "run", row["run_id"])
                data = {
                    "run_id": row["run_id"],
                    "experiment_id": str(row["experiment"]),
                    "status": row["status"],
                }
                write.changes.append(Change("run", row["run_id"], "purged", revision, data))
            return len(found)

        return await self._tracking.write(work)

    async def _bury_models(self, model_ids: Sequence[str], *, force: bool = False) -> int:
        def work(write: Write) -> int:
            found = self._check_models(write.connection, model_ids, force=force)
            bury_models(write.connection, found)
            return len(found)

        return await self._tracking.write(work)


def bury_runs(write: Write, tracking: Tracking, found: Sequence[sqlite3.Row]) -> None:
    """Put runs and their jobs out of sight, and note what has to go from the disk."""
    connection = write.connection
    folders = [table.own_folder(row["artifact_uri"], row["run_id"]) for row in found]
    table.note_files(connection, "artifacts", [folder for folder in folders if folder])
    table.hide_runs(connection, found, now_ms(), write.revision)
    jobs = guard.ended_jobs(connection, [row["run_id"] for row in found])
    guard.forget_jobs(connection, jobs)
    table.note_files(connection, "job", [job["job_id"] for job in jobs])
    for job in jobs:
        revision = tracking.store.bury(connection, "job", job["job_id"])
        write.changes.append(Change("job", job["job_id"], "deleted", revision, dict(job)))


def bury_models(connection: sqlite3.Connection, found: Sequence[sqlite3.Row]) -> None:
    """Remove logged models, and note what has to go from the disk."""
    folders = [table.own_folder(row["artifact_uri"], row["model_id"]) for row in found]
    table.note_files(connection, "artifacts", [folder for folder in folders if folder])
    purge.remove_models(connection, found)


async def _all_or_each(ids: Sequence[str], bury: Callable[[Sequence[str]], Awaitable[int]]) -> int:
    """Delete all at once; where something changed meanwhile, whatever still can be."""
    if not ids:
        return 0
    try:
        return await bury(ids)
    except (Conflict, NotFound):
        return await _each(ids, lambda one: bury([one]))


async def _each(ids: Sequence[str], bury: Callable[[str], Awaitable[int]]) -> int:
    gone = 0
    for one in ids:
        with contextlib.suppress(Conflict, NotFound):
            gone += await bury(one)
    return gone


def _experiment_change(number: int, change: str, revision: int) -> Change:
    return Change("experiment", str(number), change, revision, {"experiment_id": str(number)})


def _not_in_trash(what: str) -> Conflict:
    return Conflict(
        f"{what} is not in the trash, and only what is there can be deleted for ever.",
        hint="Delete it first, or force the deletion.",
        reason="NOT_DELETED",
    )


def _busy(what: str, job: str) -> Conflict:
    return Conflict(
        f"{what} cannot be deleted for ever: its job {job} has not ended.",
        hint=f"Cancel it first: trackside cancel {job}",
        reason="JOB_ALIVE",
    )


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
