"""The tag of a logged model that lists the versions made of it, kept right.

MLflow's clients write and read it too, so whatever else it holds is left as it is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from trackside_server.errors import NotFound
from trackside_server.json_text import loads
from trackside_server.tracking.entities import Tag
from trackside_server.tracking.storage import logged_models

from .entities import VERSIONS_TAG

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable


def add(connection: sqlite3.Connection, model_id: str, name: str, number: int) -> None:
    """List a version."""
    line = _line(name, number)
    _edit(
        connection,
        model_id,
        lambda listed: listed if any(_same(found, line) for found in listed) else [*listed, line],
    )


def remove(connection: sqlite3.Connection, model_id: str, name: str, number: int) -> None:
    """List a version no longer."""
    line = _line(name, number)
    _edit(
        connection, model_id, lambda listed: [found for found in listed if not _same(found, line)]
    )


def rename(
    connection: sqlite3.Connection, model_id: str, name: str, number: int, new_name: str
) -> None:
    """List a version under the new name of its model."""
    line, new = _line(name, number), _line(new_name, number)
    _edit(
        connection,
        model_id,
        lambda listed: [new if _same(found, line) else found for found in listed],
    )


def _edit(
    connection: sqlite3.Connection, model_id: str, edit: Callable[[list[Any]], list[Any]]
) -> None:
    try:
        number = logged_models.number(connection, model_id)
    except NotFound:
        return  # deleted meanwhile
    tags = dict(logged_models.get(connection, model_id).tags)
    try:
        listed = loads(tags.get(VERSIONS_TAG, "[]"))
    except ValueError:
        listed = []
    if not isinstance(listed, list):
        listed = []
    edited = edit(listed)
    if edited != listed:
        tag = Tag(VERSIONS_TAG, json.dumps(edited))
        logged_models.set_tags(connection, number, [tag])


def _line(name: str, number: int) -> dict[str, Any]:
    return {"name": name, "version": number}


def _same(found: object, line: dict[str, Any]) -> bool:
    # Clients write the number as a text or as a number.
    return isinstance(found, dict) and (found.get("name"), str(found.get("version"))) == (
        line["name"],
        str(line["version"]),
    )
