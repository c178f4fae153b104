"""How a mistake in a pipeline is told: where it is, what it is, and what to do about it."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Literal

from trackside_server.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

Code = Literal[
    "NOT_READABLE",
    "TOO_LARGE",
    "NO_PIPELINE",
    "V1_PIPELINE",
    "UNKNOWN_SCHEMA",
    "UNKNOWN_FIELD",
    "WRONG_KIND",
    "MISSING",
    "BAD_NAME",
    "NOT_SUPPORTED",
    "UNKNOWN_COMPONENT",
    "UNKNOWN_EXECUTOR",
    "UNKNOWN_TASK",
    "UNKNOWN_INPUT",
    "UNKNOWN_OUTPUT",
    "MISSING_INPUT",
    "TYPE_MISMATCH",
    "NOT_A_LIST",
    "CYCLE",
    "BAD_CONDITION",
    "BAD_SELECTOR",
    "ARGUMENTS",
]
"""The stable words for programs; they travel as the error's ``reason``."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]+\Z")
_LONGEST_KEY = 200
_MOST_SHOWN = 80
_MOST_NAMED = 8


def mistake(code: Code, place: str, sentence: str, hint: str | None = None) -> InvalidInput:
    """Return the error that tells of a mistake at this place of the document."""
    told = f"{place}: {sentence}" if place else sentence
    return InvalidInput(told, hint=hint, reason=code)


def under(place: str, key: str) -> str:
    """Return the place of what lies under this key."""
    if len(key) <= _LONGEST_KEY and _PLAIN.match(key):
        return f"{place}.{key}" if place else key
    return f"{place}[{shown(key)}]"


def shown(text: str) -> str:
    """Return a text as a sentence quotes it: of bearable length, without control characters."""
    clean = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:_MOST_SHOWN]
    )
    return f'"{clean}…"' if len(text) > _MOST_SHOWN else f'"{clean}"'


def listed(names: Iterable[str]) -> str:
    """Return the first of some names as a sentence lists them."""
    found = list(names)
    told = ", ".join(shown(name) for name in found[:_MOST_NAMED])
    return f"{told} and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else told


def known(name: str, names: Iterable[str]) -> str:
    """Return the hint for an unknown name: the one that was perhaps meant, or all there are."""
    there = list(names)
    if close := difflib.get_close_matches(name[:_MOST_SHOWN], there[:1000], n=1):
        return f"Perhaps {shown(close[0])} is meant."
    return f"Known are {listed(there)}." if there else "There is none at all."
