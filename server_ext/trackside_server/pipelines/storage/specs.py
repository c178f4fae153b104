"""What was compiled: stored once, under the digest of both documents."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from trackside_server.pipelines.ir.reading import Documents

from .codec import load

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping


class Packed(NamedTuple):
    """The documents of a pipeline as they are stored."""

    digest: str
    document: str
    platforms: str


def pack(documents: Documents) -> Packed:
    """Write documents as they are stored, which takes its time for large ones."""
    document, platforms = _text(documents.pipeline), _text(documents.platforms)
    digest = hashlib.sha256(f"{len(document)}:{document}{platforms}".encode()).hexdigest()
    return Packed(digest, document, platforms)


def put(connection: sqlite3.Connection, packed: Packed) -> str:
    """Store documents; give their digest."""
    connection.execute(
        "INSERT OR IGNORE INTO pipeline_specs (digest, document, platforms) VALUES (?, ?, ?)",
        packed,
    )
    return packed.digest


def unpack(packed: Packed) -> Documents:
    """Read documents as they are stored."""
    return Documents(load(packed.document), load(packed.platforms))


def get(connection: sqlite3.Connection, digest: str) -> Packed:
    """Give the documents of a digest."""
    row = connection.execute(
        "SELECT document, platforms FROM pipeline_specs WHERE digest = ?", (digest,)
    ).fetchone()
    return Packed(digest, row["document"], row["platforms"])


def _text(document: Mapping[str, Any]) -> str:
    # Not sorted: the order of what is written in it is shown as the author's.
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
