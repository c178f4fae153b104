"""Reads the fields of a request, each refused by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping


def text_of(body: Mapping[str, Any], *names: str) -> str:
    """Return the text under the first of some names that is there.

    Raises
    ------
    InvalidInput
        It is no text.
    """
    for name in names:
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise InvalidInput(f"{name} has to be a text.")
        return value
    return ""


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
