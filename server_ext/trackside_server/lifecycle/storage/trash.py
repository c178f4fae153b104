"""Finding what is in the trash, and moving it out of sight for ever."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trackside_server.lifecycle.entities import DEFAULT_EXPERIMENT, KEEP_TAG, Trashed
from trackside_server.tracking import references
from trackside_server.tracking.paths import proxied_path

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

GRAVEYARD = -1
"""The hidden experiment of runs that are being removed."""

_AMONG = "(SELECT value FROM json_each(?))"
# An experiment in the trash stands for all that is in it.
_LOOSE = "NOT EXISTS (SELECT 1 FROM experiments e WHERE e.id = {0}.experiment AND e.deleted_at > 0)"
_RUNS = f"r.deleted_at IS NOT NULL AND r.experiment >= 0 AND {_LOOSE.format('r')}"
_MODELS = f"m.deleted_at IS NOT NULL AND {_LOOSE.format('m')}"
_EXPERIMENTS = "e.deleted_at IS NOT NULL AND e.purged_at IS NULL"


def counts(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Count the experiments in the trash, and the runs and models that lie there by themselves."""
    row = connection.execute(
        f"SELECT (SELECT count(*) FROM experiments e WHERE {_EXPERIMENTS}), "  # noqa: S608
        f"(SELECT count(*) FROM runs r WHERE {_RUNS}), "
        f"(SELECT count(*) FROM logged_models m WHERE {_MODELS})"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def page(
    connection: sqlite3.Connection,
    *,
    before: int | None = None,
    experiment: int | None = None,
    limit: int,
    offset: int = 0,
) -> list[Trashed]:
    """Give what is in the trash, the newest first.

    Parameters
    ----------
    connection
        A connection for reading.
    before
        Only what came there earlier than this, in milliseconds.
    experiment
        Only this experiment and what belongs to it.
    limit, offset
        The page.
    """
    among = "AND (?1 IS NULL OR {0}.deleted_at < ?1) AND (?2 IS NULL OR {0}.{1} = ?2)"
    rows = connection.execute(
        "SELECT 'experiment', CAST(e.id AS TEXT), e.name, CAST(e.id AS TEXT), e.deleted_at AS at "  # noqa: S608
        f"FROM experiments e WHERE {_EXPERIMENTS} {among.format('e', 'id')} UNION ALL "
        "SELECT 'run', r.run_id, r.name, CAST(r.experiment AS TEXT), r.deleted_at "
        f"FROM runs r WHERE {_RUNS} {among.format('r', 'experiment')} UNION ALL "
        "SELECT 'model', m.model_id, m.name, CAST(m.experiment AS TEXT), m.deleted_at "
        f"FROM logged_models m WHERE {_MODELS} {among.format('m', 'experiment')} "
        "ORDER BY at DESC, 1, 2 LIMIT ?3 OFFSET ?4",
        (before, experiment, limit, offset),
    )
    return [Trashed(*row) for row in rows]


def runs(connection: sqlite3.Connection, run_ids: Sequence[str]) -> list[sqlite3.Row]:
    """Give the rows of runs that exist."""
    return connection.execute(
        "SELECT id, run_id, experiment, status, artifact_uri, deleted_at FROM runs "  # noqa: S608
        f"WHERE run_id IN {_AMONG} AND experiment >= 0",
        (json.dumps(list(run_ids)),),
    ).fetchall()


def runs_of(connection: sqlite3.Connection, experiment: int, limit: int) -> list[sqlite3.Row]:
    """Give some runs of an experiment."""
    return connection.execute(
        "SELECT id, run_id, experiment, status, artifact_uri, deleted_at FROM runs "
        "WHERE experiment = ? LIMIT ?",
        (experiment, limit),
    ).fetchall()


def models(connection: sqlite3.Connection, model_ids: Sequence[str]) -> list[sqlite3.Row]:
    """Give the rows of logged models that exist."""
    return connection.execute(
        "SELECT id, model_id, experiment, artifact_uri, deleted_at FROM logged_models "  # noqa: S608
        f"WHERE model_id IN {_AMONG}",
        (json.dumps(list(model_ids)),),
    ).fetchall()


def experiment(connection: sqlite3.Connection, number: int) -> sqlite3.Row | None:
    """Give the row of an experiment that is not on its way out."""
    found: sqlite3.Row | None = connection.execute(
        "SELECT id, name, artifact_location, deleted_at FROM experiments "
        "WHERE id = ? AND purged_at IS NULL",
        (number,),
    ).fetchone()
    return found


def members(connection: sqlite3.Connection, number: int) -> tuple[list[str], list[str]]:
    """Give the ids of all runs and logged models of an experiment."""
    found = connection.execute("SELECT run_id FROM runs WHERE experiment = ?", (number,))
    made = connection.execute("SELECT model_id FROM logged_models WHERE experiment = ?", (number,))
    return [row[0] for row in found], [row[0] for row in made]


def tagged_runs(connection: sqlite3.Connection, run_ids: Sequence[str]) -> set[str]:
    """Give those of the runs that are marked to be kept, by themselves or by their experiment."""
    rows = connection.execute(
        "SELECT r.run_id FROM runs r JOIN names n ON n.name = ?1 "
        "JOIN tags t ON t.run = r.id AND t.key = n.id "
        "WHERE r.run_id IN (SELECT value FROM json_each(?2)) AND lower(t.value) != 'false' UNION "
        "SELECT r.run_id FROM runs r JOIN experiment_tags x ON x.experiment = r.experiment "
        "AND x.key = ?1 WHERE r.run_id IN (SELECT value FROM json_each(?2)) "
        "AND lower(x.value) != 'false'",
        (KEEP_TAG, json.dumps(list(run_ids))),
    )
    return {row[0] for row in rows}


def tagged_inside(connection: sqlite3.Connection, number: int) -> str | None:
    """Give the id of what is marked to be kept in an experiment: a run, or the experiment."""
    row = connection.execute(
        "SELECT 'experiment ' || experiment FROM experiment_tags "
        "WHERE experiment = ?1 AND key = ?2 AND lower(value) != 'false' UNION ALL "
        "SELECT 'run ' || r.run_id FROM names n JOIN tags t ON t.key = n.id "
        "JOIN runs r ON r.id = t.run WHERE n.name = ?2 AND r.experiment = ?1 "
        "AND lower(t.value) != 'false' LIMIT 1",
        (number, KEEP_TAG),
    ).fetchone()
    return None if row is None else str(row[0])


def tagged_models(connection: sqlite3.Connection, model_ids: Sequence[str]) -> set[str]:
    """Give those of the logged models that are marked to be kept."""
    rows = connection.execute(
        "SELECT m.model_id FROM logged_models m JOIN logged_model_tags t ON t.model = m.id "  # noqa: S608
        f"WHERE t.key = ? AND lower(t.value) != 'false' AND m.model_id IN {_AMONG}",
        (KEEP_TAG, json.dumps(list(model_ids))),
    )
    return {row[0] for row in rows}


def hide_runs(
    connection: sqlite3.Connection, found: Sequence[sqlite3.Row], now: int, revision: int
) -> None:
    """Move runs to where nobody looks; their params and tags, by which they are found, go now."""
    numbers = [(row["id"],) for row in found]
    connection.executemany("DELETE FROM tags WHERE run = ?", numbers)
    connection.executemany("DELETE FROM params WHERE run = ?", numbers)
    connection.executemany("DELETE FROM run_clients WHERE run = ?", numbers)
    connection.executemany(
        "DELETE FROM tensorboard_files WHERE run_id = ?", [(row["run_id"],) for row in found]
    )
    connection.executemany(
        "UPDATE runs SET run_id = '~' || id, experiment = ?, status = 'KILLED', "
        "deleted_at = coalesce(deleted_at, ?), revision = ? WHERE id = ?",
        [(GRAVEYARD, now, revision, row["id"]) for row in found],
    )


def hide_experiment(connection: sqlite3.Connection, number: int, now: int, revision: int) -> None:
    """Put an experiment out of sight; its name is free from now on."""
    connection.execute(
        "UPDATE experiments SET name = char(0) || id, deleted_at = coalesce(deleted_at, ?), "
        "purged_at = ?, revision = ? WHERE id = ?",
        (now, now, revision, number),
    )


def renew_default(connection: sqlite3.Connection, now: int, revision: int) -> None:
    """Bring the default experiment back, as new: clients that name none write there."""
    connection.execute("DELETE FROM experiment_tags WHERE experiment = ?", (DEFAULT_EXPERIMENT,))
    connection.execute(
        "UPDATE experiments SET deleted_at = NULL, updated_at = ?, revision = ? WHERE id = ?",
        (now, revision, DEFAULT_EXPERIMENT),
    )


def own_folder(uri: str, owner: str) -> str | None:
    """Give the folder that belongs to a run or model alone, None when there is none of ours.

    Parameters
    ----------
    uri
        Where its artifacts are.
    owner
        Its id, which is part of every folder that Trackside chose.
    """
    if not uri.startswith("mlflow-artifacts:"):
        return None
    path = proxied_path(uri)
    segments = path.split("/") if path else []
    if len(segments) < 2 or owner not in segments:
        return None
    return "/".join(segments[: segments.index(owner) + 1])


def note_files(connection: sqlite3.Connection, kind: str, paths: Sequence[str]) -> None:
    """Note what has to go from the disk; nothing is read from elsewhere in its name any longer."""
    if kind == "artifacts":
        references.forget(connection, paths)
    connection.executemany(
        "INSERT INTO purge_files (kind, path) VALUES (?, ?)", [(kind, path) for path in paths]
    )
