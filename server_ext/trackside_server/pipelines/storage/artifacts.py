"""The artifacts that tasks made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.pipelines.entities import StoredArtifact
from trackside_server.pipelines.ir.model import ArtifactType
from trackside_server.pipelines.machine.state import Artifact

from . import codec
from .listing import Table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_SELECT = (
    "SELECT a.*, r.run_id FROM pipeline_artifacts a JOIN pipeline_runs r ON r.number = a.run WHERE "
)


def store(connection: sqlite3.Connection, number: int, made: Iterable[StoredArtifact]) -> None:
    """Store artifacts of a run; one that is stored stays as it is."""
    connection.executemany(
        "INSERT OR IGNORE INTO pipeline_artifacts (artifact_id, run, task_id, output, name, type, "
        "version, uri, metadata, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                one.artifact.artifact_id,
                number,
                one.task_id,
                one.output,
                one.artifact.name,
                one.artifact.type.title,
                one.artifact.type.version,
                one.artifact.uri,
                codec.dump(dict(one.artifact.metadata)),
                one.created,
            )
            for one in made
        ),
    )


def find(connection: sqlite3.Connection, artifact_id: str) -> StoredArtifact | None:
    """Give an artifact."""
    row = connection.execute(f"{_SELECT} a.artifact_id = ?", (artifact_id,)).fetchone()
    return None if row is None else _read(row)


def of_uri(connection: sqlite3.Connection, uri: str, kind: ArtifactType) -> StoredArtifact | None:
    """Give the newest artifact of a URI and a type."""
    row = connection.execute(
        f"{_SELECT} a.uri = ? AND a.type = ? AND a.version = ? ORDER BY a.number DESC LIMIT 1",
        (uri, kind.title, kind.version),
    ).fetchone()
    return None if row is None else _read(row)


def uris_below(connection: sqlite3.Connection, number: int, prefix: str) -> list[str]:
    """Give the URIs of a run's artifacts that lie in a folder, whose URI ends with a slash."""
    rows = connection.execute(
        "SELECT uri FROM pipeline_artifacts WHERE run = ? AND uri >= ? AND uri < ?",
        (number, prefix, _end(prefix)),
    )
    return [row["uri"] for row in rows]


def is_any_below(connection: sqlite3.Connection, prefix: str) -> bool:
    """Say whether any artifact lies in a folder, whose URI ends with a slash."""
    found = connection.execute(
        "SELECT 1 FROM pipeline_artifacts WHERE uri >= ? AND uri < ? LIMIT 1",
        (prefix, _end(prefix)),
    ).fetchone()
    return found is not None


def _end(prefix: str) -> str:
    # What comes behind all that begins with it.
    return f"{prefix[:-1]}0"


def _read(row: sqlite3.Row) -> StoredArtifact:
    kind = ArtifactType(row["type"], row["version"])
    metadata = codec.load(row["metadata"])
    artifact = Artifact(row["artifact_id"], row["name"], kind, row["uri"], metadata)
    return StoredArtifact(artifact, row["run_id"], row["task_id"], row["output"], row["created"])


TABLE = Table("pipeline_artifacts", {"number": "number"}, _read, f"({_SELECT} 1)")
"""What can be listed of artifacts."""
