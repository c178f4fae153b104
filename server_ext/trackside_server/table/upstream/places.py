"""Where the pages of a search begin.

A page is asked for by the token that came with the page before it. MLflow's own servers write into
it how many runs stand before the page; of those, any page can be asked for at once. Of others the
pages before it are read, and their tokens remembered.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final

from . import searching

if TYPE_CHECKING:
    from trackside_server.table.entities import Question
    from trackside_server.upstream.client import Client

    from .searching import Page, Search

_MOST_PAGES: Final = 10
"""Read for one window; who asks again goes on behind them."""


class Places:
    """The places in one search.

    Parameters
    ----------
    client, question, search
        Who is asked, and what.
    """

    def __init__(self, client: Client, question: Question, search: Search) -> None:
        self._client = client
        self._question = question
        self._search = search
        self._tokens: dict[int, str | None] = {0: None}
        self._counts = False

    async def read(self, offset: int, size: int) -> Page:
        """Give the page at a place; an empty one behind the end, or where it is not reached yet."""
        pages = 0
        while not (offset in self._tokens or self._counts):
            known = max(place for place in self._tokens if place < offset)
            found = await self._page(known, min(searching.AT_ONCE, offset - known))
            pages += 1
            if found.token is None or pages == _MOST_PAGES:
                return searching.Page((), found.token)
        return await self._page(offset, size)

    async def _page(self, offset: int, size: int) -> Page:
        token = self._tokens[offset] if offset in self._tokens else _token(offset)
        found = await searching.page(self._client, self._question, self._search, size, token)
        if found.token is not None:
            behind = offset + len(found.runs)
            self._counts = found.token == _token(behind)
            if not self._counts:
                self._tokens[behind] = found.token
        return found


def _token(offset: int) -> str:
    return base64.b64encode(json.dumps({"offset": offset}).encode()).decode()
