"""Times as KFP's clients read and write them: RFC 3339, in UTC."""

from __future__ import annotations

import contextlib
import re
from datetime import datetime, timezone
from typing import Any, Final

from trackside_server.errors import InvalidInput

_RFC3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII
)


def rfc3339(seconds: float) -> str:
    """Write a time, given in seconds since the epoch; a fraction only where there is one."""
    moment = datetime.fromtimestamp(round(seconds * 1000) / 1000, tz=timezone.utc)
    kind = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=kind).removesuffix("+00:00") + "Z"


def seconds_of(value: Any, what: str) -> float:
    """Read a time; give it in seconds since the epoch.

    Raises
    ------
    InvalidInput
        It is none.
    """
    match = _RFC3339.match(value) if isinstance(value, str) else None
    if match is not None:
        day, time, fraction, zone = match.groups()
        zone = "+00:00" if zone in "Zz" else zone
        # Some dates look like one and are none.
        with contextlib.suppress(ValueError):
            whole = datetime.fromisoformat(f"{day}T{time}{zone}").timestamp()
            return whole + float(f"0{fraction or '.0'}")
    raise InvalidInput(
        f"{what} has to be a time such as 2026-11-29T08:30:00Z, not {str(value)[:60]!r}."
    )
