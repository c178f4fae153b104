"""Reads JSON that others wrote, as far as it can be stored and written again."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

MAX_DEPTH: Final = 100
"""How deep values may lie in each other. Python writes each level by several calls, of which it
allows a thousand."""

_decoder: Final = msgspec.json.Decoder()


def loads(text: str | bytes) -> Any:
    """Read JSON.

    Raises
    ------
    ValueError
        It is no JSON, its values lie too deep in each other, or it holds a text that no file and
        no database takes.
    """
    try:
        value = _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        # NaN, for one: Python reads more than the standard knows, and its messages name the place.
        value = _read_by_python(text)
    if _openings(text) > MAX_DEPTH and _is_deep(value):
        raise ValueError(_too_deep())
    return value


def _read_by_python(text: str | bytes) -> Any:
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError(_too_deep()) from None
    if _may_be_broken(text) and not _is_unicode(value):
        raise ValueError("it holds half of a surrogate pair, which is no character")
    return value


def _openings(text: str | bytes) -> int:
    if isinstance(text, str):
        return text.count("[") + text.count("{")
    return text.count(b"[") + text.count(b"{")


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _may_be_broken(text: str | bytes) -> bool:
    if isinstance(text, str):
        return "\\u" in text or not text.isascii()
    return b"\\u" in text or not text.isascii()


def _is_unicode(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_deep() -> str:
    return f"its values lie more than {MAX_DEPTH} deep in each other"
