"""Words in the arguments of a run that stand for its id and times, as KFP's servers know them.

``[[RunUUID]]``, ``[[CurrentTime]]`` and ``[[ScheduledTime]]``; times in the layouts of Go
(``[[CurrentTime.2006-01-02]]``) or C (``{{$.currentTime.strftime('%Y-%m-%d')}}``), in UTC. So each
run of a schedule can be given its own day. What is not known stays as it is written.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Value

_MACRO: Final = re.compile(
    r"\[\[(?P<run>RunUUID)\]\]"
    r"|\[\[(?P<time>Current|Scheduled)Time(?:\.(?P<layout>[^\]]{1,100}))?\]\]"
    r"|\{\{\$\.(?P<of>current|scheduled)Time\.strftime\('(?P<format>[^']{1,100})'\)\}\}"
)
_DEFAULT: Final = "%Y%m%d%H%M%S"
_GO: Final = {
    "2006": "%Y",
    "January": "%B",
    "Jan": "%b",
    "Monday": "%A",
    "Mon": "%a",
    "MST": "%Z",
    "PM": "%p",
    "01": "%m",
    "02": "%d",
    "03": "%I",
    "04": "%M",
    "05": "%S",
    "06": "%y",
    "15": "%H",
}
_GO_WORD: Final = re.compile("|".join(_GO))
# Only what every platform has: others may end the process.
_C_WORD: Final = re.compile(r"%[aAbBcdHIjmMpsSyYZ%]")


def expand(
    given: Mapping[str, Value], run_id: str, now: float, scheduled: float | None
) -> dict[str, Value]:
    """Return the arguments with these words replaced where an argument is a text.

    Parameters
    ----------
    given
        What was sent, by name.
    run_id
        The run that it is for.
    now, scheduled
        When it begins, and for when it was planned, in seconds since the epoch.
    """
    known = {"current": now, "scheduled": scheduled}

    def meant(match: re.Match[str]) -> str:
        if match["run"]:
            return run_id
        seconds = known[(match["time"] or match["of"]).lower()]
        if seconds is None:
            return match[0]
        moment = datetime.fromtimestamp(seconds, timezone.utc)
        if match["format"]:
            return _of_c(moment, match["format"])
        if match["layout"]:
            return _GO_WORD.sub(lambda word: moment.strftime(_GO[word[0]]), match["layout"])
        return moment.strftime(_DEFAULT)

    return {
        name: _MACRO.sub(meant, value) if isinstance(value, str) else value
        for name, value in given.items()
    }


def _of_c(moment: datetime, layout: str) -> str:
    def meant(word: re.Match[str]) -> str:
        return str(int(moment.timestamp())) if word[0] == "%s" else moment.strftime(word[0])

    return _C_WORD.sub(meant, layout)
