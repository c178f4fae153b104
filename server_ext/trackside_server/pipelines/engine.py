"""Moves pipeline runs on, on the server that leads: each step is stored before it is acted on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from .life import Life
from .patience import TRY_AGAIN
from .storage import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from trackside_server.changes import Change, Changes

    from .executor.whereabouts import On
    from .ir.model import Pipeline
    from .launching import Launcher
    from .runner import Tools
    from .specs import Specs

_TOLD: Final = ("created", "state")
# Longer than a step takes; what is wished is stored, and is done when the disk lets it be.
_PATIENCE: Final = 10.0


class Engine:
    """The runs that are not over, one life each.

    Parameters
    ----------
    tools
        What runners work with.
    launcher, specs, changes
        Collaborators.
    leads
        Whether this server is the one that does what only one may do.
    """

    def __init__(
        self,
        tools: Tools,
        launcher: Launcher,
        specs: Specs,
        changes: Changes,
        leads: Callable[[], bool],
    ) -> None:
        self._tools = tools
        self._ledger = tools.ledger
        self._log = tools.log
        self._launcher = launcher
        self._specs = specs
        self._changes = changes
        self._leads = leads
        self._lives: dict[str, Life] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] | None = None
        self._stopped = False

    def start(self) -> None:
        """Hear of runs that are created or wished something of, on this server or another one."""
        self._unsubscribe = self._changes.subscribe(self._on_change)

    def lead(self) -> None:
        """Take up all that is not over: this server leads now."""
        # The server may begin to lead in the moment in which it ends.
        if not self._stopped:
            self._spawn(self._take_up_all())

    async def stop(self) -> None:
        """Let go; the jobs go on, and the next server goes on from what is stored."""
        self._stopped = True
        if self._unsubscribe is not None:
            self._unsubscribe()
        for task in self._errands:
            task.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    async def check(self, pipeline: Pipeline, python: str, on: On) -> None:
        """Refuse a pipeline of which a task cannot run where it would."""
        await self._launcher.check(pipeline, python, on)

    async def heed(self, run_id: str) -> None:
        """Do what is wished of a run, or begin it; return once that is stored.

        On a server that does not lead nothing happens: the one that does will hear of it.
        """
        if self._stopped or not self._leads():
            return
        if run_id not in self._lives and not await self._ledger.read(
            lambda connection: runs.is_unsettled(connection, run_id)
        ):
            return
        # Another one may have been faster.
        life = self._lives.get(run_id) or self._begin(run_id)
        await life.bell.ring(_PATIENCE)

    async def stop_unstored(self, run_id: str) -> bool:
        """Stop a run for whose end the store has no room, as far as that goes without.

        Returns
        -------
        bool
            False on a server that does not lead: the one that does hears by the store alone.
        """
        if self._stopped or not self._leads():
            return False
        life = self._lives.get(run_id) or self._begin(run_id)
        await life.stop_unstored()
        return True

    def is_stopped_unstored(self, run_id: str) -> bool:
        """Say whether a run is being stopped of which that is not stored yet."""
        life = self._lives.get(run_id)
        return life is not None and bool(life.bell.unstored)

    def _begin(self, run_id: str) -> Life:
        life = Life(run_id, self._tools, self._specs, self._launcher)
        self._lives[run_id] = life
        self._spawn(self._live(run_id, life))
        return life

    async def _live(self, run_id: str, life: Life) -> None:
        try:
            await life.live()
        finally:
            del self._lives[run_id]
            life.bell.close()

    async def _take_up_all(self) -> None:
        while True:
            try:
                found = await self._ledger.read(runs.unsettled)
                break
            except Exception:  # noqa: BLE001 - logged
                self._log.exception("The pipeline runs cannot be read for a moment")
                await asyncio.sleep(TRY_AGAIN)
        for run_id in found:
            self._spawn(self._heed(run_id))

    def _on_change(self, change: Change) -> None:
        if change.kind != "pipeline_run" or change.change not in _TOLD or not self._leads():
            return
        life = self._lives.get(change.id)
        if life is None or life.revision < change.revision:
            self._spawn(self._heed(change.id))

    async def _heed(self, run_id: str) -> None:
        while True:
            try:
                return await self.heed(run_id)
            except Exception:  # noqa: BLE001, PERF203 - logged, and each round takes seconds
                self._log.exception("The pipeline run %s cannot be taken up for a moment", run_id)
                await asyncio.sleep(TRY_AGAIN)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
