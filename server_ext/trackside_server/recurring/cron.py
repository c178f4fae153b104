"""Cron expressions as KFP writes them: six fields, the first for seconds.

Kept small and here, because the well-kept libraries read the five fields of crontab, or six with
the seconds last; an expression shall mean here what it means on a KFP server.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from trackside_server.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}
_DAYS: Final = {name: number for number, name in enumerate("sun mon tue wed thu fri sat".split())}
_LONGEST: Final = dict(enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1))
# Name, least and greatest value, and names of values.
_FIELDS: Final[tuple[tuple[str, int, int, Mapping[str, int]], ...]] = (
    ("seconds", 0, 59, {}),
    ("minutes", 0, 59, {}),
    ("hours", 0, 23, {}),
    ("days of the month", 1, 31, {}),
    ("months", 1, 12, _MONTHS),
    ("days of the week", 0, 6, _DAYS),
)
_WORDS: Final = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_PART: Final = re.compile(r"(\*|\?|\w+)(?:-(\w+))?(?:/(\d{1,4}))?\Z", re.ASCII)
# The 29th of February on a certain day of the week comes at least once in 40 years.
_FAR: Final = 41


class Cron(Struct, frozen=True):
    """An expression that was read: the values of each field.

    Parameters
    ----------
    seconds, minutes, hours, days, months, weekdays
        Those that fit.
    any_day, any_weekday
        Whether the field was left open: of two that are not, one has to fit.
    """

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Read an expression.

        Raises
        ------
        InvalidInput
            It is none.
        """
        words = _WORDS.get(text.strip().lower(), text).split()
        # Nothing is said of fields, of which people write five and KFP's clients six.
        if words and words[0].startswith("@"):
            raise InvalidInput(
                f"No cron expression is called {text.strip()[:60]!r}.",
                hint=f"There are {', '.join(_WORDS)}.",
            )
        if len(words) == 5:
            raise InvalidInput(
                f"The cron expression {text[:60]!r} has five fields; KFP's has six, the first for "
                "seconds.",
                hint=f"Write {'0 ' + ' '.join(words)!r}.",
            )
        if len(words) != len(_FIELDS):
            raise InvalidInput(
                f"The cron expression {text[:60]!r} has {len(words)} fields; it needs six: second, "
                "minute, hour, day of the month, month, day of the week.",
                hint="Such as '0 0 6 * * *' for every day at six.",
            )
        seconds, minutes, hours, days, months, weekdays = (
            _field(word, *field) for word, field in zip(words, _FIELDS, strict=True)
        )
        any_day, any_weekday = (words[place][0] in "*?" for place in (3, 5))
        return cls(seconds, minutes, hours, days, months, weekdays, any_day, any_weekday)

    @property
    def never_comes(self) -> bool:
        """Whether no year has such a day, as the 31st of February."""
        # Of a day of the month and one of the week, either is enough.
        if self.any_day or not self.any_weekday:
            return False
        return min(self.days) > max(_LONGEST[month] for month in self.months)

    def after(self, seconds: float, zone: tzinfo | None = None) -> float | None:
        """Give the first moment after one; None when there is none in sight.

        A moment that a change of the clock leaves out does not come; in an hour that comes twice,
        the first one counts.

        Parameters
        ----------
        seconds
            Since the epoch, as the answer.
        zone
            Whose clock is read; None is that of this machine.
        """
        moment = datetime.fromtimestamp(seconds, zone).replace(tzinfo=None, microsecond=0)
        last = moment.year + _FAR
        while True:
            moment += timedelta(seconds=1)
            found = self._fitting(moment, last)
            if found is None:
                return None
            moment = found
            there = moment.replace(tzinfo=zone).timestamp()
            if (
                there > seconds
                and datetime.fromtimestamp(there, zone).replace(tzinfo=None) == moment
            ):
                return there

    def _fitting(self, moment: datetime, last: int) -> datetime | None:
        """Give the first moment, from this one on, that fits; each step skips what cannot."""
        while moment.year <= last:
            if moment.month not in self.months:
                first = moment.replace(day=1, hour=0, minute=0, second=0)
                moment = (first + timedelta(days=32)).replace(day=1)
            elif not self._fits_day(moment):
                moment = moment.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            elif moment.hour not in self.hours:
                moment = moment.replace(minute=0, second=0) + timedelta(hours=1)
            elif moment.minute not in self.minutes:
                moment = moment.replace(second=0) + timedelta(minutes=1)
            elif moment.second not in self.seconds:
                moment += timedelta(seconds=1)
            else:
                return moment
        return None

    def _fits_day(self, moment: datetime) -> bool:
        day = moment.day in self.days
        weekday = moment.isoweekday() % 7 in self.weekdays
        return day and weekday if self.any_day or self.any_weekday else day or weekday


def _field(text: str, what: str, low: int, high: int, names: Mapping[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.match(part.lower())
        if match is None:
            raise _wrong(part, what)
        first, until, step = match.groups()
        if step is not None and int(step) == 0:
            raise _wrong(part, what, " A step is 1 or more.")
        if first in "*?":
            start, end = low, high
            if until:
                raise _wrong(part, what)
        else:
            start = _value(first, part, what, names)
            # With a step and no end, up to the greatest value.
            end = _value(until, part, what, names) if until else high if step else start
        if not low <= start <= end <= high:
            raise _wrong(part, what, f" It lies between {low} and {high}.")
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def _value(text: str, part: str, what: str, names: Mapping[str, int]) -> int:
    if text in names:
        return names[text]
    if not text.isdecimal() or len(text) > 4:
        raise _wrong(part, what)
    return int(text)


def _wrong(part: str, what: str, more: str = "") -> InvalidInput:
    return InvalidInput(
        f"In the cron expression, {part[:40]!r} cannot be read as {what}.{more}",
        hint="A field is a list of values, ranges such as 1-5, and steps such as */15.",
    )
