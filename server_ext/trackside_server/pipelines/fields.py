"""Reads the fields of a request, each refused by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_DIGITS: Final = 18


def text_of(body: Mapping[str, Any], *names: str, most: int | None = None) -> str:
    """Return the text under the first of some names that is there, else an empty one.

    Raises
    ------
    InvalidInput
        It is no text, or longer than `most` characters.
    """
    for name in names:
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise InvalidInput(f"{name} has to be a text.")
        if most is not None and len(value) > most:
            raise InvalidInput(f"{name} has {len(value):,} characters; {most:,} is the most.")
        return value
    return ""


def whole_of(body: Mapping[str, Any], *names: str) -> int | None:
    """Return the number under the first of some names that is there; those of 64 bits are texts.

    Raises
    ------
    InvalidInput
        It is no whole number from 0 on.
    """
    for name in names:
        value = body.get(name)
        if value is None:
            continue
        text = str(value) if isinstance(value, int | str) else ""
        if not text.isdecimal() or len(text) > _MOST_DIGITS:
            raise InvalidInput(f"{name} has to be a whole number.")
        return int(text)
    return None


def object_of(body: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return the object under the first of some names that is there, else an empty one.

    Raises
    ------
    InvalidInput
        It is no object.
    """
    for name in names:
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, dict):
            raise InvalidInput(f"{name} has to be an object.")
        return value
    return {}
