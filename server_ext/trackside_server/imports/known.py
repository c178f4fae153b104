"""What earlier imports brought: the table by which the next one knows what is new."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from trackside_server.structs import asdict

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping


class Known(NamedTuple):
    """One thing that an import brought."""

    source: str
    digest: str | None
    curves: Mapping[str, str]
    bookmark: str | None
    uri: str | None


def find(connection: sqlite3.Connection, kind: str, identifier: str) -> Known | None:
    """Give what is known of a thing, None when no import brought it."""
    row = connection.execute(
        "SELECT source, digest, curves, bookmark, uri FROM imported WHERE kind = ? AND id = ?",
        (kind, identifier),
    ).fetchone()
    if row is None:
        return None
    return Known(row[0], row[1], json.loads(row[2] or "{}"), row[3], row[4])


def note(connection: sqlite3.Connection, kind: str, identifier: str, known: Known) -> None:
    """Write down what is known of a thing."""
    connection.execute(
        "INSERT OR REPLACE INTO imported (kind, id, source, digest, curves, bookmark, uri) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            kind,
            identifier,
            known.source,
            known.digest,
            json.dumps(dict(known.curves)) if known.curves else None,
            known.bookmark,
            known.uri,
        ),
    )


def digest(*records: Any) -> str:
    """Give a digest of records; equal content has the same one."""
    plain = [asdict(record) if isinstance(record, Struct) else record for record in records]
    text = json.dumps(plain, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
