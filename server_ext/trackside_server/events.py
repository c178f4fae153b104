"""Tells committed changes to the world as Jupyter events.

Each event carries the revision of its object and ``after``, the highest revision told before it, so
that a listener knows from any single event whether it missed one. Frequent changes of one object
(metrics, output) are thinned out; changes of state go out at once.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    import logging
    from collections.abc import Callable

    from jupyter_events import EventLogger

    from .changes import Change, Changes

KINDS = ("job", "run", "experiment", "model", "pipeline_run", "pipeline", "recurring_run")
FREQUENT = frozenset({"metrics", "activity", "log", "tasks"})
INTERVAL = 0.2
_FIELDS = {
    "job": ("name", "state", "run_id", "experiment_id"),
    "run": ("experiment_id", "status"),
    "experiment": (),
    "model": (),
    "pipeline_run": ("name", "state", "experiment_id"),
    "pipeline": ("name",),
    "recurring_run": ("name",),
}
# Registered models are known by their names; an id is what a logged model has.
_IDS = {
    "job": "job_id",
    "run": "run_id",
    "experiment": "experiment_id",
    "model": "name",
    "pipeline_run": "pipeline_run_id",
    "pipeline": "pipeline_id",
    "recurring_run": "recurring_run_id",
}


def schema_id(kind: str) -> str:
    """Return the id under which events of a kind are told."""
    return f"urn:trackside:events:{kind}:v1"


def register(event_logger: EventLogger) -> None:
    """Register the schemas of all Trackside events."""
    for kind in KINDS:
        file = resources.files(__package__).joinpath(f"event_schemas/{kind}/v1.yaml")
        event_logger.register_event_schema(file.read_text(encoding="utf-8"))


class Teller:
    """Turns changes into Jupyter events, on the event loop.

    Parameters
    ----------
    event_logger : EventLogger
        The server's, with our schemas registered.
    log : logging.Logger
        Told about changes that do not fit their schema.
    """

    def __init__(self, event_logger: EventLogger, log: logging.Logger) -> None:
        self._event_logger = event_logger
        self._log = log
        self._told = 0
        self._pending: dict[tuple[str, str, str], Change] = {}
        self._timers: dict[tuple[str, str, str], asyncio.TimerHandle] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def start(self, changes: Changes, loop: asyncio.AbstractEventLoop) -> None:
        """Listen to the bus from now on."""
        self._loop = loop
        self._unsubscribe = changes.subscribe(self._on_change)

    def stop(self) -> None:
        """Tell what is still held back, and listen no longer."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        pending, self._pending = self._pending, {}
        for change in pending.values():
            self._tell(change)

    def _on_change(self, change: Change) -> None:
        if change.change not in FREQUENT:
            # In the order of their revisions: first what was held back about this object.
            for key in [key for key in self._pending if key[:2] == (change.kind, change.id)]:
                self._tell(self._pending.pop(key))
            self._tell(change)
            return
        key = (change.kind, change.id, change.change)
        if key in self._timers:
            self._pending[key] = change
        else:
            self._tell(change)
            self._hold(key)

    def _hold(self, key: tuple[str, str, str]) -> None:
        assert self._loop is not None
        self._timers[key] = self._loop.call_later(INTERVAL, self._release, key)

    def _release(self, key: tuple[str, str, str]) -> None:
        del self._timers[key]
        change = self._pending.pop(key, None)
        if change is not None:
            self._tell(change)
            self._hold(key)

    def _tell(self, change: Change) -> None:
        data: dict[str, Any] = {
            _IDS[change.kind]: change.id,
            "change": change.change,
            "revision": change.revision,
            "after": self._told,
        }
        for field in _FIELDS[change.kind]:
            if field in change.data:
                data[field] = change.data[field]
        self._told = max(self._told, change.revision)
        try:
            self._event_logger.emit(schema_id=schema_id(change.kind), data=data)
        except Exception:  # noqa: BLE001 - the change is stored; a snapshot will show it
            self._log.exception("The event about %s %s could not be told", change.kind, change.id)
