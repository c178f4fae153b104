"""Saved views, in the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from trackside_server.tracking.pages import KeysetPaging

_SELECT = (
    "SELECT v.id, v.name, v.definition, v.updated_at, "
    "(SELECT json_group_array(experiment_id) FROM table_view_experiments WHERE view = v.id) "
    "FROM table_views v WHERE "
)


class View(Struct, frozen=True):
    """A saved view.

    Attributes
    ----------
    id
        Its id.
    name
        As the user calls it.
    experiment_ids
        The experiments whose tables it is offered for.
    definition
        What the front end wants to know of it.
    updated_at
        When it was saved, in milliseconds.
    """

    id: str
    name: str
    experiment_ids: Sequence[str]
    definition: Mapping[str, Any]
    updated_at: int


def of_experiments(
    connection: sqlite3.Connection, server: str, experiments: Sequence[str], paging: KeysetPaging
) -> tuple[Sequence[View], str | None]:
    """Give a page of the views that are offered for one of some experiments, by name."""
    after = paging.after(2)
    rows = connection.execute(
        f"{_SELECT} v.server = ? AND v.id IN (SELECT view FROM table_view_experiments "  # noqa: S608
        "WHERE experiment_id IN (SELECT value FROM json_each(?))) "
        f"{'' if after is None else 'AND (v.name COLLATE NOCASE, v.id) > (?, ?) '}"
        "ORDER BY v.name COLLATE NOCASE, v.id LIMIT ?",
        (server, json.dumps(list(experiments)), *(after or ()), paging.limit),
    )
    return paging.cut([_read(row) for row in rows], lambda view: (view.name, view.id))


def get(connection: sqlite3.Connection, server: str, identifier: str) -> View | None:
    """Give a view."""
    row = connection.execute(
        f"{_SELECT} v.server = ? AND v.id = ?", (server, identifier)
    ).fetchone()
    return None if row is None else _read(row)


def count(connection: sqlite3.Connection, server: str) -> int:
    """Give how many views there are."""
    found = connection.execute(
        "SELECT count(*) FROM table_views WHERE server = ?", (server,)
    ).fetchone()
    return int(found[0])


def put(connection: sqlite3.Connection, server: str, view: View) -> None:
    """Save a view, in the place of the one with its id."""
    delete(connection, server, view.id)
    connection.execute(
        "INSERT INTO table_views (id, server, name, definition, updated_at) VALUES (?, ?, ?, ?, ?)",
        (view.id, server, view.name, json.dumps(view.definition), view.updated_at),
    )
    connection.executemany(
        "INSERT INTO table_view_experiments (experiment_id, view) VALUES (?, ?)",
        [(experiment, view.id) for experiment in view.experiment_ids],
    )


def delete(connection: sqlite3.Connection, server: str, identifier: str) -> bool:
    """Delete a view; False when there is none."""
    cursor = connection.execute(
        "DELETE FROM table_views WHERE server = ? AND id = ?", (server, identifier)
    )
    return cursor.rowcount > 0


def _read(row: sqlite3.Row) -> View:
    return View(row[0], row[1], in_order(json.loads(row[4])), json.loads(row[2]), row[3])


def in_order(experiments: Iterable[str]) -> list[str]:
    """Give the ids of experiments in the order of their numbers: they are a set."""
    return sorted(experiments, key=lambda one: (len(one), one))
