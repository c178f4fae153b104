"""Pages of lists, with tokens that only the server reads."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from trackside_server.errors import InvalidInput

from .entities import Page

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


@dataclass(frozen=True)
class Paging:
    """Which page of a list is wanted."""

    size: int
    offset: int

    @classmethod
    def of(cls, size: int, token: str | None, *, most: int) -> Paging:
        """Check what the caller asked for.

        Raises
        ------
        InvalidInput
            The size is out of bounds, or the token is none of ours.
        """
        if not 0 < size <= most:
            raise InvalidInput(
                f"Invalid value {size} for parameter 'max_results' supplied: give 1 to {most}."
            )
        return cls(size, _offset(token) if token else 0)

    @property
    def limit(self) -> int:
        """How many to read: one more than fits, to know whether there is a next page."""
        return self.size + 1

    def page(self, found: Sequence[T]) -> Page[T]:
        """Make the page of what was read with `limit`."""
        if len(found) <= self.size:
            return Page(tuple(found))
        return Page(tuple(found[: self.size]), self.next_token)

    @property
    def next_token(self) -> str:
        """The token of the page behind this one."""
        text = json.dumps({"offset": self.offset + self.size})
        return base64.urlsafe_b64encode(text.encode()).decode()


def _offset(token: str) -> int:
    try:
        offset = json.loads(base64.urlsafe_b64decode(token.encode()))["offset"]
    except (ValueError, binascii.Error, KeyError, TypeError, RecursionError):
        offset = None
    if type(offset) is not int or not 0 <= offset < 2**53:
        raise InvalidInput("Invalid page_token: take the next_page_token of the page before.")
    return offset
