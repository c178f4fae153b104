"""Changes of many runs: some in one transaction, each refused or done on its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from trackside_server.errors import TracksideError
from trackside_server.lifecycle.entities import Wanted
from trackside_server.table.entities import Done
from trackside_server.tracking import validation
from trackside_server.tracking.base import now_ms
from trackside_server.tracking.entities import RUN_NAME_TAG, Tag
from trackside_server.tracking.storage import runs as runs_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trackside_server.lifecycle.trash import Trash
    from trackside_server.table.entities import Change
    from trackside_server.tracking.base import Write
    from trackside_server.tracking.service import Tracking

_AT_ONCE: Final = 200
"""Runs in one transaction: what others write waits for it."""


async def change(tracking: Tracking, trash: Trash, wanted: Change) -> Done:
    """Do what is wanted to each run that takes it."""
    if wanted.action in ("tag", "untag"):
        validation.key(wanted.key, "tag")
    done = Done()
    for some in _parts(wanted.run_ids):
        if wanted.action == "purge":
            await _purge(trash, some, done)
        else:
            part = await tracking.write(partial(_some, wanted, some))
            done.run_ids += part.run_ids
            done.failed += part.failed
    return done


def _some(wanted: Change, run_ids: Sequence[str], write: Write) -> Done:
    done = Done()
    for run_id in run_ids:
        try:
            changed = _one(write, wanted, run_id)
        except TracksideError as error:  # noqa: PERF203 - a few of many are refused
            # Nothing of this run was written yet.
            done.failed.append((run_id, error.message))
        else:
            if changed:
                done.run_ids.append(run_id)
    return done


def _one(write: Write, wanted: Change, run_id: str) -> bool:
    connection = write.connection
    if wanted.action in ("delete", "restore"):
        deleted = wanted.action == "delete"
        row = runs_table.row(connection, run_id)
        if (row["deleted_at"] is not None) == deleted:
            return False
        runs_table.set_deleted(connection, row["id"], now_ms() if deleted else None, write.revision)
        write.run_changed(row, "deleted" if deleted else "restored")
        return True
    row = runs_table.active_row(connection, run_id)
    if wanted.action == "untag":
        if not runs_table.delete_tag(connection, row["id"], wanted.key):
            return False
        runs_table.touch(connection, row["id"], write.revision)
    else:
        [tag] = validation.run_tags([Tag(wanted.key, wanted.value)])
        if runs_table.tag(connection, row["id"], tag.key) == tag.value:
            return False
        runs_table.set_tags(connection, row["id"], [tag], write.keys([tag.key]))
        name = tag.value if tag.key == RUN_NAME_TAG else None
        runs_table.update(connection, row["id"], write.revision, name=name or None)
    write.run_changed(row, "data")
    return True


async def _purge(trash: Trash, run_ids: Sequence[str], done: Done) -> None:
    try:
        await trash.delete(Wanted(runs=run_ids))
    except TracksideError as error:
        if len(run_ids) == 1:
            done.failed.append((run_ids[0], error.message))
            return
        for run_id in run_ids:
            await _purge(trash, [run_id], done)
    else:
        done.run_ids += run_ids


def _parts(run_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(run_ids), _AT_ONCE):
        yield run_ids[start : start + _AT_ONCE]
