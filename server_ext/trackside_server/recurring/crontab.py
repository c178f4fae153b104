"""Schedules as a CronJob of a cluster has them: five fields and a time zone, pure functions."""

from __future__ import annotations

import os
import time
import zoneinfo
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trackside_server.errors import InvalidInput

from .cron import Cron

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from .schedule import Schedule

UTC: Final = "Etc/UTC"
_HERE: Final = "Or let this Jupyter server keep it."
_MINUTES, _HOURS, _DAYS, _MONTHS, _WEEKDAYS = (
    range(60),
    range(24),
    range(1, 32),
    range(1, 13),
    range(7),
)
_DAY: Final = 24 * 60
_FILES: Final = (Path("/etc/timezone"), Path("/etc/localtime"))


def crontab(schedule: Schedule, moment: float, now: float, local: str) -> tuple[str, str]:
    """Return five fields, and the time zone whose clock is read.

    Parameters
    ----------
    schedule
        When runs are due.
    moment
        One at which a run is due, by which an interval is told.
    now
        In seconds since the epoch.
    local
        The time zone of this server, whose clock is read for a cron expression.

    Raises
    ------
    InvalidInput
        A CronJob cannot be told this schedule.
    """
    if schedule.end is not None:
        raise _cannot("A CronJob has no end.", "Leave end_time out.")
    if schedule.start is not None and schedule.start > now:
        raise _cannot(
            "A CronJob starts at once, and this schedule starts later.", "Leave start_time out."
        )
    if schedule.cron:
        return _of_cron(Cron.parse(schedule.cron)), local
    # An hour of an interval is one, also when the clock is changed.
    return _of_interval(schedule.interval, moment), UTC


def local_zone(environment: str | None = None, files: Sequence[Path] = _FILES) -> str:
    """Return the name of this machine's time zone.

    Parameters
    ----------
    environment
        The variable ``TZ``.
    files
        Where else its name is looked for.

    Raises
    ------
    InvalidInput
        It has none.
    """
    named = os.environ.get("TZ") if environment is None else environment
    known = zoneinfo.available_timezones()
    for name in (named or "", *map(_read, files)):
        found = name.strip().lstrip(":")
        if found in known:
            return found
    if not time.timezone and not time.daylight:
        return UTC
    raise _cannot(
        "The time zone of this server has no name that a cluster would know.",
        "Set the variable TZ of the Jupyter server, such as to Europe/Berlin.",
    )


def _read(path: Path) -> str:
    try:
        if path.is_symlink():
            return str(path.resolve()).rpartition("zoneinfo/")[2]
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""


def _of_cron(cron: Cron) -> str:
    if cron.seconds != {0}:
        raise _cannot(
            "A CronJob starts at whole minutes, and this schedule has seconds.",
            "Write 0 in the first field.",
        )
    days, weekdays = len(cron.days) < len(_DAYS), len(cron.weekdays) < len(_WEEKDAYS)
    if days and weekdays and (cron.any_day or cron.any_weekday):
        raise _cannot(
            "A CronJob starts where either the day of the month or that of the week fits, and this "
            "schedule wants both.",
            "Choose one of them.",
        )
    return " ".join(
        _field(values, every)
        for values, every in (
            (cron.minutes, _MINUTES),
            (cron.hours, _HOURS),
            (cron.days, _DAYS),
            (cron.months, _MONTHS),
            (cron.weekdays, _WEEKDAYS),
        )
    )


def _of_interval(seconds: int, moment: float) -> str:
    minutes, rest = divmod(seconds, 60)
    at = datetime.fromtimestamp(moment, tz=timezone.utc)
    first = at.hour * 60 + at.minute
    if not rest and minutes < 60 and not 60 % minutes:
        return f"{_field(range(first % minutes, 60, minutes), _MINUTES)} * * * *"
    if not rest and not minutes % 60 and minutes <= _DAY and not _DAY % minutes:
        hours = range(first % minutes // 60, 24, minutes // 60)
        return f"{at.minute} {_field(hours, _HOURS)} * * *"
    if seconds == 7 * 86400:
        return f"{at.minute} {at.hour} * * {at.isoweekday() % 7}"
    raise _cannot(
        f"A CronJob cannot be told an interval of {_told(seconds)}.",
        "Choose minutes that divide an hour, hours that divide a day, or a week; or write a cron "
        "expression.",
    )


def _told(seconds: int) -> str:
    if seconds % 60:
        return f"{seconds:,} s"
    return f"{seconds // 60:,} min" if seconds % 3600 else f"{seconds // 3600:,} h"


def _field(values: Collection[int], every: range) -> str:
    """Write values: all as a star, neighbours as a range."""
    if len(values) == len(every):
        return "*"
    parts: list[list[int]] = []
    for value in sorted(values):
        if parts and value == parts[-1][-1] + 1:
            parts[-1].append(value)
        else:
            parts.append([value])
    return ",".join(
        f"{part[0]}-{part[-1]}" if len(part) > 2 else ",".join(map(str, part)) for part in parts
    )


def _cannot(message: str, hint: str) -> InvalidInput:
    return InvalidInput(message, hint=f"{hint} {_HERE}", reason="trigger")
