"""Sends what is in the spool to the server, and goes on trying while the server is away."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

from trackside._logging.lane import is_relayed
from trackside._logging.say import say_once
from trackside._logging.spool import left_behind

if TYPE_CHECKING:
    from pathlib import Path

    from trackside._logging.creation import Created
    from trackside._logging.delivery import Delivery
    from trackside._logging.pipeline import Pipeline
    from trackside._logging.spool import SpoolFile

# The server hears from one process about ten times a second at most.
INTERVAL = 0.1
_CHUNK = 256 * 1024
_FIRST_DELAY = 0.25
_MAX_DELAY = 10.0
_LOAD_SECONDS = 5.0
# How often to look for what dead processes left behind.
_SEARCH_SECONDS = 30.0


class Sender:
    """The sending thread.

    Parameters
    ----------
    pipeline
        Where the records come from.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._delivery: Delivery | None = None
        self._orphans: list[SpoolFile] = []
        # Files of other servers, or whose records this one does not know.
        self._foreign: set[Path] = set()
        self._checked: SpoolFile | None = None
        self._searched = -_SEARCH_SECONDS
        self._state = threading.Condition()
        self._news = False
        self._urgent = False
        self._stopping = False
        self._failures = 0
        self._thread: threading.Thread | None = None
        self._loaded = threading.Event()

    def made(self, name: str) -> Created | None:
        """Return the run that the server made for a name, once it has."""
        return self._delivery.made(name) if self._delivery is not None else None

    def start(self) -> None:
        """Start the thread, where sending is this process's own business."""
        if is_relayed():
            return
        self._thread = threading.Thread(target=self._run, name="trackside-sender", daemon=True)
        self._thread.start()

    def before_fork(self) -> None:
        """Let the thread finish loading: a module that is half loaded stays so in a child."""
        if self._thread is not None:
            self._loaded.wait(_LOAD_SECONDS)

    def wake(self) -> None:
        """There is something to send."""
        with self._state:
            self._news = True
            self._state.notify_all()

    def hurry(self, deadline: float) -> bool:
        """Wait until everything has arrived; give up when the server does not answer now."""
        with self._state:
            failures = self._failures
            while self._pipeline.pending:
                self._urgent = self._news = True
                self._state.notify_all()
                left = deadline - time.monotonic()
                if left <= 0 or self._failures > failures or self._thread is None:
                    return False
                self._state.wait(min(left, 0.05))
        return True

    def stop(self) -> None:
        """End the thread, without waiting for an answer that is under way."""
        with self._state:
            self._stopping = True
            self._state.notify_all()
        for orphan in self._orphans:
            orphan.close(remove=not orphan.pending)

    def _run(self) -> None:
        # Here and not above: the HTTP client takes a moment to load, and `log` does not wait.
        from trackside._logging.delivery import Away, Delivery

        # Looking up the first host name loads this one; a fork in that moment would leave it half
        # loaded in the child.
        "localhost".encode("idna")
        self._loaded.set()
        delivery = self._delivery = Delivery(self._pipeline.folder)
        delay = 0.0
        while True:
            with self._state:
                while not (self._news or self._stopping):
                    self._state.wait()
                self._news = False
                if self._stopping:
                    return
            try:
                more = self._send_some(delivery)
            except Away as away:
                say_once("away", f"{away} What is logged waits on the disk and is sent later.")
                delay = min(max(2 * delay, _FIRST_DELAY), _MAX_DELAY)
                self._failed()
                self._wait(delay * random.uniform(0.8, 1.2))  # noqa: S311 - spreads retries
                self.wake()
            except Exception as error:  # noqa: BLE001 - a bug here must not end the thread
                say_once("sender", f"Something that was logged cannot be sent: {error!r}.")
                self._failed()
                self._wait(_MAX_DELAY)
            else:
                delay = 0.0
                if more:
                    self.wake()
                self._pipeline.rotate()
                self._wait(INTERVAL)

    def _failed(self) -> None:
        with self._state:
            self._failures += 1
            self._urgent = False
            self._state.notify_all()

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        with self._state:
            self._state.notify_all()
            while not (self._urgent or self._stopping):
                left = deadline - time.monotonic()
                if left <= 0:
                    return
                self._state.wait(left)
            if not self._pipeline.pending:
                self._urgent = False

    def _send_some(self, delivery: Delivery) -> bool:
        """Send about a chunk; return whether there is more."""
        pipeline = self._pipeline
        spool = pipeline.spool
        if spool is not None and spool.pending:
            _send_file(delivery, spool)
            return True
        if pipeline.overflow:
            data = pipeline.overflow[0]
            for _ in delivery.send(data):
                pass
            with pipeline.lock:
                if pipeline.overflow and pipeline.overflow[0] is data:
                    pipeline.overflow.popleft()
                    pipeline.taken_from_overflow(len(data))
            return True
        return self._send_orphans(delivery)

    def _send_orphans(self, delivery: Delivery) -> bool:
        now = time.monotonic()
        if not self._orphans and now - self._searched > _SEARCH_SECONDS:
            self._searched = now
            own = self._pipeline.spool
            ours = self._foreign | ({own.path} if own else set())
            self._orphans = left_behind(self._pipeline.folder(), ours)
        if not self._orphans:
            return False
        orphan = self._orphans[0]
        if orphan.pending and orphan is not self._checked:
            if delivery.knows(orphan):
                self._checked = orphan
            else:
                self._foreign.add(orphan.path)
        if orphan.pending and orphan is self._checked:
            _send_file(delivery, orphan)
        else:
            orphan.close(remove=not orphan.pending)
            self._orphans.pop(0)
        return bool(self._orphans)


def _send_file(delivery: Delivery, spool: SpoolFile) -> None:
    for count in delivery.send(spool.read(_CHUNK)):
        spool.acknowledge(count)
