"""A pipeline run from when it is taken up until nothing more happens to it by itself."""

from __future__ import annotations

import asyncio
import contextlib
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from .bell import Bell
from .giving_up import give_up
from .loading import load
from .machine.events import Terminate
from .patience import TRY_AGAIN, is_temporary
from .runner import Runner
from .storage import runs

if TYPE_CHECKING:
    from .launching import Launcher
    from .runner import Tools
    from .specs import Specs

# So often it is read anew after an error that should not be, before it is given up.
_MOST_DEATHS: Final = 3


class Life:
    """One run that is not over, or of which something is wished.

    Parameters
    ----------
    run_id
        The run.
    tools, specs, launcher
        Collaborators.

    Attributes
    ----------
    bell
        Rung when something is wished of the run.
    """

    def __init__(self, run_id: str, tools: Tools, specs: Specs, launcher: Launcher) -> None:
        self.bell = Bell()
        self._run_id = run_id
        self._tools = tools
        self._specs = specs
        self._launcher = launcher
        self._runner: Runner | None = None

    @property
    def revision(self) -> int:
        """Up to where the run is known here."""
        return -1 if self._runner is None else self._runner.record.revision

    async def stop_unstored(self) -> None:
        """Stop what a terminate stops, and let that happen when the store has room again."""
        event = Terminate(time.time())
        self.bell.unstored.append(event)
        # One that is only now being read finds it.
        if self._runner is not None:
            await self._runner.stop_unstored(event)

    async def live(self) -> None:
        """Go on from where the run is to its end; again, when something is wished of it then."""
        deaths = 0
        while True:
            try:
                if not await self._is_unsettled():
                    return
                await self._go_on()
            except Exception as error:  # noqa: PERF203 - each round takes seconds anyway
                self._tools.log.exception("The pipeline run %s has to be read anew", self._run_id)
                deaths += not is_temporary(error)
                if deaths >= _MOST_DEATHS:
                    if not await self._give_up(error):
                        return
                    deaths = 0
                else:
                    await asyncio.sleep(TRY_AGAIN)

    async def _is_unsettled(self) -> bool:
        """Ask until nobody rings meanwhile: nothing that is wished now stays unheard."""
        while True:
            times = self.bell.times
            if await self._tools.ledger.read(lambda c: runs.is_unsettled(c, self._run_id)):
                return True
            if self.bell.times == times:
                return False

    async def _go_on(self) -> None:
        loaded = await self._tools.ledger.read(lambda c: load(c, self._run_id))
        if loaded is None:
            return
        pipeline = await self._specs.pipeline(loaded.record.spec)
        self._runner = Runner(self._tools, loaded, pipeline, self.bell)
        # Who deleted it needs nothing more of it.
        with contextlib.suppress(runs.GoneError):
            await self._runner.live()

    async def _give_up(self, error: Exception) -> bool:
        """Let the run fail, and stop its jobs; False when not even that can be stored."""
        tools = self._tools
        work = partial(
            give_up, parents=tools.parents, run_id=self._run_id, error=error, at=time.time()
        )
        try:
            for job_id in await tools.ledger.write(work):
                await self._launcher.cancel(job_id)
        except Exception:
            tools.log.exception("The pipeline run %s waits for a restart", self._run_id)
            return False
        return True
