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
        It is no text, holds a NUL character, or is longer than `most` characters.
    """
    for name in names:
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise InvalidInput(f"{name} has to be a text.")
        if most is not None and len(value) > most:
            raise InvalidInput(f"{name} has {len(value):,} characters; {most:,} is the most.")
        if "\0" in value:
            raise InvalidInput(f"{name} holds a NUL character.", hint="Leave it out.")
        return value
    return ""


def whole_of(body: Mapping[str, Any], *names: str, within: tuple[int, int]) -> int | None:
    """Return the number under the first of some names that is there; those of 64 bits are texts.

    Raises
    ------
    InvalidInput
        It is no whole number within these limits.
    """
    low, high = within
    for name in names:
        value = body.get(name)
        if value is None:
            continue
        text = str(value) if isinstance(value, int | str) else ""
        is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
        if not is_number or not low <= int(text) <= high:
            raise InvalidInput(
                f"{name} has to be a whole number between {low} and {high}, and not "
                f"{str(value)[:40]!r}."
            )
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
