"""Tells views what moved on the MLflow server, as far as it went through this one.

What others change there is not seen from here: views of it ask again from time to time.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlencode

import msgspec

from trackside_server.changes import Change
from trackside_server.errors import TracksideError
from trackside_server.tracking.entities import PARENT_TAG

from .outbox import KnownRun
from .wire import V2, run_of

if TYPE_CHECKING:
    import logging
    import sqlite3

    from trackside_server.changes import Changes
    from trackside_server.store import Store

    from .client import Client
    from .outbox import Outbox

# Many clients log many times a second; views are told once.
_GAP: Final = 1.0
_MOST: Final = 50
_MOST_BODY: Final = 4 * 1024 * 1024
_RUNS: Final = re.compile(r"/(?:api|ajax-api)/2\.0/mlflow/runs/([\w-]+)")
_FILES: Final = re.compile(r"/mlflow-artifacts/artifacts/(?:.*/)?([0-9a-f]{32})/artifacts/")
_METRICS: Final = frozenset({"log-metric", "log-batch"})
_READS: Final = frozenset({"search", "get"})
_STATES: Final = frozenset({"update", "delete", "restore", "create"})


class _Named(msgspec.Struct):
    run_id: str = ""
    run_uuid: str = ""
    experiment_id: str = ""


_named = msgspec.json.Decoder(_Named)


class News:
    """Collects what moved and tells it together.

    Parameters
    ----------
    store, changes, client, outbox, log
        Collaborators.
    """

    def __init__(
        self,
        store: Store,
        changes: Changes,
        client: Client,
        outbox: Outbox,
        log: logging.Logger,
    ) -> None:
        self._store = store
        self._changes = changes
        self._client = client
        self._outbox = outbox
        self._log = log
        self._moved: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None

    def passed(self, path: str, body: bytes) -> None:
        """Note a change that a client made through this server."""
        run_id, change = _change(path, body)
        if run_id:
            self.moved(run_id, change)

    def moved(self, run_id: str, change: str) -> None:
        """Note that a run moved."""
        if self._moved.get(run_id) != "state":
            self._moved[run_id] = change
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._tell())

    async def stop(self) -> None:
        """Tell nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def tell(self, run: KnownRun, change: str, revision: int) -> None:
        """Tell, after the commit, that a run moved to a revision."""
        run_id = run.remote_id or run.run_id
        data = {"run_id": run_id, "experiment_id": run.experiment_id, "status": run.status}
        self._changes.publish(Change("run", run_id, change, revision, data))

    async def _tell(self) -> None:
        while self._moved:
            await asyncio.sleep(_GAP)
            # More than anybody looks at: the next question of a view finds the rest.
            moved = dict(list(self._moved.items())[:_MOST])
            self._moved.clear()
            for run_id, change in moved.items():
                try:
                    await self._one(run_id, change)
                except TracksideError as error:  # noqa: PERF203 - each round takes a second anyway
                    self._log.debug("Run %s moved and cannot be told of: %s", run_id, error)

    async def _one(self, run_id: str, change: str) -> None:
        known = await self._store.read(lambda connection: self._outbox.run(connection, run_id))
        asked: KnownRun | None = None
        if known is None or change == "state":
            query = urlencode({"run_id": run_id})
            found = await self._client.json("GET", f"{V2}/runs/get", query=query, timeout=10.0)
            run = run_of(found.get("run") or {})
            parent = run.tag_map.get(PARENT_TAG)
            info = run.info
            asked = KnownRun(
                run_id, run_id, info.experiment_id, parent, info.artifact_uri, info.status
            )
        revision = 0
        now: KnownRun | None = None

        def work(connection: sqlite3.Connection) -> None:
            nonlocal revision, now
            revision = self._store.next_revision()
            if asked is not None:
                self._outbox.know(connection, asked, revision)
            # Not what was read before: a delivery may have changed the state meanwhile.
            now = self._outbox.moved(connection, run_id, revision)

        await self._store.write(work)
        if now is not None:
            self.tell(now, change, revision)


def _change(path: str, body: bytes) -> tuple[str, str]:
    """Say which run a request changed, and how; an empty id when it changed none."""
    file = _FILES.search(unquote(path))
    if file:
        return file[1], "artifacts"
    match = _RUNS.fullmatch(path)
    if match is None or match[1] in _READS or len(body) > _MOST_BODY:
        return "", ""
    try:
        named = _named.decode(body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return "", ""
    run_id = named.run_id or named.run_uuid
    if match[1] in _METRICS:
        return run_id, "metrics"
    return run_id, "state" if match[1] in _STATES else "data"
