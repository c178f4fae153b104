"""Lists of the protocol, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trackside._client import Client

_PAGE = 1000


def pages(
    client: Client, path: str, name: str, query: Mapping[str, Any], most: int | None
) -> Iterator[dict[str, Any]]:
    """Read a list of the protocol page by page, up to so many of it."""
    token, left = None, most
    while left is None or left > 0:
        asked = {**query, "max_results": _PAGE if left is None else min(_PAGE, left)}
        answer = client.mlflow("GET", path, query={**asked, "page_token": token})
        found = answer.get(name) or ()
        yield from found
        left = None if left is None else left - len(found)
        token = answer.get("next_page_token")
        if not token:
            return
