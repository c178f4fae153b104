"""Remembers the orders of tables, and renews them as runs change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from trackside_server.structs import replace

from . import nesting, ordering, renewing

if TYPE_CHECKING:
    import sqlite3

    from trackside_server.tracking.search.sql import NameId

    from .asked import Asked
    from .nesting import Nesting
    from .ordering import Ids

_MOST_NUMBERS: Final = 4_000_000
"""In all orders and their trees together: 8 bytes each."""
_MOST_ORDERS: Final = 64
_MOST_CHANGED: Final = 100
"""When more runs than these changed, all are read again."""


class Found(Struct):
    """The runs of a table, in their order, as of a revision.

    Attributes
    ----------
    revision, removed
        Of the store, and how many runs it had removed for ever.
    ids
        Numbers of runs.
    """

    revision: int
    removed: int
    ids: Ids
    _nesting: Nesting | None = None

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return len(self.ids) + (self._nesting.size if self._nesting is not None else 0)

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
        revision, removed = connection.execute(
            "SELECT revision, removed_runs FROM clock"
        ).fetchone()
        with self._lock:
            known = self._known.get(asked)
            if known is not None:
                self._known.move_to_end(asked)
        if known is not None and known.removed != removed:
            # Nothing says which: a row that is gone has no revision any more.
            known = None
        if known is not None and known.revision == revision:
            return known
        ids = None
        if known is not None and known.revision < revision:
            ids = _renewed(connection, name_id, asked, known)
        if known is not None and ids is known.ids:
            found = replace(known, revision=revision)
        else:
            ids = ordering.find(connection, name_id, asked) if ids is None else ids
            found = Found(revision, removed, ids)
        self._keep(asked, found)
        return found

    def _keep(self, asked: Asked, found: Found) -> None:
        with self._lock:
            newer = self._known.get(asked)
            if newer is not None and newer.revision > found.revision:
                return
            self._known[asked] = found
            self._known.move_to_end(asked)
            size = sum(one.size for one in self._known.values())
            while len(self._known) > 1 and (
                len(self._known) > _MOST_ORDERS or size > _MOST_NUMBERS
            ):
                _, gone = self._known.popitem(last=False)
                size -= gone.size


def _renewed(
    connection: sqlite3.Connection, name_id: NameId, asked: Asked, known: Found
) -> Ids | None:
    """Give an order as it is now; None when it is to be found anew."""
    changed = [
        row[0]
        for row in connection.execute(
            "SELECT id FROM runs WHERE revision > ? LIMIT ?", (known.revision, _MOST_CHANGED + 1)
        )
    ]
    if len(changed) > _MOST_CHANGED:
        return None
    return renewing.renew(connection, name_id, asked, known.ids, changed)
