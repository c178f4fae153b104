"""A Jupyter server whose store is full of jobs on the cluster, and a page that is open on it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from bench.server import jupyter_server
from trackside_server.changes import Changes
from trackside_server.jobs import storage
from trackside_server.jobs.embedded import EmbeddedRuns
from trackside_server.jobs.ledger import Ledger
from trackside_server.store import Store
from trackside_server.tracking.service import Tracking

from .ground import say
from .objects import CREATED, CREATING, job_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bench.server import Server
    from trackside_server.jobs.ledger import Entry

    from .ground import Ground
    from .objects import Size

API = "trackside/api/v1"
# The server is at rest when it uses less than this share of a processor for so long.
_REST = 0.1
_CALM = 3.0
_PATIENCE = 300.0
_BATCH = 250


@contextlib.contextmanager
def empty(ground: Ground) -> Iterator[Server]:
    """Start a server that knows the cluster and has no jobs."""
    with tempfile.TemporaryDirectory() as name, _server(Path(name), ground) as server:
        yield server


@contextlib.contextmanager
def full(ground: Ground) -> Iterator[tuple[Server, float]]:
    """Start a server whose store has a job for each of those on the cluster.

    Returns
    -------
    Server, float
        The server at rest, and the seconds until it knew of each job how it is on the cluster.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _server(folder, ground) as server:
            # One that is only about to start cannot be ended politely.
            at_rest(server)
            (database,) = folder.rglob("trackside.db")
        asyncio.run(_fill(database.parent, ground.size))
        began = time.monotonic()
        with _server(folder, ground) as server:
            while not _caught_up(database):
                time.sleep(0.1)
            seconds = time.monotonic() - began
            at_rest(server)
            yield server, seconds


def _server(folder: Path, ground: Ground) -> contextlib.AbstractContextManager[Server]:
    # Where it looks by itself.
    (folder / ".kube").mkdir(exist_ok=True)
    shutil.copy(ground.kubeconfig, folder / ".kube" / "config")
    (folder / "train.py").write_text("print('loss=0.1')\n")
    return jupyter_server(folder)


async def _fill(root: Path, size: Size) -> None:
    log, changes = logging.getLogger("bench"), Changes()
    store = Store(root, log)
    store.open()
    try:
        tracking = Tracking(store, changes, root / "artifacts")
        runs = EmbeddedRuns(tracking)
        ledger = Ledger(store, runs, changes)
        experiment = (await runs.get_or_create_experiment("vision")).experiment_id
        for start in range(0, size.jobs, _BATCH):
            numbers = range(start, min(start + _BATCH, size.jobs))

            def work(entry: Entry, numbers: range = numbers) -> None:
                for number in numbers:
                    name = f"train-resnet-{number}"
                    run_id, _ = tracking_run(runs, entry, experiment, name)
                    job = job_of(number, size.pods_per_job, run_id=run_id, experiment_id=experiment)
                    entry.create(job, None, "")
                    storage.intend(entry.connection, job.job_id, job.attempt, CREATED)

            await ledger.write(work)
    finally:
        store.close()


def tracking_run(runs: EmbeddedRuns, entry: Entry, experiment: str, name: str) -> tuple[str, Any]:
    """Make the run of a job."""
    reserved: Any = None
    return runs.create_run_in(
        entry.connection,
        experiment,
        reserved=reserved,
        run_name=name,
        user_id="ada",
        start_time=CREATED,
        status="SCHEDULED",
        params={"lr": "0.0003", "epochs": "90", "batch_size": "256", "model": "resnet50"},
    )


def _caught_up(database: Path) -> bool:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        query = "SELECT COUNT(*) FROM jobs WHERE reason_code = ?"
        return not connection.execute(query, (CREATING.code,)).fetchone()[0]
    finally:
        connection.close()


def at_rest(server: Server) -> None:
    """Wait until the server does next to nothing."""
    began = time.monotonic()
    calm_since = None
    while time.monotonic() - began < _PATIENCE:
        before = server.cpu()
        time.sleep(0.5)
        if server.cpu() - before > 0.5 * _REST:
            calm_since = None
        elif calm_since is None:
            calm_since = time.monotonic() - 0.5
        elif time.monotonic() - calm_since > _CALM:
            return
    say("the server did not come to rest")


class Page:
    """What a page does: listens for events, and asks what changed when one has come.

    Parameters
    ----------
    server
        The server.

    Attributes
    ----------
    heard, shown
        By job, when its first event came, and when the answer with its change was there.
    """

    def __init__(self, server: Server) -> None:
        self.heard: dict[str, float] = {}
        self.shown: dict[str, float] = {}
        self._server = server
        self._client = AsyncHTTPClient()
        self._revision = 0
        self._ring = asyncio.Event()

    async def get(self, path: str) -> Any:
        """Ask the server."""
        headers = {"Authorization": f"token {self._server.token}"}
        address = f"{self._server.url}/{path}"
        answer = await self._client.fetch(address, headers=headers, request_timeout=60.0)
        return json.loads(answer.body)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Page]:
        """Listen meanwhile."""
        self._revision = (await self.get(f"{API}/changes"))["revision"]
        address = self._server.url.replace("http", "ws", 1) + "/api/events/subscribe"
        headers = {"Authorization": f"token {self._server.token}"}
        socket = await websocket_connect(HTTPRequest(address, headers=headers))
        tasks = [asyncio.create_task(self._listen(socket)), asyncio.create_task(self._ask())]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            socket.close()

    async def _listen(self, socket: Any) -> None:
        while (text := await socket.read_message()) is not None:
            job = json.loads(text).get("job_id")
            if job is not None:
                self.heard.setdefault(job, time.monotonic())
                self._ring.set()

    async def _ask(self) -> None:
        while True:
            await self._ring.wait()
            self._ring.clear()
            answer = await self.get(f"{API}/changes?since={self._revision}")
            self._revision = answer["revision"]
            for job in answer["jobs"]:
                self.shown.setdefault(job["job_id"], time.monotonic())
