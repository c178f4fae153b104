"""What may be logged: numbers from wherever they come, names that MLflow accepts."""

from __future__ import annotations

import posixpath
import re

MAX_KEY = 250

_INVALID = re.compile(r"[^/\w.\- :]")
_good: dict[str, str] = {}
_MAX_KNOWN = 10_000


def number(value: object) -> float:
    """Return a value as a float: numbers, and scalars of numpy, torch and the like.

    Raises
    ------
    TypeError, ValueError
        It is no number.
    """
    if isinstance(value, (str, bytes, bool)):
        if isinstance(value, bool):
            return float(value)
        raise TypeError(f"{value!r} is text")
    return float(value)  # type: ignore[arg-type]


def name(key: object) -> str:
    """Return a name as MLflow accepts it; characters that it does not know become ``_``.

    Raises
    ------
    ValueError
        Nothing is left of it.
    """
    known = _good.get(key) if isinstance(key, str) else None
    if known is not None:
        return known
    text = str(key)
    cleaned = _INVALID.sub("_", text.strip())[:MAX_KEY]
    if posixpath.normpath(cleaned) != cleaned or cleaned.startswith(("/", "..")):
        cleaned = "/".join(part for part in cleaned.split("/") if part.strip("."))
    if not cleaned or cleaned == ".":
        raise ValueError(f"{text!r} has no letters")
    if len(_good) < _MAX_KNOWN:
        _good[text] = cleaned
    return cleaned
