"""What somebody wishes of a run, as it stands with the run until it is heeded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .machine.events import Retry, Terminate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .machine.events import Event

Asked = Literal["terminate", "retry"]
# Whoever asks for the end twice means more than the one who asks once.
Wish = Literal["terminate", "terminate twice", "retry"]


def added(standing: Wish | None, asked: Asked) -> Wish:
    """Give what is wished when somebody asks for something more."""
    if asked == "terminate" and standing in ("terminate", "terminate twice"):
        return "terminate twice"
    return asked


def left(standing: Wish | None, heeded: Iterable[Event]) -> Wish | None:
    """Give what is still wished after these events; those that are no wishes do not count."""
    rest = standing
    for event in heeded:
        if isinstance(event, Retry) and rest == "retry":
            rest = None
        elif isinstance(event, Terminate) and rest == "terminate twice":
            rest = "terminate"
        elif isinstance(event, Terminate) and rest == "terminate":
            rest = None
    return rest


def events_of(wish: Wish | None, at: float) -> list[Event]:
    """Give the events that a wish is heeded by."""
    if wish is None:
        return []
    if wish == "retry":
        return [Retry(at)]
    return [Terminate(at)] * (2 if wish == "terminate twice" else 1)
