"""Pipelines and their versions, in the store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

from trackside_server.pipelines.ir.reading import Documents
from trackside_server.pipelines.storage import specs
from trackside_server.pipelines.storage.codec import dump, load
from trackside_server.pipelines.storage.listing import Table, page
from trackside_server.structs import replace

from .entities import Names, PipelineEntry, VersionEntry

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from trackside_server.pipelines.storage.listing import Page, Query
    from trackside_server.pipelines.storage.specs import Packed

T = TypeVar("T")

_NAMED: Final = {
    key: key for key in ("name", "display_name", "description", "tags", "created", "number")
}
_TAG: Final = re.compile(r"tags\.([\w/ -]{1,63})\Z")
_VERSIONS: Final = (
    "SELECT v.*, s.document, s.platforms FROM pipeline_versions v "
    "JOIN pipeline_specs s ON s.digest = v.spec WHERE "
)


def add_pipeline(connection: sqlite3.Connection, entry: PipelineEntry) -> None:
    """Add a pipeline."""
    connection.execute(
        "INSERT INTO pipelines (pipeline_id, name, display_name, description, tags, created) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (entry.pipeline_id, *_names(entry.names), entry.created),
    )


def add_version(connection: sqlite3.Connection, entry: VersionEntry, packed: Packed) -> None:
    """Add a version, and what it was compiled to."""
    connection.execute(
        "INSERT INTO pipeline_versions (version_id, pipeline, pipeline_id, name, display_name, "
        "description, tags, code_source_url, spec, created) VALUES "
        "(?, (SELECT number FROM pipelines WHERE pipeline_id = ?), ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.version_id,
            entry.pipeline_id,
            entry.pipeline_id,
            *_names(entry.names),
            entry.code_source_url,
            specs.put(connection, packed),
            entry.created,
        ),
    )


def change_pipeline(connection: sqlite3.Connection, pipeline_id: str, names: Names) -> None:
    """Give a pipeline other words."""
    connection.execute(
        "UPDATE pipelines SET name = ?, display_name = ?, description = ?, tags = ? "
        "WHERE pipeline_id = ?",
        (*_names(names), pipeline_id),
    )


def change_version(connection: sqlite3.Connection, version_id: str, names: Names) -> None:
    """Give a version other words."""
    connection.execute(
        "UPDATE pipeline_versions SET name = ?, display_name = ?, description = ?, tags = ? "
        "WHERE version_id = ?",
        (*_names(names), version_id),
    )


def pipeline(connection: sqlite3.Connection, pipeline_id: str) -> PipelineEntry | None:
    """Give a pipeline."""
    row = connection.execute(
        "SELECT * FROM pipelines WHERE pipeline_id = ?", (pipeline_id,)
    ).fetchone()
    return None if row is None else _read_pipeline(row)


def pipeline_of_name(connection: sqlite3.Connection, name: str) -> PipelineEntry | None:
    """Give the pipeline of a name."""
    row = connection.execute("SELECT * FROM pipelines WHERE name = ?", (name,)).fetchone()
    return None if row is None else _read_pipeline(row)


def version(connection: sqlite3.Connection, version_id: str) -> VersionEntry | None:
    """Give a version."""
    row = connection.execute(f"{_VERSIONS} v.version_id = ?", (version_id,)).fetchone()
    return None if row is None else _read_version(row)


def newest_version(connection: sqlite3.Connection, pipeline_id: str) -> VersionEntry | None:
    """Give the version that was added last."""
    row = connection.execute(
        f"{_VERSIONS} v.pipeline_id = ? ORDER BY v.number DESC LIMIT 1", (pipeline_id,)
    ).fetchone()
    return None if row is None else _read_version(row)


def which_versions(connection: sqlite3.Connection, version_ids: Iterable[str]) -> frozenset[str]:
    """Say which of some versions there are."""
    rows = connection.execute(
        "SELECT version_id FROM pipeline_versions WHERE version_id IN "
        "(SELECT value FROM json_each(?))",
        (dump(list(version_ids)),),
    )
    return frozenset(row["version_id"] for row in rows)


def has_version(connection: sqlite3.Connection, pipeline_id: str, name: str) -> bool:
    """Whether a pipeline has a version of this name."""
    found = connection.execute(
        "SELECT 1 FROM pipeline_versions WHERE pipeline_id = ? AND name = ?", (pipeline_id, name)
    ).fetchone()
    return found is not None


def pipelines(connection: sqlite3.Connection, query: Query) -> Page[PipelineEntry]:
    """List pipelines."""
    fields = {"pipeline_id": "pipeline_id", **_NAMED}
    return page(connection, _tagged(Table("pipelines", fields, _read_pipeline), query), query)


def versions(connection: sqlite3.Connection, query: Query) -> Page[VersionEntry]:
    """List versions."""
    table = Table(
        "pipeline_versions",
        {"pipeline_id": "pipeline_id", "version_id": "version_id", **_NAMED},
        _read_version,
        f"({_VERSIONS} 1)",
    )
    return page(connection, _tagged(table, query), query)


def delete_pipeline(connection: sqlite3.Connection, pipeline_id: str) -> None:
    """Delete a pipeline with its versions."""
    connection.execute("DELETE FROM pipelines WHERE pipeline_id = ?", (pipeline_id,))


def delete_version(connection: sqlite3.Connection, version_id: str) -> None:
    """Delete a version."""
    connection.execute("DELETE FROM pipeline_versions WHERE version_id = ?", (version_id,))


def _tagged(table: Table[T], query: Query) -> Table[T]:
    """Add the tags that are asked for to the fields of a table.

    They become part of a path in JSON, hence the few characters.
    """
    asked = (query.order, *(condition.field for condition in query.conditions))
    matches = [_TAG.match(name) for name in asked]
    tags = {match[0]: f"""json_extract(tags, '$."{match[1]}"')""" for match in matches if match}
    return replace(table, fields={**table.fields, **tags}) if tags else table


def _read_pipeline(row: sqlite3.Row) -> PipelineEntry:
    return PipelineEntry(row["pipeline_id"], _read_names(row), row["created"])


def _read_version(row: sqlite3.Row) -> VersionEntry:
    return VersionEntry(
        row["pipeline_id"],
        row["version_id"],
        _read_names(row),
        row["code_source_url"],
        Documents(load(row["document"]), load(row["platforms"])),
        row["created"],
    )


def _names(names: Names) -> tuple[str, str, str, str]:
    return names.name, names.display_name, names.description, dump(dict(names.tags))


def _read_names(row: sqlite3.Row) -> Names:
    return Names(row["name"], row["display_name"], row["description"], load(row["tags"]))
