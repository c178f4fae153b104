"""Moves pipeline runs on, on the server that leads: each step is stored before it is acted on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .loading import load
from .runner import Runner
from .storage import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from trackside_server.changes import Change, Changes

    from .ir.model import Pipeline
    from .launching import Launcher
    from .runner import Means
    from .specs import Specs

_TOLD = ("created", "state")
_TRY_AGAIN = 5.0


@dataclass(frozen=True)
class _Begun:
    runner: Runner
    life: asyncio.Task[None]


class Engine:
    """The runs that are not over, one runner each.

    Parameters
    ----------
    means
        What runners work with.
    launcher, specs, changes
        Collaborators.
    leads
        Whether this server is the one that does what only one may do.
    """

    def __init__(
        self,
        means: Means,
        launcher: Launcher,
        specs: Specs,
        changes: Changes,
        leads: Callable[[], bool],
    ) -> None:
        self._means = means
        self._ledger = means.ledger
        self._log = means.log
        self._launcher = launcher
        self._specs = specs
        self._changes = changes
        self._leads = leads
        self._runners: dict[str, _Begun] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Hear of runs that are created or wished something of, on this server or another one."""
        self._unsubscribe = self._changes.subscribe(self._on_change)

    def lead(self) -> None:
        """Take up all that is not over: this server leads now."""
        self._spawn(self._take_up_all())

    async def stop(self) -> None:
        """Let go; the jobs go on, and the next server goes on from what is stored."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        lives = [begun.life for begun in self._runners.values()]
        for task in (*lives, *self._errands):
            task.cancel()
        await asyncio.gather(*lives, *self._errands, return_exceptions=True)

    async def check(self, pipeline: Pipeline, python: str) -> None:
        """Refuse a pipeline of which a task cannot run here."""
        await self._launcher.check(pipeline, python)

    async def heed(self, run_id: str) -> None:
        """Do what is wished of a run, or begin it; return once that is stored.

        On a server that does not lead nothing happens: the one that does will hear of it.
        """
        if not self._leads():
            return
        async with self._opening.setdefault(run_id, asyncio.Lock()):
            begun = self._runners.get(run_id)
            if begun is None:
                begun = await self._open(run_id)
        if begun is not None:
            await begun.runner.heed()

    async def settled(self, run_id: str) -> None:
        """Wait until nothing more happens to a run by itself."""
        begun = self._runners.get(run_id)
        if begun is not None:
            await asyncio.wait([begun.life])

    async def _open(self, run_id: str) -> _Begun | None:
        loaded = await self._ledger.read(lambda connection: load(connection, run_id))
        if loaded is None or not loaded.is_unsettled:
            return None
        pipeline = await self._specs.pipeline(loaded.record.spec)
        runner = Runner(self._means, loaded, pipeline)
        begun = _Begun(runner, asyncio.create_task(self._live(run_id, runner)))
        self._runners[run_id] = begun
        return begun

    async def _live(self, run_id: str, runner: Runner) -> None:
        try:
            await runner.live()
        except Exception:  # noqa: BLE001 - logged
            self._log.exception("The pipeline run %s cannot go on before a restart", run_id)
        finally:
            self._runners.pop(run_id, None)
            self._opening.pop(run_id, None)

    async def _take_up_all(self) -> None:
        while True:
            try:
                found = await self._ledger.read(runs.unsettled)
                break
            except Exception:  # noqa: BLE001 - logged
                self._log.exception("The pipeline runs cannot be read for a moment")
                await asyncio.sleep(_TRY_AGAIN)
        for run_id in found:
            self._spawn(self._heed(run_id))

    def _on_change(self, change: Change) -> None:
        if change.kind != "pipeline_run" or change.change not in _TOLD or not self._leads():
            return
        begun = self._runners.get(change.id)
        if begun is None or begun.runner.record.revision < change.revision:
            self._spawn(self._heed(change.id))

    async def _heed(self, run_id: str) -> None:
        try:
            await self.heed(run_id)
        except Exception:  # noqa: BLE001 - logged
            self._log.exception("The pipeline run %s could not be taken up", run_id)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
