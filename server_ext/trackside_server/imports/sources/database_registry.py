"""Registered models in MLflow's database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.imports.records import RegisteredRecord, VersionRecord

from .base import each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .base import Complain
    from .database import Row, Rows


def read(rows: Rows, complain: Complain) -> Iterator[RegisteredRecord]:
    """Give the registered models with their versions."""
    if not rows.columns("registered_models"):
        return

    def one(row: Row) -> RegisteredRecord:
        where, mine = _where(rows, row)
        return RegisteredRecord(
            name=_named(row),
            description=row.get("description"),
            created_at=int(row["creation_time"] or 0),
            updated_at=int(row["last_updated_time"] or 0),
            tags=_pairs(rows, "registered_model_tags", where, mine),
            aliases={
                item["alias"]: int(item["version"])
                for item in _all(rows, "registered_model_aliases", where, mine)
            },
            versions=list(_versions(rows, where, mine, complain)),
        )

    found = rows.all("SELECT * FROM registered_models ORDER BY name")
    yield from each("registered model", found, one, lambda row: row["name"], complain)


def _versions(
    rows: Rows, where: str, mine: tuple[Any, ...], complain: Complain
) -> Iterator[VersionRecord]:
    tags: dict[int, dict[str, str]] = {}
    for item in _all(rows, "model_version_tags", where, mine):
        tags.setdefault(int(item["version"]), {})[item["key"]] = item["value"] or ""

    def one(row: Row) -> VersionRecord:
        source = row["source"] or ""
        return VersionRecord(
            version=int(row["version"]),
            created_at=int(row["creation_time"] or 0),
            updated_at=int(row["last_updated_time"] or 0),
            description=row.get("description"),
            stage=row["current_stage"] or "None",
            source=source,
            run_id=row.get("run_id") or None,
            model_id=source.removeprefix("models:/") if source.startswith("models:/m-") else None,
            run_link=row.get("run_link") or None,
            status=row.get("status") or "READY",
            status_message=row.get("status_message"),
            user_id=row.get("user_id"),
            tags=tags.get(int(row["version"]), {}),
        )

    found = rows.all(f"SELECT * FROM model_versions WHERE {where} ORDER BY version", mine)  # noqa: S608
    there = [row for row in found if row["current_stage"] != "Deleted_Internal"]
    yield from each(
        "model version", there, one, lambda row: f"{row['name']} {row['version']}", complain
    )


def _named(row: Row) -> str:
    workspace = row.get("workspace")
    return row["name"] if workspace in (None, "", "default") else f"{workspace}.{row['name']}"


def _where(rows: Rows, row: Row) -> tuple[str, tuple[Any, ...]]:
    if "workspace" in rows.columns("model_versions"):
        return "name = ? AND workspace = ?", (row["name"], row["workspace"])
    return "name = ?", (row["name"],)


def _all(rows: Rows, table: str, where: str, mine: tuple[Any, ...]) -> list[Row]:
    if not rows.columns(table):
        return []
    return rows.all(f"SELECT * FROM {table} WHERE {where}", mine)  # noqa: S608


def _pairs(rows: Rows, table: str, where: str, mine: tuple[Any, ...]) -> dict[str, str]:
    return {item["key"]: item["value"] or "" for item in _all(rows, table, where, mine)}
