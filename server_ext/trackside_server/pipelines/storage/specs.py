"""What was compiled: stored once, under the digest of both documents."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from .codec import load

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.model import Pipeline


def put(connection: sqlite3.Connection, pipeline: Pipeline) -> str:
    """Store the documents of a pipeline; give their digest."""
    document, platforms = _text(pipeline.document), _text(pipeline.platforms)
    digest = hashlib.sha256(f"{len(document)}:{document}{platforms}".encode()).hexdigest()
    connection.execute(
        "INSERT OR IGNORE INTO pipeline_specs (digest, document, platforms) VALUES (?, ?, ?)",
        (digest, document, platforms),
    )
    return digest


def get(connection: sqlite3.Connection, digest: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Give the pipeline's document and that of its platforms."""
    row = connection.execute(
        "SELECT document, platforms FROM pipeline_specs WHERE digest = ?", (digest,)
    ).fetchone()
    return load(row["document"]), load(row["platforms"])


def _text(document: Mapping[str, Any]) -> str:
    # Not sorted: the order of what is written in it is shown as the author's.
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
