"""Reading JSON of the Kubernetes API without trusting it."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import msgspec

from trackside_server.cluster.quantities import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

# Sentences quote at most a line of these, and a controller may write kilobytes.
_MESSAGE_LIMIT = 1024
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))",
    re.IGNORECASE,
)


def mapping(value: Any, *path: str) -> dict[str, Any]:
    """Follow a path of keys; what is no object reads as an empty one."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> list[dict[str, Any]]:
    """Give the objects of a list; what is no list reads as an empty one."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """Read a string."""
    return value if isinstance(value, str) else ""


def word(value: Any) -> str:
    """Read a string that many objects share."""
    return sys.intern(value) if type(value) is str else ""


def message(value: Any) -> str:
    """Read a sentence of a controller, without its endless end."""
    return text(value)[:_MESSAGE_LIMIT]


def whole(value: Any) -> int | None:
    """Read a whole number, also one that is written as a string."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    return None


def count(value: Any) -> int:
    """Read a number of things."""
    return max(whole(value) or 0, 0)


def size(value: Any) -> int | None:
    """Read a quantity of memory (``16Gi``) in bytes."""
    try:
        return int(parse_quantity(value)) if isinstance(value, str | int) else None
    except (ValueError, OverflowError):
        return None


def parse_time(value: Any) -> int | None:
    """Read a time of the API.

    Parameters
    ----------
    value
        RFC 3339, with or without fractions of a second.

    Returns
    -------
    int or None
        Milliseconds since 1970; None when it is no time.
    """
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[i]) for i in range(1, 7))
    try:
        # A leap second is the end of its minute.
        at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=timezone.utc)
    except ValueError:
        return None
    offset = 0
    if match[8]:
        offset = (int(match[9]) * 60 + int(match[10])) * (1 if match[8] == "+" else -1)
    fraction = int((match[7] or "0").ljust(3, "0")[:3])
    return (int(at.timestamp()) - offset * 60) * 1000 + fraction


class Condition(msgspec.Struct, frozen=True, gc=False):
    """What a controller says about an object.

    Parameters
    ----------
    type
        What it is about.
    status
        ``True``, ``False`` or ``Unknown``.
    reason
        A word for programs.
    message
        A sentence.
    at
        Since when, in milliseconds.
    """

    type: str
    status: str
    reason: str = ""
    message: str = ""
    at: int | None = None

    @property
    def holds(self) -> bool:
        """Whether it is true now."""
        return self.status == "True"


def conditions(value: Any, kept: frozenset[str] | None = None) -> tuple[Condition, ...]:
    """Read the conditions of a status.

    Parameters
    ----------
    value
        The list.
    kept
        The types that matter; None keeps all.
    """
    return tuple(
        Condition(
            word(item.get("type")),
            word(item.get("status")),
            word(item.get("reason")),
            message(item.get("message")),
            parse_time(item.get("lastTransitionTime")),
        )
        for item in entries(value)
        if kept is None or text(item.get("type")) in kept
    )


def condition(found: Iterable[Condition], kind: str) -> Condition | None:
    """Find a condition by its type."""
    return next((item for item in found if item.type == kind), None)
