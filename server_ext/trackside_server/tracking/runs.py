"""What can be done with runs as a whole."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from msgspec import Struct

from trackside_server.errors import InvalidInput, NotFound

from . import validation
from .base import Base, Write, now_ms, run_change
from .entities import ENDED, RUN_NAME_TAG, Param, Run, RunInfo, Tag
from .experiments import require_active
from .naming import random_name
from .storage import clients, experiments
from .storage import runs as table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from trackside_server.changes import Change


class Runs(Base):
    """The part of the service about runs."""

    async def create_run(
        self,
        experiment_id: str,
        *,
        run_name: str | None = None,
        user_id: str = "",
        start_time: int | None = None,
        tags: Mapping[str, str] | None = None,
        status: str = "RUNNING",
    ) -> Run:
        """Start a run; without a name it gets one."""
        new = _NewRun(experiment_id, run_name, user_id, start_time, tags or {}, {}, status)
        return await self.write(lambda write: _create(write, new))

    def create_run_in(
        self,
        connection: sqlite3.Connection,
        experiment_id: str,
        *,
        run_name: str | None = None,
        user_id: str = "",
        start_time: int | None = None,
        tags: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        status: str = "RUNNING",
    ) -> tuple[Run, Change]:
        """Start a run inside a write of the caller, who publishes the change after the commit."""
        write = Write(connection, self.store.next_revision(), self.names)
        new = _NewRun(
            experiment_id, run_name, user_id, start_time, tags or {}, params or {}, status
        )
        run = _create(write, new)
        return run, run_change(run.info, "created")

    async def update_run(
        self,
        run_id: str,
        *,
        status: str | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> RunInfo:
        """Change what is given of a run; a new name is its tag too."""

        def work(write: Write) -> RunInfo:
            return _update(write, run_id, status, end_time, run_name, {})

        return await self.write(work)

    def update_run_in(
        self,
        connection: sqlite3.Connection,
        run_id: str,
        *,
        status: str | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Change | None:
        """Change a run inside a write of the caller, who publishes the change after the commit.

        A run in the trash changes as well: what becomes of its job is true whether or not anybody
        looks, and who takes the run back finds it as it ended.

        Returns
        -------
        Change or None
            None when the run is gone: there is nothing left to change.
        """
        write = Write(connection, self.store.next_revision(), self.names)
        try:
            _update(
                write, run_id, status, end_time, None, tags or {}, start_time, also_in_trash=True
            )
        except (NotFound, InvalidInput):
            return None
        return write.changes[0]

    @staticmethod
    def open_runs_in(connection: sqlite3.Connection, run_id: str) -> list[str]:
        """Give the runs nested below a run that have not ended, inside a write of the caller."""
        below = [found for found in table.tree(connection, run_id) if found != run_id]
        rows = [table.row(connection, found) for found in below]
        return [row["run_id"] for row in rows if row["status"] not in ENDED]

    async def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted; doing it twice is fine."""
        await self._mark_run(run_id, deleted=True)

    async def restore_run(self, run_id: str) -> None:
        """Bring a run back; doing it twice is fine."""
        await self._mark_run(run_id, deleted=False)

    async def run_info(self, run_id: str) -> RunInfo:
        """Give a run, deleted or not, without what it logged."""
        return await self.read(lambda connection: table.info(table.row(connection, run_id)))

    async def parent_run(self, run_id: str) -> str | None:
        """Give the id of the run that a run is nested in, None at the top."""
        return await self.read(lambda connection: table.parent(connection, run_id))

    async def _mark_run(self, run_id: str, *, deleted: bool) -> None:
        def work(write: Write) -> None:
            found = table.row(write.connection, run_id)
            if (found["deleted_at"] is not None) == deleted:
                return
            table.set_deleted(
                write.connection, found["id"], now_ms() if deleted else None, write.revision
            )
            write.run_changed(found, "deleted" if deleted else "restored")

        await self.write(work)


class _NewRun(Struct, frozen=True):
    experiment_id: str
    name: str | None
    user_id: str
    start_time: int | None
    tags: Mapping[str, str]
    params: Mapping[str, str]
    status: str


def _create(write: Write, new: _NewRun) -> Run:
    number = validation.experiment_id(new.experiment_id)
    tags = validation.run_tags(Tag(*item) for item in new.tags.items())
    tagged = dict(tags).get(RUN_NAME_TAG)
    given = validation.run_name(new.name or "")
    if given and tagged and given != tagged:
        raise InvalidInput(
            f"The run is named {given[:80]!r}, but its tag {RUN_NAME_TAG} says {tagged[:80]!r}; "
            "give one name."
        )
    name = given or tagged or random_name()
    tags = [tag for tag in tags if tag.key != RUN_NAME_TAG] + [Tag(RUN_NAME_TAG, name)]
    params = validation.params(Param(*item) for item in new.params.items())
    found = experiments.by_id(write.connection, number)
    if found is None:
        raise NotFound(f"There is no experiment with id {number}.")
    require_active(found)
    run_id = uuid.uuid4().hex
    info = RunInfo(
        run_id=run_id,
        run_name=name,
        experiment_id=found.experiment_id,
        user_id=new.user_id,
        status=new.status,
        start_time=now_ms() if new.start_time is None else new.start_time,
        end_time=None,
        artifact_uri=f"{found.artifact_location}/{run_id}/artifacts",
        deleted=False,
        revision=write.revision,
    )
    row = table.create(write.connection, number, info, write.revision)
    keys = write.keys([*(tag.key for tag in tags), *(param.key for param in params)])
    table.set_tags(write.connection, row, tags, keys)
    table.log_params(write.connection, row, params, keys)
    write.changes.append(run_change(info, "created"))
    return Run(info, params=tuple(params), tags=tuple(tags))


def _update(
    write: Write,
    run_id: str,
    status: str | None,
    end_time: int | None,
    run_name: str | None,
    tags: Mapping[str, str],
    start_time: int | None = None,
    *,
    also_in_trash: bool = False,
) -> RunInfo:
    of = table.row if also_in_trash else table.active_row
    found = of(write.connection, run_id)
    checked = validation.run_tags(Tag(*item) for item in tags.items())
    name = validation.run_name(run_name or "") or dict(checked).get(RUN_NAME_TAG)
    if name:
        checked = [*checked, Tag(RUN_NAME_TAG, name)]
    if status is not None and clients.closed_at(write.connection, found["id"]) is not None:
        # Closed by Trackside in the place of its client, which is there after all.
        clients.forget_closing(write.connection, found["id"])
        table.clear_end(write.connection, found["id"])
    table.set_tags(write.connection, found["id"], checked, write.keys(tag.key for tag in checked))
    table.update(
        write.connection,
        found["id"],
        write.revision,
        status=status,
        start_time=start_time,
        end_time=end_time,
        name=name or None,
    )
    write.run_changed(found, "state" if status or end_time else "data", status)
    return table.info(table.row(write.connection, run_id))
