"""The bus inside the process: what changed, told to whoever listens.

Services publish from any thread *after* their transaction is committed; listeners run on the event
loop, in the order of publication. What leaves the process is built on it in ``events.py``.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from types import TracebackType

Kind = Literal["job", "run", "experiment", "model", "pipeline_run", "pipeline", "recurring_run"]
Listener = Callable[["Change"], None]

_log = logging.getLogger(__name__)


class Change(Struct, frozen=True):
    """One thing that moved to a new revision.

    Attributes
    ----------
    kind, id
        Which thing.
    change
        What happened: ``created``, ``state``, ``metrics``, ``deleted`` … as in the event schemas.
    revision
        The revision the thing has now.
    data
        The further fields of the event: name, state, run_id, experiment_id, status.
    """

    kind: Kind
    id: str
    change: str
    revision: int
    data: Mapping[str, Any] = field(default_factory=dict)


class Changes:
    """Delivers changes to listeners on the event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._early: list[Change] = []
        self._listeners: list[Listener] = []

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Deliver on this loop from now on, first what was published before there was one.

        To be called on the thread of the loop.
        """
        with self._lock:
            self._loop = loop
            self._thread = threading.get_ident()
            early, self._early = self._early, []
        for change in early:
            self.publish(change)

    def unbind(self) -> None:
        """Stop delivering: the loop is about to end."""
        with self._lock:
            self._loop = None
            self._thread = 0

    def publish(self, change: Change) -> None:
        """Tell the listeners about a committed change. Callable from any thread."""
        with self._lock:
            if self._loop is None or self._loop.is_closed():
                self._early.append(change)
                # Nobody can have seen these; the snapshot that every view starts from holds them.
                del self._early[:-1000]
                return
            # The loop need not be woken by its own thread; to ask for the running loop costs a call
            # of the system.
            if self._thread == threading.get_ident():
                self._loop.call_soon(self._deliver, change)
            else:
                self._loop.call_soon_threadsafe(self._deliver, change)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` for each change; the returned function ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def watch(self, match: Callable[[Change], bool]) -> Watch:
        """Listen for the first matching change from now on.

        Use it as a context manager around the check of the present state, so that a change between
        the check and the waiting is not missed.
        """
        return Watch(self, match)

    async def wait(self, match: Callable[[Change], bool], timeout: float) -> bool:
        """Wait for a matching change; False when none came in time."""
        with self.watch(match) as watch:
            return await watch.wait(timeout)

    def _deliver(self, change: Change) -> None:
        for listener in list(self._listeners):
            try:
                listener(change)
            except Exception:  # noqa: BLE001, PERF203 - one broken listener must not stop the others
                _log.exception("A listener failed on %s %s", change.kind, change.change)


class Watch:
    """Waits for one matching change; made by `Changes.watch`."""

    def __init__(self, changes: Changes, match: Callable[[Change], bool]) -> None:
        self._changes = changes
        self._match = match
        self._seen = asyncio.Event()
        self._unsubscribe: Callable[[], None] | None = None

    def __enter__(self) -> Watch:  # noqa: PYI034 - typing.Self needs Python 3.11
        self._unsubscribe = self._changes.subscribe(self._listen)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _listen(self, change: Change) -> None:
        if self._match(change):
            self._seen.set()

    async def wait(self, timeout: float) -> bool:
        """Wait for the change; False when none came in time."""
        try:
            await asyncio.wait_for(self._seen.wait(), timeout)
        except asyncio.TimeoutError:
            return False
        return True
