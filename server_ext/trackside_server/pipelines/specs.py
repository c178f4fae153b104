"""Pipelines by the digest of what was compiled: read once for all their runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from .ir.parsing import parse
from .keeping import Kept
from .storage import specs

if TYPE_CHECKING:
    from .ir.model import Pipeline
    from .ir.reading import Documents
    from .ledger import Ledger
    from .storage.specs import Packed

# Characters of compiled pipelines that are kept read, which takes several times as many bytes.
_MOST: Final = 16 * 2**20


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
        self._known: Kept[str, Pipeline] = Kept(_MOST)

    async def pipeline(self, digest: str) -> Pipeline:
        """Give a pipeline."""
        known = self._known.get(digest)
        if known is None:
            packed = await self._ledger.read(lambda connection: specs.get(connection, digest))
            # A large one takes its time.
            read = await asyncio.to_thread(lambda: parse(specs.unpack(packed)))
            known = self.remember(packed, read)
        return known

    def remember(self, packed: Packed, pipeline: Pipeline) -> Pipeline:
        """Keep a pipeline that was read already."""
        size = len(packed.document) + len(packed.platforms)
        return self._known.keep(packed.digest, pipeline, size)
