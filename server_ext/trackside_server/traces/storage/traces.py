"""Traces with their tags and metadata, and what they are linked to."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from trackside_server.errors import NotFound
from trackside_server.traces.entities import RUN_METADATA, TraceInfo

from . import assessments

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from trackside_server.tracking.search.sql import Sql

_COLUMNS = (
    "t.id, t.trace_id, t.experiment, t.state, t.request_time, t.duration, t.client_request_id, "
    "t.request_preview, t.response_preview"
)
_AMONG = "(SELECT value FROM json_each(?))"


class Doomed(NamedTuple):
    """A trace that is being deleted, and where its files are."""

    number: int
    trace_id: str
    location: str


def find(connection: sqlite3.Connection, trace_id: str) -> sqlite3.Row | None:
    """Give the row of a trace."""
    row: sqlite3.Row | None = connection.execute(
        f"SELECT {_COLUMNS} FROM traces t WHERE t.trace_id = ?",  # noqa: S608
        (trace_id,),
    ).fetchone()
    return row


def require(connection: sqlite3.Connection, trace_id: str) -> sqlite3.Row:
    """Give the row of a trace that has to be there.

    Raises
    ------
    NotFound
        There is none.
    """
    row = find(connection, trace_id)
    if row is None:
        raise NotFound(f"Trace with ID {trace_id[:80]!r} not found.")
    return row


def create(connection: sqlite3.Connection, info: TraceInfo) -> int:
    """Insert a trace without its tags and metadata; give its number."""
    cursor = connection.execute(
        "INSERT INTO traces (trace_id, experiment, state, request_time, duration, "
        "client_request_id, request_preview, response_preview) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            info.trace_id,
            int(info.experiment_id),
            info.state,
            info.request_time,
            info.duration,
            info.client_request_id,
            info.request_preview,
            info.response_preview,
        ),
    )
    return int(cursor.lastrowid or 0)


def update(connection: sqlite3.Connection, number: int, **columns: Any) -> None:
    """Change columns of a trace; their names are ours."""
    names = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(f"UPDATE traces SET {names} WHERE id = ?", (*columns.values(), number))  # noqa: S608


def set_tags(connection: sqlite3.Connection, number: int, tags: Mapping[str, str]) -> None:
    """Set tags."""
    _set(connection, "trace_tags", number, tags)


def set_metadata(connection: sqlite3.Connection, number: int, pairs: Mapping[str, str]) -> None:
    """Set metadata."""
    _set(connection, "trace_metadata", number, pairs)


def delete_tag(connection: sqlite3.Connection, number: int, key: str) -> bool:
    """Delete a tag; False when there is none."""
    cursor = connection.execute("DELETE FROM trace_tags WHERE trace = ? AND key = ?", (number, key))
    return cursor.rowcount > 0


def metadata(connection: sqlite3.Connection, number: int) -> dict[str, str]:
    """Give the metadata of a trace."""
    rows = connection.execute(
        "SELECT key, value FROM trace_metadata WHERE trace = ?", (number,)
    ).fetchall()
    return {row["key"]: row["value"] for row in rows}


def source_run(connection: sqlite3.Connection, trace_id: str) -> str | None:
    """Give the run that made a trace, None when there is none."""
    row = connection.execute(
        "SELECT m.value FROM traces t JOIN trace_metadata m ON m.trace = t.id AND m.key = ? "
        "WHERE t.trace_id = ?",
        (RUN_METADATA, trace_id),
    ).fetchone()
    return None if row is None else str(row[0])


def source_runs(connection: sqlite3.Connection, trace_ids: Sequence[str]) -> set[str | None]:
    """Give the runs that made those traces that exist; None stands for those of no run."""
    rows = connection.execute(
        "SELECT DISTINCT m.value FROM traces t LEFT JOIN trace_metadata m "  # noqa: S608
        f"ON m.trace = t.id AND m.key = ? WHERE t.trace_id IN {_AMONG}",
        (RUN_METADATA, json.dumps(list(trace_ids))),
    )
    return {row[0] for row in rows}


def link_run(connection: sqlite3.Connection, trace_ids: Iterable[str], run_id: str) -> None:
    """Link traces to a run, known ones or such as have yet to come."""
    connection.executemany(
        "INSERT OR IGNORE INTO trace_runs (trace_id, run_id) VALUES (?, ?)",
        [(trace_id, run_id) for trace_id in trace_ids],
    )


def link_prompts(connection: sqlite3.Connection, trace_id: str, prompts: Iterable[str]) -> None:
    """Link versions of prompts to a trace."""
    connection.executemany(
        "INSERT OR IGNORE INTO trace_prompts (trace_id, prompt) VALUES (?, ?)",
        [(trace_id, prompt) for prompt in prompts],
    )


def doomed(
    connection: sqlite3.Connection,
    experiment: int,
    location: str,
    *,
    trace_ids: Sequence[str] | None = None,
    until: int | None = None,
    most: int,
) -> list[Doomed]:
    """Give traces that shall be deleted, the oldest first.

    Parameters
    ----------
    connection
        A connection.
    experiment
        The experiment that they belong to.
    location
        The key of the tag that says where files are.
    trace_ids
        Their ids, None for all.
    until
        The latest time at which they began, None for any.
    most
        How many.
    """
    among, named = (
        ("", ())
        if trace_ids is None
        else (
            f"AND t.trace_id IN {_AMONG} ",
            (json.dumps(list(trace_ids)),),
        )
    )
    rows = connection.execute(
        "SELECT t.id, t.trace_id, ifnull(l.value, '') FROM traces t "  # noqa: S608
        "LEFT JOIN trace_tags l ON l.trace = t.id AND l.key = ? "
        f"WHERE t.experiment = ? AND (? IS NULL OR t.request_time <= ?) {among}"
        "ORDER BY t.request_time, t.trace_id LIMIT ?",
        (location, experiment, until, until, *named, most),
    )
    return [Doomed(*row) for row in rows]


def delete(connection: sqlite3.Connection, traces: Sequence[Doomed]) -> None:
    """Delete traces with all that hangs on them."""
    numbers = json.dumps([trace.number for trace in traces])
    ids = json.dumps([trace.trace_id for trace in traces])
    connection.execute(f"DELETE FROM trace_runs WHERE trace_id IN {_AMONG}", (ids,))  # noqa: S608
    connection.execute(f"DELETE FROM trace_prompts WHERE trace_id IN {_AMONG}", (ids,))  # noqa: S608
    connection.execute(f"DELETE FROM traces WHERE id IN {_AMONG}", (numbers,))  # noqa: S608


def search(
    connection: sqlite3.Connection,
    experiments: Sequence[int],
    where: Sql,
    order: tuple[Sql, Sql],
    *,
    made_by: Sequence[str] | None,
    limit: int,
    offset: int,
) -> list[TraceInfo]:
    """Find traces.

    Parameters
    ----------
    connection
        A connection for reading.
    experiments
        Numbers of the experiments to look in.
    where, order
        The compiled search.
    made_by
        Restricts the search to traces that these runs made.
    limit, offset
        The page.
    """
    joins, terms = order
    # One experiment, the usual case, is read in the order of an index.
    among = "= ?" if len(experiments) == 1 else f"IN {_AMONG}"
    restricted = ""
    runs: tuple[str, ...] = ()
    if made_by is not None:
        restricted = (
            f"AND t.id IN (SELECT m.trace FROM trace_metadata m WHERE m.key = '{RUN_METADATA}' "  # noqa: S608
            f"AND m.value IN {_AMONG}) "
        )
        runs = (json.dumps(list(made_by)),)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM traces t {joins.text} WHERE t.experiment {among} {restricted}"  # noqa: S608
        f"AND {where.text} ORDER BY {terms.text} LIMIT ? OFFSET ?",
        (
            *joins.parameters,
            experiments[0] if len(experiments) == 1 else json.dumps(list(experiments)),
            *runs,
            *where.parameters,
            *terms.parameters,
            limit,
            offset,
        ),
    ).fetchall()
    return load(connection, rows)


def among(
    connection: sqlite3.Connection, trace_ids: Sequence[str], experiments: Sequence[int] | None
) -> list[sqlite3.Row]:
    """Give the rows of those traces that exist, in the order of their ids in the request."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM traces t WHERE t.trace_id IN {_AMONG} "  # noqa: S608
        f"AND (? IS NULL OR t.experiment IN {_AMONG})",
        (
            json.dumps(list(trace_ids)),
            None if experiments is None else 1,
            json.dumps(list(experiments or ())),
        ),
    )
    found = {row["trace_id"]: row for row in rows}
    return [found[trace_id] for trace_id in dict.fromkeys(trace_ids) if trace_id in found]


def load(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> list[TraceInfo]:
    """Give traces with tags, metadata and assessments, in the order of their rows."""
    numbers = {row["id"]: row["trace_id"] for row in rows}
    tags = _pairs(connection, "trace_tags", numbers)
    told = _pairs(connection, "trace_metadata", numbers)
    judged = assessments.load(connection, numbers)
    return [
        TraceInfo(
            trace_id=row["trace_id"],
            experiment_id=str(row["experiment"]),
            state=row["state"],
            request_time=row["request_time"],
            duration=row["duration"],
            client_request_id=row["client_request_id"],
            request_preview=row["request_preview"],
            response_preview=row["response_preview"],
            metadata=told.get(row["id"], {}),
            tags=tags.get(row["id"], {}),
            assessments=judged.get(row["id"], ()),
        )
        for row in rows
    ]


def _set(connection: sqlite3.Connection, table: str, number: int, pairs: Mapping[str, str]) -> None:
    connection.executemany(
        f"INSERT INTO {table} (trace, key, value) VALUES (?, ?, ?) "  # noqa: S608
        "ON CONFLICT (trace, key) DO UPDATE SET value = excluded.value",
        [(number, *pair) for pair in pairs.items()],
    )


def _pairs(
    connection: sqlite3.Connection, table: str, numbers: Iterable[int]
) -> Mapping[int, Mapping[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    cursor = connection.cursor()
    cursor.row_factory = None
    for number, key, value in cursor.execute(
        f"SELECT trace, key, value FROM {table} WHERE trace IN {_AMONG}",  # noqa: S608
        (json.dumps(list(numbers)),),
    ):
        found[number][key] = value
    return found
