"""Cron lines as people write them, with five fields, and as KFP does, with seconds in front."""

from __future__ import annotations

from trackside._errors import TracksideError
from trackside._pipelines.asked import text_of

_CRON = (
    'Give the five fields of cron (minute, hour, day, month, weekday): "0 6 * * *" is every day at'
    " six."
)


def six_fields(cron: str) -> str:
    """Return a schedule as KFP writes it, with seconds in front.

    Raises
    ------
    TracksideError
        When it is no text of five or six fields.
    """
    fields = text_of("cron", cron, _CRON).split()
    if len(fields) == 1 and cron.startswith("@"):
        return cron
    if len(fields) not in (5, 6):
        raise TracksideError(f"{cron!r} is no schedule.", _CRON)
    return " ".join(fields if len(fields) == 6 else ["0", *fields])


def five_fields(cron: str) -> str:
    """Return a schedule as people write it, where it does not need its seconds.

    >>> five_fields("0 0 6 * * *"), five_fields("30 0 6 * * *")
    ('0 6 * * *', '30 0 6 * * *')
    """
    fields = cron.split()
    return " ".join(fields[1:]) if len(fields) == 6 and fields[0] == "0" else cron
