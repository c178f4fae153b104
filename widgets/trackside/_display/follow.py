"""News about jobs and runs, for displays and widgets: one quiet thread for the whole kernel.

The thread lives while a followed job is unfinished or somebody watches the runs. It asks the server
what changed, waits there for the answer, and never lets an error reach the user's code: a server
that is away is asked again, less and less often.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from trackside._client import segment
from trackside._errors import TracksideError
from trackside._job import ENDED

if TYPE_CHECKING:
    from trackside._client import Client

Summary = Mapping[str, Any]
Listener = Callable[[Summary], None]
Watcher = Callable[[Mapping[str, Any]], None]

_WAIT = 20
_PAUSE = 1.0
_LONGEST_PAUSE = 30.0


class Follower:
    """Tells listeners how their jobs go on until these have ended, and watchers what runs moved.

    Parameters
    ----------
    client
        The server that the jobs are on.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        # One for each job, held while its listeners are told. One of them may wait for it itself.
        self._telling: WeakValueDictionary[str, threading.RLock] = WeakValueDictionary()
        self._listeners: dict[str, list[Listener]] = {}
        self._watchers: list[Watcher] = []
        self._known: dict[str, int] = {}
        self._since = 0
        self._thread: threading.Thread | None = None

    def follow(self, job: Summary, listener: Listener) -> None:
        """Call a listener, on the thread, with each newer summary of a job up to its last."""
        if job["state"] in ENDED:
            return
        job_id, revision = str(job["job_id"]), int(job.get("revision") or 0)
        with self._lock:
            self._listeners.setdefault(job_id, []).append(listener)
            self._known[job_id] = min(revision, self._known.get(job_id, revision))
            alive = self._thread is not None and self._thread.is_alive()
            self._since = min(self._since, revision) if alive else min(self._known.values())
            if not alive:
                self._start()

    def watch(self, watcher: Watcher) -> None:
        """Call a watcher, on the thread, with each answer of the server in which runs moved."""
        with self._lock:
            self._watchers.append(watcher)
            if self._thread is None or not self._thread.is_alive():
                # From a fresh start, which tells where the server is now.
                self._since = 0
                self._start()

    def unwatch(self, watcher: Watcher) -> None:
        """Do not call a watcher any more."""
        with self._lock, suppress(ValueError):
            self._watchers.remove(watcher)

    def forget(self, listener: Listener) -> None:
        """Do not call a listener any more."""
        with self._lock:
            for job_id, listeners in list(self._listeners.items()):
                if listener in listeners:
                    listeners.remove(listener)
                if not listeners:
                    self._drop(job_id)

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="trackside-follow", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        pause = _PAUSE
        while True:
            with self._lock:
                if not self._listeners and not self._watchers:
                    self._thread = None
                    return
                since = self._since
            asked = time.monotonic()
            try:
                self._take(since)
                pause = _PAUSE
            except Exception:  # noqa: BLE001  (nothing here is worth disturbing the user's code)
                pause = min(2 * pause, _LONGEST_PAUSE)
            # A busy server always has news; more than one picture a second helps nobody.
            time.sleep(max(0.0, pause - (time.monotonic() - asked)))

    def _take(self, since: int) -> None:
        changes = self._client.api(
            "GET", "changes", query={"since": since, "wait": _WAIT}, timeout=_WAIT + 15
        )
        for job in changes["jobs"]:
            self.tell(job)
        if changes.get("reset"):
            self._ask_for_each()
        with self._lock:
            for gone in changes.get("deleted") or ():
                if gone["kind"] == "job":
                    self._drop(gone["id"])
            # A job that was added meanwhile may need an older beginning.
            if self._since == since:
                self._since = int(changes["revision"])
            watchers = list(self._watchers)
        if changes.get("reset") or changes.get("runs") or changes.get("deleted"):
            for watcher in watchers:
                with suppress(Exception):
                    watcher(changes)

    def _ask_for_each(self) -> None:
        with self._lock:
            job_ids = list(self._listeners)
        for job_id in job_ids:
            self._ask_for(job_id)

    def _ask_for(self, job_id: str) -> None:
        try:
            self.tell(self._client.api("GET", f"jobs/{segment(job_id)}"))
        except TracksideError as error:
            if error.status != 404:
                raise
            with self._lock:
                self._drop(job_id)

    def tell(self, job: Summary) -> None:
        """Tell the listeners of a job what is new: asked for here, or heard by somebody else.

        When it returns they know, also where another thread heard of it first.
        """
        job_id, revision = str(job["job_id"]), int(job["revision"])
        with self._lock:
            telling = self._telling.setdefault(job_id, threading.RLock())
        with telling:
            with self._lock:
                listeners = list(self._listeners.get(job_id, ()))
                if not listeners or revision <= self._known[job_id]:
                    return
                self._known[job_id] = revision
                if job["state"] in ENDED:
                    self._drop(job_id)
            for listener in listeners:
                with suppress(Exception):
                    listener(job)

    def _drop(self, job_id: str) -> None:
        self._listeners.pop(job_id, None)
        self._known.pop(job_id, None)


_followers: dict[str, Follower] = {}
_lock = threading.Lock()


def follower(client: Client) -> Follower:
    """Return the follower of a server."""
    with _lock:
        return _followers.setdefault(client.url, Follower(client))


def _begin_anew() -> None:
    """Leave the outputs to the parent: in a forked child nobody would let go of what is held."""
    global _lock
    _lock = threading.Lock()
    _followers.clear()


os.register_at_fork(after_in_child=_begin_anew)


def tell(client: Client, job: Summary) -> None:
    """Tell the outputs of a job what is known of it, when there are any."""
    with _lock:
        found = _followers.get(client.url)
    if found is not None:
        found.tell(job)
