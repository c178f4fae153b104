"""Times and durations in the JSON mapping of protocol buffers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Final

from trackside_server.errors import InvalidInput

_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_DURATION: Final = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,9}))?s", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
FIRST: Final = -62_135_596_800_000
LAST: Final = 253_402_300_799_999
"""Milliseconds since 1970 at the ends of the years that can be written."""


def read_time(text: str, what: str) -> int:
    """Give a time such as ``2026-01-31T12:00:00.5Z`` in milliseconds since 1970."""
    match = _TIME.fullmatch(text)
    moment = _moment(match) if match else None
    if match is None or moment is None:
        raise InvalidInput(
            f"Invalid value {text[:40]!r} for parameter '{what}' supplied: give a time like "
            "2026-01-31T12:00:00.500Z."
        )
    return (moment - _EPOCH) // timedelta(milliseconds=1) + _milliseconds(match[3])


def write_time(milliseconds: int) -> str:
    """Write a time, with a fraction only where it has one."""
    moment = _EPOCH + timedelta(milliseconds=min(max(milliseconds, FIRST), LAST))
    fraction = f".{milliseconds % 1000:03}" if milliseconds % 1000 else ""
    # Not by strftime, which writes early years with too few digits.
    return f"{moment.replace(microsecond=0, tzinfo=None).isoformat()}{fraction}Z"


def read_duration(text: str, what: str) -> int:
    """Give a duration such as ``1.5s`` in milliseconds."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise InvalidInput(
            f"Invalid value {text[:40]!r} for parameter '{what}' supplied: give seconds like 1.5s."
        )
    sign, seconds, fraction = match.groups()
    duration = int(seconds) * 1000 + _milliseconds(fraction)
    return -duration if sign else duration


def write_duration(milliseconds: int) -> str:
    """Write a duration, with a fraction only where it has one."""
    seconds, rest = divmod(abs(milliseconds), 1000)
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}{seconds}.{rest:03}s" if rest else f"{sign}{seconds}s"


def _moment(match: re.Match[str]) -> datetime | None:
    date, clock, _, sign, hours, minutes = match.groups()
    try:
        moment = datetime.strptime(f"{date}T{clock}+0000", "%Y-%m-%dT%H:%M:%S%z")
        if not sign:
            return moment
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return moment - offset if sign == "+" else moment + offset
    except (ValueError, OverflowError):
        return None


def _milliseconds(fraction: str | None) -> int:
    return int((fraction or "0").ljust(3, "0")[:3])
