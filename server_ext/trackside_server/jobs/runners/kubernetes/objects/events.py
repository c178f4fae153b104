"""Events: what happened to an object, told once."""

from __future__ import annotations

from typing import Any

import msgspec

from .fields import count, mapping, message, parse_time, text, word


class EventView(msgspec.Struct, frozen=True, gc=False):
    """An Event of v1 or of events.k8s.io/v1.

    Parameters
    ----------
    uid, name, resource_version
        Which one, and which state of it.
    kind, about, about_uid
        The object that it tells about: its kind, name and uid.
    reason, message
        A word and a sentence.
    warning
        Whether it tells of trouble.
    count
        How often it happened.
    first_at, last_at
        Milliseconds.
    """

    uid: str
    name: str
    resource_version: str = ""
    kind: str = ""
    about: str = ""
    about_uid: str = ""
    reason: str = ""
    message: str = ""
    warning: bool = False
    count: int = 1
    first_at: int | None = None
    last_at: int | None = None

    @classmethod
    def of(cls, value: dict[str, Any]) -> EventView:
        """Make it from the API's JSON."""
        value = mapping(value)
        meta = mapping(value, "metadata")
        about = mapping(value, "involvedObject") or mapping(value, "regarding")
        series = mapping(value, "series")
        once = parse_time(value.get("eventTime")) or parse_time(meta.get("creationTimestamp"))
        first = _time(value, "firstTimestamp", "deprecatedFirstTimestamp") or once
        last = (
            parse_time(series.get("lastObservedTime"))
            or _time(value, "lastTimestamp", "deprecatedLastTimestamp")
            or once
        )
        times = series.get("count") or value.get("count") or value.get("deprecatedCount")
        return cls(
            text(meta.get("uid")),
            text(meta.get("name")),
            text(meta.get("resourceVersion")),
            word(about.get("kind")),
            text(about.get("name")),
            text(about.get("uid")),
            word(value.get("reason")),
            message(value.get("message") or value.get("note")),
            value.get("type") == "Warning",
            count(times) or 1,
            first,
            last,
        )


def _time(value: dict[str, Any], *names: str) -> int | None:
    return next((at for name in names if (at := parse_time(value.get(name))) is not None), None)
