"""What is thought of traces, and expected of them."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from trackside_server.answers import dumps
from trackside_server.traces.entities import Assessment

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

_COLUMNS = (
    "a.assessment_id, a.kind, a.name, a.value, a.error, a.source_type, a.source_id, a.rationale, "
    "a.metadata, a.span_id, a.created_at, a.updated_at, a.overrides, a.valid"
)

_STORED = (
    "kind, name, value, text, number, error, source_type, source_id, rationale, metadata, span_id, "
    "created_at, updated_at, overrides, valid"
)
_NEW = ", ".join(f"excluded.{name}" for name in _STORED.split(", "))


def save(connection: sqlite3.Connection, trace: int, item: Assessment) -> None:
    """Store an assessment, in the place of one with the same id."""
    text = item.value if isinstance(item.value, str) else dumps(item.value)
    connection.execute(
        f"INSERT INTO assessments (trace, assessment_id, {_STORED}) "  # noqa: S608
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        f"ON CONFLICT (trace, assessment_id) DO UPDATE SET ({_STORED}) = ({_NEW})",
        (
            trace,
            item.assessment_id,
            item.kind,
            item.name,
            dumps(item.value),
            text,
            _number(item.value),
            dumps(item.error) if item.error is not None else None,
            item.source_type,
            item.source_id,
            item.rationale,
            dumps(item.metadata) if item.metadata else None,
            item.span_id,
            item.created_at,
            item.updated_at,
            item.overrides,
            item.valid,
        ),
    )


def get(
    connection: sqlite3.Connection, trace: int, trace_id: str, assessment_id: str
) -> Assessment | None:
    """Give an assessment of a trace."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM assessments a WHERE a.trace = ? AND a.assessment_id = ?",  # noqa: S608
        (trace, assessment_id),
    ).fetchone()
    return None if row is None else _assessment(trace_id, row)


def told_before(connection: sqlite3.Connection, trace: int, item: Assessment) -> bool:
    """Say whether a trace has this very assessment, under whatever id."""
    row = connection.execute(
        "SELECT 1 FROM assessments WHERE trace = ? AND kind = ? AND name = ? AND value = ? "
        "AND source_type = ? AND source_id IS ? AND created_at = ?",
        (
            trace,
            item.kind,
            item.name,
            dumps(item.value),
            item.source_type,
            item.source_id,
            item.created_at,
        ),
    ).fetchone()
    return row is not None


def set_valid(
    connection: sqlite3.Connection, trace: int, assessment_id: str, *, valid: bool
) -> bool:
    """Say whether an assessment counts; False when there is none."""
    cursor = connection.execute(
        "UPDATE assessments SET valid = ? WHERE trace = ? AND assessment_id = ?",
        (valid, trace, assessment_id),
    )
    return cursor.rowcount > 0


def delete(connection: sqlite3.Connection, trace: int, assessment_id: str) -> None:
    """Delete an assessment."""
    connection.execute(
        "DELETE FROM assessments WHERE trace = ? AND assessment_id = ?", (trace, assessment_id)
    )


def load(
    connection: sqlite3.Connection, numbers: Mapping[int, str]
) -> Mapping[int, Sequence[Assessment]]:
    """Give the assessments of traces in the order in which they came.

    Parameters
    ----------
    connection
        A connection for reading.
    numbers
        The traces' ids by their numbers.
    """
    found: dict[int, list[Assessment]] = defaultdict(list)
    for row in connection.execute(
        f"SELECT {_COLUMNS}, a.trace FROM assessments a "  # noqa: S608
        "WHERE a.trace IN (SELECT value FROM json_each(?)) ORDER BY a.id",
        (json.dumps(list(numbers)),),
    ):
        found[row["trace"]].append(_assessment(numbers[row["trace"]], row))
    return found


def _assessment(trace_id: str, row: sqlite3.Row) -> Assessment:
    return Assessment(
        trace_id=trace_id,
        kind=row["kind"],
        name=row["name"],
        value=json.loads(row["value"]),
        source_type=row["source_type"],
        source_id=row["source_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        assessment_id=row["assessment_id"],
        error=_loaded(row["error"]),
        rationale=row["rationale"],
        metadata=_loaded(row["metadata"]) or {},
        span_id=row["span_id"],
        overrides=row["overrides"],
        valid=bool(row["valid"]),
    )


def _number(value: Any) -> float | None:
    """Give what searches compare with numbers; nothing where the column cannot hold it."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)
