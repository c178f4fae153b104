"""Removing what is out of sight, a little at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from trackside_server.tracking.storage import points

from .trash import GRAVEYARD

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence


_AT_ONCE = 200
_POINTS_AT_ONCE = 10_000
_SERIES_AT_ONCE = 50
_BATCHES_AT_ONCE = 50


class File(NamedTuple):
    """Something on the disk that has to go."""

    number: int
    kind: str
    path: str


def pending(connection: sqlite3.Connection) -> int:
    """Count the runs, experiments and folders that are still being removed."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM runs WHERE experiment = ?) + "
        "(SELECT count(*) FROM experiments WHERE purged_at > 0) + "
        "(SELECT count(*) FROM purge_files)",
        (GRAVEYARD,),
    ).fetchone()
    return int(row[0])


def reusable(connection: sqlite3.Connection) -> int:
    """Give the bytes of the file that hold nothing now."""
    free = int(connection.execute("PRAGMA freelist_count").fetchone()[0])
    return free * int(connection.execute("PRAGMA page_size").fetchone()[0])


def remove_runs(connection: sqlite3.Connection, seconds: float) -> bool:
    """Remove rows of hidden runs for a moment; tell whether there may be more."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        row = connection.execute(
            "SELECT id FROM runs WHERE experiment = ? LIMIT 1", (GRAVEYARD,)
        ).fetchone()
        if row is None:
            return False
        _shrink(connection, int(row[0]))
    return True


def _shrink(connection: sqlite3.Connection, run: int) -> None:
    """Remove some of a run's points, and at last its row."""
    if points.delete_batches(connection, run, _BATCHES_AT_ONCE):
        return
    series = connection.execute(
        "SELECT id, tail FROM series WHERE run = ? LIMIT ?", (run, _SERIES_AT_ONCE)
    ).fetchall()
    small = [row["id"] for row in series if row["tail"] <= _POINTS_AT_ONCE]
    if small:
        points.delete(connection, small)
    elif series:
        number = series[0]["id"]
        if not points.delete_some(connection, number, _POINTS_AT_ONCE):
            points.delete(connection, [number])
    if len(small) == len(series) < _SERIES_AT_ONCE:
        # What else hangs on it goes with it, by its foreign key.
        connection.execute("DELETE FROM runs WHERE id = ?", (run,))
        connection.execute("UPDATE clock SET removed_runs = removed_runs + 1")


def hidden_experiment(connection: sqlite3.Connection) -> sqlite3.Row | None:
    """Give an experiment that is being removed."""
    found: sqlite3.Row | None = connection.execute(
        "SELECT id, artifact_location FROM experiments WHERE purged_at > 0 LIMIT 1"
    ).fetchone()
    return found


def remove_datasets(connection: sqlite3.Connection, experiment: int) -> bool:
    """Remove some data sets of an experiment; tell whether there were any."""
    cursor = connection.execute(
        "DELETE FROM datasets WHERE id IN (SELECT id FROM datasets WHERE experiment = ? LIMIT ?)",
        (experiment, _AT_ONCE),
    )
    return cursor.rowcount > 0


def models_of(connection: sqlite3.Connection, experiment: int) -> list[sqlite3.Row]:
    """Give some logged models of an experiment."""
    return connection.execute(
        "SELECT id, model_id, experiment, artifact_uri, deleted_at FROM logged_models "
        "WHERE experiment = ? LIMIT ?",
        (experiment, _AT_ONCE),
    ).fetchall()


def remove_models(connection: sqlite3.Connection, found: Sequence[sqlite3.Row]) -> None:
    """Remove logged models with all that hangs on them."""
    connection.executemany(
        "DELETE FROM logged_models WHERE id = ?", [(row["id"],) for row in found]
    )


def remove_experiment(connection: sqlite3.Connection, number: int) -> None:
    """Remove an experiment of which nothing is left."""
    connection.execute("DELETE FROM experiments WHERE id = ?", (number,))


def shared_location(connection: sqlite3.Connection, number: int, location: str) -> bool:
    """Whether another experiment keeps its files in the same folder, above it or below it."""
    row = connection.execute(
        "SELECT 1 FROM experiments WHERE id NOT IN (?1, -1) AND (artifact_location = ?2 "
        "OR substr(artifact_location, 1, length(?2) + 1) = ?2 || '/' "
        "OR substr(?2, 1, length(artifact_location) + 1) = artifact_location || '/') LIMIT 1",
        (number, location),
    ).fetchone()
    return row is not None


def files(connection: sqlite3.Connection) -> list[File]:
    """Give some of what has to go from the disk."""
    rows = connection.execute(
        "SELECT id, kind, path FROM purge_files ORDER BY id LIMIT ?", (_AT_ONCE,)
    )
    return [File(*row) for row in rows]


def forget_files(connection: sqlite3.Connection, gone: Sequence[File]) -> None:
    """Note that files are gone."""
    connection.executemany(
        "DELETE FROM purge_files WHERE id = ?", [(file.number,) for file in gone]
    )
