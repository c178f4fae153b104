"""Remembers the orders of tables, for as long as nothing changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from . import nesting, ordering

if TYPE_CHECKING:
    import sqlite3

    from trackside_server.tracking.search.sql import NameId

    from .asked import Asked
    from .nesting import Nesting
    from .ordering import Ids

_MOST_RUNS: Final = 4_000_000
"""Of all orders together: 8 bytes each."""
_MOST_ORDERS: Final = 64


@dataclass
class Found:
    """The runs of a table, in their order, as of a revision.

    Attributes
    ----------
    revision
        Of the store.
    ids
        Numbers of runs.
    """

    revision: int
    ids: Ids
    _nesting: Nesting | None = field(default=None, repr=False)

    def nesting(self, connection: sqlite3.Connection, name_id: NameId) -> Nesting:
        """Give the tree of the table, made when somebody wants it."""
        if self._nesting is None:
            self._nesting = nesting.nest(connection, name_id, self.ids)
        return self._nesting


class Orders:
    """A bounded memory, used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Asked, Found] = OrderedDict()

    def get(self, connection: sqlite3.Connection, name_id: NameId, asked: Asked) -> Found:
        """Give the runs of a table as of what a read-only connection sees."""
        revision = connection.execute("SELECT revision FROM clock").fetchone()[0]
        with self._lock:
            known = self._known.get(asked)
            if known is not None:
                self._known.move_to_end(asked)
        if known is not None and known.revision == revision:
            return known
        found = Found(revision, ordering.find(connection, name_id, asked))
        self._keep(asked, found)
        return found

    def _keep(self, asked: Asked, found: Found) -> None:
        with self._lock:
            newer = self._known.get(asked)
            if newer is not None and newer.revision > found.revision:
                return
            self._known[asked] = found
            self._known.move_to_end(asked)
            runs = sum(len(one.ids) for one in self._known.values())
            while len(self._known) > 1 and (len(self._known) > _MOST_ORDERS or runs > _MOST_RUNS):
                _, gone = self._known.popitem(last=False)
                runs -= len(gone.ids)
