"""Pipelines by the digest of what was compiled: read once for all their runs."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from .ir.parsing import parse
from .ir.reading import Documents
from .storage import specs

if TYPE_CHECKING:
    from .ir.model import Pipeline
    from .ledger import Ledger
    from .storage.specs import Packed

_KEPT: Final = 64


def checked(documents: Documents) -> Packed:
    """Write documents as they are stored.

    Raises
    ------
    InvalidInput
        They are no pipeline that can be run.
    """
    parse(documents)
    return specs.pack(documents)


class Specs:
    """Reads pipelines out of the store.

    Parameters
    ----------
    ledger
        Leads to the store.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: OrderedDict[str, Pipeline] = OrderedDict()

    async def pipeline(self, digest: str) -> Pipeline:
        """Give a pipeline."""
        known = self._known.get(digest)
        if known is None:
            stored = await self._ledger.read(lambda connection: specs.get(connection, digest))
            # A large one takes its time.
            known = await asyncio.to_thread(parse, Documents(*stored))
        return self.remember(digest, known)

    def remember(self, digest: str, pipeline: Pipeline) -> Pipeline:
        """Keep a pipeline that was read already."""
        known = self._known.setdefault(digest, pipeline)
        self._known.move_to_end(digest)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return known
