"""Pages of lists, with tokens that only the server reads."""

from __future__ import annotations

import base64
import binascii
import json
import math
import zlib
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from trackside_server.errors import InvalidInput

from .entities import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

MOST_FILES = 1_000_000
"""The longest page of a list of files: clients of MLflow ask for one page and no more."""


class Paging(Struct, frozen=True):
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
        _check_size(size, most)
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
        return _write({"offset": self.offset + self.size})


class KeysetPaging(Struct, frozen=True):
    """Which page of an ordered list is wanted, told by the place where the page before ended.

    A page in the middle costs what the first one costs, and what is added or removed meanwhile
    neither repeats nor hides anything.
    """

    size: int
    order: int
    keys: tuple[float | str, ...] | None

    @classmethod
    def of(cls, size: int, token: str | None, orders: object, *, most: int) -> KeysetPaging:
        """Check what the caller asked for; `orders` names the order of the list.

        Raises
        ------
        InvalidInput
            The size is out of bounds, or the token is none of ours for this order.
        """
        _check_size(size, most)
        order = zlib.crc32(repr(orders).encode())
        if not token:
            return cls(size, order, None)
        fields = _read(token)
        keys = fields.get("after")
        if fields.get("order") != order or not isinstance(keys, list):
            raise _invalid_token()
        if not all(map(_is_key, keys)):
            raise _invalid_token()
        return cls(size, order, tuple(keys))

    @property
    def limit(self) -> int:
        """How many to read: one more than fits, to know whether there is a next page."""
        return self.size + 1

    def after(self, columns: int) -> tuple[float | str, ...] | None:
        """Give the place to go on behind, None for the first page."""
        if self.keys is not None and len(self.keys) != columns:
            raise _invalid_token()
        return self.keys

    def cut(
        self, found: Sequence[T], keys: Callable[[T], Sequence[float | str]]
    ) -> tuple[Sequence[T], str | None]:
        """Give the page of what was read with `limit`, and the token of the next one."""
        if len(found) <= self.size:
            return found, None
        return found[: self.size], self.token(keys(found[self.size - 1]))

    def token(self, keys: Sequence[float | str]) -> str:
        """Give the token of the page behind a place."""
        return _write({"order": self.order, "after": list(keys)})


def _check_size(size: int, most: int) -> None:
    if not 0 < size <= most:
        raise InvalidInput(
            f"Invalid value {size} for parameter 'max_results' supplied: give 1 to {most}."
        )


def _offset(token: str) -> int:
    offset = _read(token).get("offset")
    if type(offset) is not int or not 0 <= offset < 2**53:
        raise _invalid_token()
    return offset


def _is_key(value: object) -> bool:
    if type(value) is str:
        try:
            value.encode()
        except UnicodeEncodeError:
            return False
        return True
    if type(value) is int:
        return -(2**63) <= value < 2**63
    return type(value) is float and math.isfinite(value)


def _write(fields: dict[str, Any]) -> str:
    text = json.dumps(fields, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read(token: str) -> dict[str, Any]:
    try:
        fields = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise _invalid_token()
    return fields


def _invalid_token() -> InvalidInput:
    return InvalidInput("Invalid page_token: take the next_page_token of the page before.")
