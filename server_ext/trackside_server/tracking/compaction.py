"""The thread that makes stored points small and quick to read, while nobody waits for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from trackside_server.errors import TracksideError
from trackside_server.store.leadership import Leadership

from .storage.points import Compactor

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from trackside_server.changes import Change, Changes
    from trackside_server.store import Store

# Between two steps, for those who do have to be quick.
_PAUSE = 0.002
# After news, for more of them to come.
_SOON = 0.5
# While batches wait for their run to become quiet, or another server of this store is at it.
_LATER = 2.0
_AFTER_TROUBLE = 60.0
_LOCK = "compaction.lock"


class _StopError(Exception):
    """The server is shutting down."""


class Compaction:
    """Seals and merges points in the background, one server of a store at a time.

    Two at once would lose nothing, but each would undo the merges that the other one has begun, for
    ever where a long curve is merged.

    Parameters
    ----------
    store
        The store.
    changes
        Tells when there is something to do.
    log
        Told about what went wrong.
    """

    def __init__(self, store: Store, changes: Changes, log: logging.Logger) -> None:
        self._store = store
        self._changes = changes
        self._log = log
        # Held while there is work only: each server hears of what itself has written.
        self._turn = Leadership(store.root, _LOCK)
        self._news = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin with what there is from before."""
        self._unsubscribe = self._changes.subscribe(self._hear)
        self._news.set()
        self._thread = threading.Thread(target=self._run, name="trackside-compaction", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the step at hand; what is left is done after the next start."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._stop.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join()

    def _hear(self, change: Change) -> None:
        if change.kind == "run" and not self._news.is_set():
            self._news.set()

    def _run(self) -> None:
        compactor = Compactor(self._store, self._pause)
        is_mine = True
        while not self._stop.is_set():
            self._news.wait(_LATER if compactor.waits or not is_mine else None)
            self._news.clear()
            if self._stop.wait(_SOON):
                return
            try:
                is_mine = self._turn.try_to_take()
                while is_mine and compactor.work():
                    self._pause()
            except _StopError:
                return
            except TracksideError as error:
                self._log.warning("Points could not be compacted: %s", error)
                self._stop.wait(_AFTER_TROUBLE)
            except Exception:  # noqa: BLE001 - logged with its traceback
                # Everything is read as it is, so this must never end the server.
                self._log.exception("Points could not be compacted.")
                self._stop.wait(_AFTER_TROUBLE)
            finally:
                self._turn.give_up()

    def _pause(self) -> None:
        if self._stop.wait(_PAUSE):
            raise _StopError
