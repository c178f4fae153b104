"""Finding runs, and reading them as they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from . import validation
from .base import Base
from .entities import Page
from .pages import KeysetPaging
from .search import RUNS, RUNS_BY_VALUE, Field, Order, parse_filter, parse_orders
from .search.sql import Compiler
from .storage import loading
from .storage import runs as table
from .storage.levels import levels
from .storage.searching import Finder, Scope
from .storage.texts import RunTexts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from trackside_server.changes import Changes
    from trackside_server.store import Store

    from .artifacts import Artifacts
    from .entities import Run, ViewType
    from .search import Node

T = TypeVar("T")

MAX_RESULTS = 1000
MOST_RESULTS = 50_000
NEWEST_FIRST = (
    Order(Field("attribute", "start_time"), ascending=False),
    Order(Field("attribute", "run_id"), ascending=True),
)


class Search:
    """A search for runs that was understood.

    Parameters
    ----------
    experiment_ids
        Where to look; what is no id of an experiment is looked for in vain.
    filter_text, order_by
        In MLflow's grammar, and more.
    view
        Whether deleted runs count.
    max_results, page_token
        The page.
    below
        Restricts the search to a run and those nested below it.

    Raises
    ------
    InvalidInput
        Something in it cannot be understood.
    """

    def __init__(
        self,
        experiment_ids: Sequence[Any],
        *,
        filter_text: str = "",
        order_by: Sequence[str] = (),
        view: ViewType = "ACTIVE_ONLY",
        max_results: int = MAX_RESULTS,
        page_token: str | None = None,
        below: str | None = None,
    ) -> None:
        asked = parse_orders(order_by, RUNS)
        self.tree: Node = parse_filter(filter_text, RUNS)
        self.orders = (*asked, *NEWEST_FIRST)
        self.paging = KeysetPaging.of(max_results, page_token, self.orders, most=MOST_RESULTS)
        # MLflow looks for anything but texts in vain instead of refusing it.
        self.experiments = list(
            dict.fromkeys(
                validation.experiment_id(value)
                for value in experiment_ids
                if isinstance(value, str)
            )
        )
        self.view: ViewType = view
        self.below = below


class RunSearch(Base):
    """The part of the service that reads runs."""

    def __init__(self, store: Store, changes: Changes, artifacts: Artifacts) -> None:
        super().__init__(store, changes, artifacts)
        self._texts = RunTexts()

    async def get_run(self, run_id: str) -> Run:
        """Give a run, deleted or not, with all that it logged."""

        def work(connection: sqlite3.Connection) -> Run:
            row = table.row(connection, run_id)
            return loading.load(connection, [row["id"]], self.names.texts(connection))[0]

        return await self.read(work)

    async def run_text(self, run_id: str) -> bytes:
        """Give a run, deleted or not, as JSON text."""

        def work(connection: sqlite3.Connection) -> bytes:
            row = table.row(connection, run_id)
            found = [(row["id"], row["revision"])]
            return next(self._texts.of(connection, found, self.names.texts(connection)))

        return await self.read(work)

    async def search_runs(self, experiment_ids: Sequence[Any], **search: Any) -> Page[Run]:
        """Find runs; `Search` tells what can be asked for."""
        asked = Search(experiment_ids, **search)

        def work(connection: sqlite3.Connection) -> Page[Run]:
            rows, token = self._find(connection, asked)
            runs = [row[0] for row in rows]
            return Page(loading.load(connection, runs, self.names.texts(connection)), token)

        return await self.read(work)

    async def read_runs(
        self,
        experiment_ids: Sequence[Any],
        write: Callable[[Iterator[bytes], str | None], T],
        **search: Any,
    ) -> T:
        """Find runs and write their texts on the thread that reads them.

        Parameters
        ----------
        experiment_ids
            Where to look.
        write
            Gets the texts, one at a time, and the token of the next page.
        search
            `Search` tells what can be asked for.
        """
        asked = Search(experiment_ids, **search)

        def work(connection: sqlite3.Connection) -> T:
            rows, token = self._find(connection, asked)
            found = [(row[0], row[1]) for row in rows]
            return write(self._texts.of(connection, found, self.names.texts(connection)), token)

        return await self.read(work)

    def _find(
        self, connection: sqlite3.Connection, asked: Search
    ) -> tuple[Sequence[tuple[Any, ...]], str | None]:
        if not asked.experiments:
            return (), None

        def number(name: str) -> int | None:
            return self.names.find(connection, name)

        compiler = Compiler(RUNS, number)
        only = None if asked.below is None else table.tree(connection, asked.below)
        scope = Scope(asked.experiments, asked.view, only)
        order = levels(compiler, asked.orders)
        finder = Finder(
            connection, compiler, Compiler(RUNS_BY_VALUE, number), scope, asked.tree, order
        )
        columns = sum(len(level.columns) for level in order)
        rows = finder.find(asked.paging.limit, asked.paging.after(columns))
        return asked.paging.cut(rows, lambda row: row[2:])
