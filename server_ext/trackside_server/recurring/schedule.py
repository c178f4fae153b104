"""When runs are due."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from trackside_server.errors import InvalidInput
from trackside_server.pipelines.fields import whole_of
from trackside_server.pipelines.times import rfc3339, seconds_of

from .cron import Cron

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_INTERVAL: Final = 10 * 366 * 86400
_MOST_CRON: Final = 1000
# What is reckoned from a time of these years, in any zone, is one that a calendar has.
_YEARS: Final = (1970, 3000)
_EARLIEST, _LATEST = (datetime(year, 1, 2, tzinfo=timezone.utc).timestamp() for year in _YEARS)


class Schedule(Struct, frozen=True):
    """A schedule: a cron expression, or an interval.

    Parameters
    ----------
    cron
        The expression; empty for an interval.
    interval
        Seconds between two runs; 0 for an expression.
    start, end
        No run before and after these, in seconds since the epoch.
    """

    cron: str = ""
    interval: int = 0
    start: float | None = None
    end: float | None = None

    @classmethod
    def read(cls, trigger: Mapping[str, Any]) -> Schedule:
        """Read a schedule as KFP's clients write it.

        Raises
        ------
        InvalidInput
            It is none.
        """
        cron = trigger.get("cron_schedule", trigger.get("cronSchedule"))
        periodic = trigger.get("periodic_schedule", trigger.get("periodicSchedule"))
        if cron is not None and periodic is not None:
            raise InvalidInput(
                "trigger holds both cron_schedule and periodic_schedule.",
                hint="Send one of them: cron for moments of the clock, or an interval.",
            )
        if cron is None and periodic is None:
            raise InvalidInput("trigger needs either cron_schedule or periodic_schedule.")
        sent = periodic if cron is None else cron
        if not isinstance(sent, dict):
            raise InvalidInput("The schedule in trigger has to be an object.")
        start = _time(sent, "start_time", "startTime")
        end = _time(sent, "end_time", "endTime")
        if start is not None and end is not None and end <= start:
            raise InvalidInput("The schedule ends before it starts.")
        if cron is None:
            interval = whole_of(
                sent, "interval_second", "intervalSecond", within=(1, LONGEST_INTERVAL)
            )
            if interval is None:
                raise InvalidInput(
                    "periodic_schedule has no interval_second.",
                    hint="Send the seconds between two runs.",
                )
            return cls(interval=interval, start=start, end=end)
        expression = sent.get("cron")
        if not isinstance(expression, str):
            raise InvalidInput("cron has to be a text such as '0 0 6 * * *'.")
        if len(expression) > _MOST_CRON:
            raise InvalidInput(
                f"cron has {len(expression):,} characters; {_MOST_CRON:,} is the most.",
                hint="Ranges such as 1-5 and steps such as */15 are shorter than lists.",
            )
        found = cls(cron=" ".join(expression.split()), start=start, end=end)
        if Cron.parse(found.cron).never_comes:
            raise InvalidInput(
                "The cron expression never comes: none of its months has such a day.",
                hint="Choose another day of the month, or other months.",
            )
        return found

    def write(self) -> dict[str, Any]:
        """Write it as KFP's clients read it."""
        times: dict[str, Any] = {}
        if self.start is not None:
            times["start_time"] = rfc3339(self.start)
        if self.end is not None:
            times["end_time"] = rfc3339(self.end)
        if self.cron:
            return {"cron_schedule": {**times, "cron": self.cron}}
        return {"periodic_schedule": {**times, "interval_second": str(self.interval)}}

    def after(self, last: float) -> float | None:
        """Give the first moment after one at which a run is due; None after the end.

        Parameters
        ----------
        last
            The last such moment, or when the schedule was made.
        """
        begin = last if self.start is None else max(last, self.start)
        if self.cron:
            due = Cron.parse(self.cron).after(begin)
        else:
            due = begin if begin > last else last + self.interval
        return None if due is None or (self.end is not None and due > self.end) else due

    def refuse_over(self, now: float) -> None:
        """Refuse one that ends before a run is due.

        Raises
        ------
        InvalidInput
            It does.
        """
        if self.end is not None and self.after(now) is None:
            raise InvalidInput(
                f"No run would ever be due: the schedule ends at {rfc3339(self.end)}, before its "
                "next moment.",
                hint="Choose a later end_time, or leave it out.",
                reason="trigger",
            )

    def following(self, moment: float, now: float) -> float | None:
        """Give the first moment of the schedule after now.

        Parameters
        ----------
        moment
            One of its moments, by which those of an interval are told.
        now
            In seconds since the epoch.
        """
        if self.cron:
            return self.after(now)
        return self.after(moment + (now - moment) // self.interval * self.interval)

    def between(self, first: float, now: float, most: int) -> list[float]:
        """Give the last moments up to now.

        Parameters
        ----------
        first
            A moment of the schedule, with which to begin.
        now
            With which to end.
        most
            How many of them at most.
        """
        now = now if self.end is None else min(now, self.end)
        if first > now:
            return []
        if not self.cron:
            count = int((now - first) // self.interval) + 1
            begin = max(0, count - most)
            return [first + n * self.interval for n in range(begin, count)]
        cron = Cron.parse(self.cron)
        # From now back, further and further: a moment may come each second, or once a year.
        window = 60.0
        while True:
            begin_at = max(first, now - window)
            found = [begin_at] if begin_at == first else []
            due = cron.after(begin_at)
            while due is not None and due <= now:
                found.append(due)
                due = cron.after(due)
            if begin_at == first or len(found) >= most:
                return found[-most:]
            window *= 4


def _time(sent: Mapping[str, Any], *names: str) -> float | None:
    for name in names:
        if sent.get(name) is not None:
            found = seconds_of(sent[name], name)
            if not _EARLIEST <= found <= _LATEST:
                raise InvalidInput(
                    f"{name} has to lie between the years {_YEARS[0]} and {_YEARS[1]}."
                )
            return found
    return None
