"""How many tasks are jobs at once: the others wait here, where waiting costs nothing."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable


class Lines(Struct, frozen=True):
    """Where tasks wait for what they need, so that those who want one thing let the others pass.

    Parameters
    ----------
    jobs, gpu_jobs, cluster_jobs
        To be a job: one that wants no GPU of this machine, one that does, and one on the cluster.
    keys
        To have the content of the inputs read, which keeps a disk busy.
    """

    jobs: Turns
    gpu_jobs: Turns
    cluster_jobs: Turns
    keys: Turns

    def ahead(self, run_id: str) -> dict[str, int]:
        """Say of the tasks of a run that wait to be a job how many come before each."""
        return {
            task_id: count
            for turns in (self.jobs, self.gpu_jobs, self.cluster_jobs)
            for task_id, count in turns.ahead(run_id).items()
        }


class _Waiting(NamedTuple):
    task_id: str
    turn: asyncio.Future[bool]


class Turns:
    """Lets tasks in: runs by turns, and the tasks of each the first ones first.

    So a run of hundreds of tasks lets one pass that has few.

    Parameters
    ----------
    most
        How many at once.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        # By run; the one in front has the next turn.
        self._lines: OrderedDict[str, deque[_Waiting]] = OrderedDict()

    async def take(
        self,
        run_id: str,
        task_id: str,
        stop: asyncio.Event,
        stands: Callable[[], None] = lambda: None,
    ) -> bool:
        """Wait for a place; False when it was told to stop before it went there.

        Parameters
        ----------
        run_id, task_id
            Who waits.
        stop
            Ends the waiting when it is set.
        stands
            Called when whoever comes now stands behind.
        """
        if stop.is_set():
            return False
        if self._free > 0:
            self._free -= 1
            stands()
            return True
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(task_id, turn)
        self._lines.setdefault(run_id, deque()).append(waiting)
        stands()
        stopping = asyncio.ensure_future(stop.wait())
        either: set[asyncio.Future[Any]] = {turn, stopping}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._give_up(run_id, waiting)
            raise
        finally:
            stopping.cancel()
        if stop.is_set():
            self._give_up(run_id, waiting)
            return False
        return True

    def leave(self) -> None:
        """Give a place to the next one."""
        if not self._lines:
            self._free += 1
            return
        run_id, line = next(iter(self._lines.items()))
        line.popleft().turn.set_result(True)
        if line:
            self._lines.move_to_end(run_id)
        else:
            del self._lines[run_id]

    def has_line(self, run_id: str) -> bool:
        """Tell whether tasks of a run wait here."""
        return run_id in self._lines

    def ahead(self, run_id: str) -> dict[str, int]:
        """Say of the tasks of a run that wait here how many come before each."""
        before = True
        others: list[tuple[int, bool]] = []
        for other, line in self._lines.items():
            before = before and other != run_id
            if other != run_id:
                others.append((len(line), before))
        return {
            waiting.task_id: place
            # Of each other run one comes before each of this one, as long as it has some.
            + sum(min(length, place + comes_first) for length, comes_first in others)
            for place, waiting in enumerate(self._lines.get(run_id, ()))
        }

    def _give_up(self, run_id: str, waiting: _Waiting) -> None:
        if waiting.turn.done():
            self.leave()
            return
        line = self._lines[run_id]
        line.remove(waiting)
        if not line:
            del self._lines[run_id]
