"""The one connection of a server to its cluster, made when it is first needed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trackside_server.errors import ClusterUnavailable

from . import access
from .api import Api
from .readers import Readers

if TYPE_CHECKING:
    from .access import Wish


class Connection:
    """Finds the cluster and keeps the way to it.

    Parameters
    ----------
    wish
        What the user set.
    """

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._readers: Readers | None = None
        self._opening = asyncio.Lock()

    async def api(self) -> Api | None:
        """Return the way to the cluster, None where there is none.

        Raises
        ------
        ClusterUnavailable
            What is configured cannot be used.
        """
        readers = await self.readers()
        return readers.api if readers is not None else None

    async def readers(self) -> Readers | None:
        """Return what asks the cluster, None where there is none.

        Raises
        ------
        ClusterUnavailable
            What is configured cannot be used.
        """
        async with self._opening:
            if self._readers is None:
                found = await asyncio.to_thread(access.find, self._wish)
                self._readers = Readers(Api(found)) if found is not None else None
        return self._readers

    async def needed(self) -> Readers:
        """Return what asks the cluster.

        Raises
        ------
        ClusterUnavailable
            There is none, or what is configured cannot be used.
        """
        readers = await self.readers()
        if readers is None:
            raise ClusterUnavailable(
                "There is no cluster any more: the kubeconfig or service account is gone.",
                hint="Restore it, and restart Jupyter.",
            )
        return readers

    async def close(self) -> None:
        """Close the connections."""
        readers, self._readers = self._readers, None
        if readers is not None:
            await readers.api.close()
