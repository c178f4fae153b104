"""Bounds what one request may make this server remember."""

from __future__ import annotations

from typing import Final, NoReturn

from trackside_server.errors import InvalidInput, TooLarge
from trackside_server.traces.entities import INTERNAL, SPAN_KINDS

MAX_PARTS: Final = 200_000
MAX_DEPTH: Final = 32
LARGEST_TIME: Final = 2**63 - 1


class Budget:
    """Counts spans, attributes, events and values, for each costs memory however short it is."""

    __slots__ = ("_left",)

    def __init__(self, parts: int = MAX_PARTS) -> None:
        self._left = parts

    def spend(self) -> None:
        """Count one part.

        Raises
        ------
        TooLarge
            There are too many.
        """
        self._left -= 1
        if self._left < 0:
            refuse_size()


def refuse_size() -> NoReturn:
    """Refuse a request of too many parts."""
    raise TooLarge(
        f"One request holds at most {MAX_PARTS} spans, attributes and events together.",
        hint="Send the spans in smaller batches.",
    )


def refuse(what: str) -> NoReturn:
    """Refuse a request that is no OpenTelemetry export."""
    raise InvalidInput(f"This is no OpenTelemetry export: {what}.")


def span_id(raw: bytes, size: int, what: str) -> str:
    """Write an id in hex.

    Parameters
    ----------
    raw
        The id; fewer bytes than usual count as its end.
    size
        How many bytes there are usually.
    what
        The id's name, for the message.
    """
    if not raw or len(raw) > size:
        refuse(f"a {what} has {size} bytes, not {len(raw)}")
    return raw.rjust(size, b"\0").hex()


def span_kind(number: int) -> str:
    """Give the kind of a span by its number."""
    return SPAN_KINDS[number] if 1 <= number < len(SPAN_KINDS) else INTERNAL


def time_ns(value: int) -> int:
    """Check a time that has to be stored in 64 bits with a sign."""
    if not 0 <= value <= LARGEST_TIME:
        refuse("a time has to be given in nanoseconds since 1970")
    return value
