"""Those who set out in an order arrive in it, though some are faster on their way."""

from __future__ import annotations

import asyncio
import time


class Procession:
    """The attempts of each run on their way to where they have to come in order.

    Parameters
    ----------
    patience
        The seconds for which those are waited for who are long in coming; None for as long as they
        take.
    """

    def __init__(self, patience: float | None) -> None:
        self._patience = patience
        self._last: dict[str, Walker] = {}

    def join(self, run_id: str) -> Walker:
        """Set out behind all of the run who are on their way."""
        walker = Walker(self._last, run_id, self._patience)
        self._last[run_id] = walker
        return walker


class Walker:
    """One of them.

    Parameters
    ----------
    last
        Who walks behind all others of each run.
    run_id
        The run.
    patience
        As for the procession.
    """

    def __init__(self, last: dict[str, Walker], run_id: str, patience: float | None) -> None:
        self._last = last
        self._run_id = run_id
        self._patience = patience
        self._left: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._behind: Walker | None = None
        self._before = last.get(run_id)
        if self._before is not None:
            self._before._behind = self  # noqa: SLF001

    async def arrive(self) -> None:
        """Wait until all in front have left."""
        deadline = None if self._patience is None else time.monotonic() + self._patience
        while self._before is not None:
            time_left = None if deadline is None else deadline - time.monotonic()
            if time_left is not None and time_left <= 0:
                return
            await asyncio.wait([self._before._left], timeout=time_left)  # noqa: SLF001

    def leave(self) -> None:
        """Let nobody wait for this one any more."""
        if self._left.done():
            return
        self._left.set_result(None)
        before, behind = self._before, self._behind
        if before is not None:
            before._behind = behind  # noqa: SLF001
        if behind is not None:
            behind._before = before  # noqa: SLF001
        elif before is not None:
            self._last[self._run_id] = before
        else:
            del self._last[self._run_id]
