"""Saved views of tables: they lie in this server's store, whoever keeps the runs."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import InvalidInput, NotFound, TooLarge
from trackside_server.table import questions
from trackside_server.tracking.base import now_ms
from trackside_server.tracking.pages import KeysetPaging

from . import storage as table
from .storage import View

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from trackside_server.store import Store

MOST_BYTES: Final = 64 * 1024
MOST_NAME: Final = 200
MOST_VIEWS: Final = 1000
MOST_PAGE: Final = 100
_ORDER: Final = ("name", "id")


class Views:
    """The saved views.

    Parameters
    ----------
    store
        Keeps them.
    server
        The address of the MLflow server whose experiments are meant, empty for the store's own.
    """

    def __init__(self, store: Store, server: str) -> None:
        self._store = store
        self._server = server

    async def of_experiments(
        self, experiments: Sequence[str], *, max_results: int, page_token: str | None
    ) -> tuple[Sequence[View], str | None]:
        """Give a page of the views that are offered for one of some experiments.

        Raises
        ------
        InvalidInput
            The size is out of bounds, or the token is none of ours.
        """
        paging = KeysetPaging.of(max_results, page_token, _ORDER, most=MOST_PAGE)
        return await self._store.read(
            lambda connection: table.of_experiments(connection, self._server, experiments, paging)
        )

    async def create(self, body: Mapping[str, Any]) -> View:
        """Save a new view.

        Raises
        ------
        InvalidInput
            It has no name, no experiment or no definition, or there are too many views.
        """
        view = _read(body, View(uuid.uuid4().hex, "", (), {}, now_ms()))

        def work(connection: sqlite3.Connection) -> None:
            if table.count(connection, self._server) >= MOST_VIEWS:
                raise InvalidInput(
                    f"There are {MOST_VIEWS:,} saved views already.", hint="Delete some first."
                )
            table.put(connection, self._server, view)

        await self._store.write(work)
        return view

    async def change(self, identifier: str, body: Mapping[str, Any]) -> View:
        """Change what is given of a view, and keep the rest.

        Raises
        ------
        NotFound
            There is no such view.
        """

        def work(connection: sqlite3.Connection) -> View:
            old = table.get(connection, self._server, identifier)
            if old is None:
                raise _missing(identifier)
            view = _read(body, old)
            table.put(connection, self._server, view)
            return view

        return await self._store.write(work)

    async def delete(self, identifier: str) -> None:
        """Delete a view.

        Raises
        ------
        NotFound
            There is no such view.
        """
        if not await self._store.write(
            lambda connection: table.delete(connection, self._server, identifier)
        ):
            raise _missing(identifier)


def _read(body: Mapping[str, Any], old: View) -> View:
    """Put what a request says in the place of what was there."""
    name = questions.text(body, "name").strip() if "name" in body else old.name
    if not 0 < len(name) <= MOST_NAME:
        raise InvalidInput(f"A saved view needs a name of at most {MOST_NAME} characters.")
    experiments = questions.experiments(body) if "experiment_ids" in body else old.experiment_ids
    if not experiments:
        raise InvalidInput("experiment_ids has to name an experiment at least.")
    definition = body.get("definition", old.definition)
    if not isinstance(definition, dict):
        raise InvalidInput("definition has to be an object.")
    if len(json.dumps(definition, ensure_ascii=False).encode()) > MOST_BYTES:
        raise TooLarge(f"The definition of a view has at most {MOST_BYTES // 1024} KiB.")
    return View(old.id, name, table.in_order(experiments), definition, now_ms())


def _missing(identifier: str) -> NotFound:
    return NotFound(f"There is no saved view {identifier[:40]!r}.")
