"""Reads the fields of a request strictly: what is wrong is named, with what to write instead."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trackside_server.errors import InvalidInput

_SHOWN = 60
MAX_DEPTH = 50


class Fields:
    """The fields of one JSON object.

    Parameters
    ----------
    data
        The object.
    prefix
        What stands before the names in messages (``resources.``).
    """

    def __init__(self, data: Mapping[str, Any], prefix: str = "") -> None:
        self._data = data
        self._prefix = prefix

    def allow_only(self, names: Sequence[str]) -> None:
        """Refuse fields that nobody would read."""
        for name in self._data:
            if name not in names:
                close = difflib.get_close_matches(str(name), names, 1)
                hint = f"Did you mean {self._prefix}{close[0]}" if close else "Leave it out"
                raise InvalidInput(
                    f"{self._prefix}{shown(name, quote=False)} is not a field of this request.",
                    hint=f"{hint}.",
                )

    def wrong(self, name: str, must: str, hint: str | None = None) -> InvalidInput:
        """Build the error for a value that a field cannot have."""
        value = self._data.get(name)
        return InvalidInput(
            f"{self._prefix}{name} has to be {must}, not {shown(value)}.",
            hint=hint,
            reason=f"{self._prefix}{name}",
        )

    def get(self, name: str) -> Any:
        """Return the raw value, None when it is absent."""
        return self._data.get(name)

    def text(self, name: str, limit: int = 1000) -> str | None:
        """Return a text, None when it is absent or empty."""
        value = self._data.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self.wrong(name, "a text")
        if len(value) > limit:
            raise self.wrong(name, f"at most {limit} characters long")
        if "\0" in value:
            raise self.wrong(name, "a text without NUL")
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Return one of some words."""
        value = self._data.get(name)
        if value not in choices:
            raise self.wrong(name, f"one of {', '.join(choices)}")
        return str(value)

    def count(self, name: str, default: int, high: int, low: int = 0) -> int:
        """Return a whole number between two bounds; ``"2"`` counts too."""
        value = self._data.get(name)
        if value is None:
            return default
        if isinstance(value, str) and re.fullmatch(r"\d{1,15}", value.strip()):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(name, f"a whole number from {low} to {high}")
        return value

    def flag(self, name: str) -> bool:
        """Return whether something is wanted; absent, it is not."""
        value = self._data.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return bool(value)

    def mapping(self, name: str) -> Mapping[str, Any]:
        """Return an object, an empty one when it is absent."""
        value = self._data.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self.wrong(name, "an object of names and values")
        return value

    def texts(self, name: str, most: int = 1000, limit: int = 10_000) -> tuple[str, ...]:
        """Return a list of texts, an empty one when it is absent."""
        value = self._data.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(name, f"a list of at most {most} texts")
        for item in value:
            if not isinstance(item, str) or "\0" in item or len(item) > limit:
                raise InvalidInput(
                    f"{self._prefix}{name} holds {shown(item)}; each item has to be a text.",
                    hint='Put numbers in quotes: "3".',
                )
        return tuple(value)


def shown(value: object, *, quote: bool = True) -> str:
    """Write a wrong value into a message, cut to a readable length."""
    text = value if isinstance(value, str) and not quote else _as_json(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _as_json(value: object) -> str:
    if value is None:
        return "nothing"
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return repr(value)


def check_depth(body: object) -> None:
    """Refuse values that could be read but neither stored nor sent on, so deep are they nested.

    Raises
    ------
    InvalidInput
        For the first that is.
    """
    if any(depth > MAX_DEPTH for _, depth in _walk(body)):
        raise InvalidInput(f"The request is nested deeper than {MAX_DEPTH} levels.")


def finite(value: object) -> bool:
    """Whether a JSON value can be read by every JSON reader: no NaN, no infinities."""
    return all(math.isfinite(item) for item, _ in _walk(value) if isinstance(item, float))


def _walk(value: object) -> Iterator[tuple[object, int]]:
    """Visit a value, all values inside it and all their names, without recursion."""
    todo = [(value, 0)]
    while todo:
        item, depth = todo.pop()
        yield item, depth
        if isinstance(item, Mapping):
            todo += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list):
            todo += [(part, depth + 1) for part in item]
