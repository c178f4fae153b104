"""What the functions of pipelines are asked with: what cannot be meant is told in a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from trackside._errors import TracksideError


def text_of(name: str, value: object, cure: str) -> str:
    """Return an argument that has to be a text.

    Raises
    ------
    TracksideError
        When it is none, or an empty one.
    """
    if isinstance(value, str) and value.strip():
        return value
    raise TracksideError(f"{name} must be a text, not {value!r}.", cure)


def texts_of(name: str, value: object, example: str) -> tuple[str, ...]:
    """Return an argument that has to be a list of texts.

    Raises
    ------
    TracksideError
        When it is none: also a text alone, which would be taken as its letters.
    """
    found = None if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)
    if found is None or not all(isinstance(one, str) for one in found):
        raise TracksideError(
            f"{name} must be a list of texts, not {value!r}.", f"Write {name}=[{example!r}]."
        )
    return found
