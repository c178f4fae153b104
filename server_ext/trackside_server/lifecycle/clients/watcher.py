"""Closes the runs whose client is gone: no run stays RUNNING for ever."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from trackside_server.errors import NotFound, TracksideError
from trackside_server.lifecycle.storage import open_runs
from trackside_server.tracking.base import now_ms
from trackside_server.tracking.entities import REASON_CODE_TAG, REASON_MESSAGE_TAG
from trackside_server.tracking.storage import clients as table
from trackside_server.tracking.storage import runs as runs_table

from .peers import process_of
from .record import Client
from .verdict import judge, silent

if TYPE_CHECKING:
    import logging
    import sqlite3
    from collections.abc import Callable, Sequence

    from trackside_server.changes import Change
    from trackside_server.lifecycle.storage.open_runs import OpenRun
    from trackside_server.tracking.service import Tracking

    from .kernels import KernelSource
    from .peers import Peer
    from .verdict import Verdict

_MOST = 10_000
_SILENCE_EVERY = 60.0
_HOUR_MS = 3600 * 1000


class Watcher:
    """Looks after runs that no job started.

    Parameters
    ----------
    tracking
        Keeps the runs.
    kernels
        What Jupyter knows of its kernels.
    log
        Told of every run that is closed.
    found
        Called with a run and the folder in which its client works.
    seconds
        How often it looks; a client has to be gone twice before its run is closed.
    silent_hours
        How long nothing may be heard of a client that cannot be seen; 0 for as long as it likes.
    """

    def __init__(
        self,
        tracking: Tracking,
        kernels: KernelSource,
        log: logging.Logger,
        *,
        found: Callable[[str, str], None],
        seconds: float,
        silent_hours: float,
    ) -> None:
        self._tracking = tracking
        self._kernels = kernels
        self._log = log
        self._found = found
        self._seconds = seconds
        self._silent_hours = silent_hours
        self._up_since = 0.0
        # When the client of a run was seen alive last, and what the run was when it was gone.
        self._alive: dict[int, int] = {}
        self._gone: dict[int, int] = {}
        self._silence_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Look no longer."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    def started(self, run_id: str, told: str | None, peer: Peer | None) -> None:
        """Note who logs a run from now on, as far as that can be known; nobody waits for it.

        Parameters
        ----------
        run_id
            The run, which its client made or took up again.
        told
            What the client tells about itself.
        peer
            The other end of its connection.
        """
        if told is None and peer is None:
            return
        task = asyncio.get_running_loop().create_task(self._note(run_id, told, peer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _note(self, run_id: str, told: str | None, peer: Peer | None) -> None:
        try:
            client = Client.read(told)
            if client is None and peer is not None:
                pid = await asyncio.to_thread(process_of, peer)
                client = Client.here(pid, self._kernels.find(pid)) if pid is not None else None
            if client is None:
                return
            known = client.known_start()
            if known.kernel_id is not None:
                self._kernels.watch(known.kernel_id)

            def work(connection: sqlite3.Connection) -> None:
                row = runs_table.row(connection, run_id)
                table.note(connection, row["id"], known.text)

            await self._tracking.store.write(work)
            if known.cwd is not None and known.is_here:
                self._found(run_id, known.cwd)
        except NotFound:
            pass  # deleted for ever meanwhile
        except Exception:  # noqa: BLE001 - the run goes on without
            self._log.exception("It is not known who logs run %s", run_id)

    async def _run(self) -> None:
        self._up_since = await asyncio.to_thread(_up_since)
        while True:
            try:
                await self.look()
            except TracksideError as error:
                self._log.warning("Runs of dead clients cannot be closed yet: %s", error)
            except Exception:  # noqa: BLE001 - told, and tried again
                self._log.exception("Runs of dead clients could not be closed")
            await asyncio.sleep(self._seconds)

    async def look(self) -> None:
        """Look once."""
        known = await self._tracking.read(
            lambda connection: open_runs.with_client(connection, _MOST)
        )
        verdicts = self._judged(known, await asyncio.to_thread(_seen, known))
        for run, verdict in verdicts:
            await self._close(run, verdict)
        if self._silent_hours and time.monotonic() >= self._silence_at:
            self._silence_at = time.monotonic() + _SILENCE_EVERY
            await self._close_silent()

    def _judged(
        self, runs: Sequence[OpenRun], clients: Sequence[tuple[Client, bool] | None]
    ) -> list[tuple[OpenRun, Verdict]]:
        now = now_ms()
        gone: dict[int, int] = {}
        found = []
        for run, seen in zip(runs, clients, strict=True):
            if seen is None:
                continue
            client, lives = seen
            if client.kernel_id is not None:
                self._kernels.watch(client.kernel_id)
            verdict = judge(
                client,
                self._kernels,
                lives=lives,
                last_sign=run.last_sign / 1000,
                up_since=self._up_since,
            )
            if verdict is None:
                if client.is_here:
                    self._alive[run.number] = now
                continue
            gone[run.number] = run.revision
            # Whoever goes on with the run, or sends what was kept on a disk, is let finish.
            if self._gone.get(run.number) == run.revision:
                found.append((run, verdict))
        self._gone = gone
        open_now = {run.number for run in runs}
        self._alive = {run: at for run, at in self._alive.items() if run in open_now}
        return found

    async def _close_silent(self) -> None:
        before = (now_ms() - int(self._silent_hours * _HOUR_MS)) * 1000
        runs = await self._tracking.read(
            lambda connection: open_runs.silent_since(connection, before, _MOST)
        )
        verdict = silent(self._silent_hours)
        for run in runs:
            client = Client.read(run.client)
            # Of a process on this machine it is known that it lives.
            if client is None or not client.is_here:
                await self._close(run, verdict)

    async def _close(self, run: OpenRun, verdict: Verdict) -> None:
        end = max(run.start_time, run.last_sign, self._alive.get(run.number, 0))

        def work(connection: sqlite3.Connection) -> Change | None:
            if not open_runs.unchanged(connection, run) or open_runs.of_a_job(
                connection, run.run_id
            ):
                return None
            change = self._tracking.update_run_in(
                connection,
                run.run_id,
                status=verdict.status,
                end_time=end,
                tags={REASON_CODE_TAG: verdict.code, REASON_MESSAGE_TAG: verdict.message},
            )
            table.note_closed(connection, run.number, now_ms())
            return change

        change = await self._tracking.store.write(work)
        if change is not None:
            self._tracking.changes.publish(change)
            self._log.info("Run %s is closed: %s", run.run_id, verdict.message)


def _seen(runs: Sequence[OpenRun]) -> list[tuple[Client, bool] | None]:
    """Read who logs each run, and look whether the process is there."""
    looked: dict[str | None, tuple[Client, bool] | None] = {}
    for run in runs:
        if run.client not in looked:
            client = Client.read(run.client)
            looked[run.client] = None if client is None else (client, client.lives)
    return [looked[run.client] for run in runs]


def _up_since() -> float:
    """Tell since when this machine, or this container, is up."""
    import psutil

    try:
        return float(psutil.Process(1).create_time())
    except (psutil.Error, OSError):
        return float(psutil.boot_time())
