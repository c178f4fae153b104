"""What a task does at this moment, where neither its state nor its job says so."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from trackside_server.errors import TracksideError

from .storage import runs

if TYPE_CHECKING:
    from collections.abc import Collection

    from .assignment import Assignment
    from .ledger import Entry, Ledger
    from .turns import Lines

_KEPT: Final = 10_000
# Of a row of tasks that begin the news are told together.
_LULL: Final = 0.25


class Telling:
    """Sentences about tasks, kept in memory: the newest ones, until the server ends.

    Parameters
    ----------
    ledger
        By which who looks at a run hears that there is news.
    lines
        In which tasks wait for a place.
    """

    def __init__(self, ledger: Ledger, lines: Lines) -> None:
        self._ledger = ledger
        self._lines = lines
        self._soon: dict[str, asyncio.Task[None]] = {}
        self._said: OrderedDict[str, str] = OrderedDict()

    async def say(self, assignment: Assignment, sentence: str) -> None:
        """Tell what a task does."""
        self._said[assignment.task_id] = sentence
        while len(self._said) > _KEPT:
            self._said.popitem(last=False)
        await self._touch(assignment.record.run_id)

    async def end(self, assignment: Assignment) -> None:
        """Tell nothing more of it."""
        if self._said.pop(assignment.task_id, None) is not None:
            await self._touch(assignment.record.run_id)

    def tell_soon(self, run_id: str) -> None:
        """Let those who look at a run hear in a moment that there is news."""
        if run_id not in self._soon:
            self._soon[run_id] = asyncio.create_task(self._tell(run_id))

    async def stop(self) -> None:
        """Tell nothing any more."""
        telling = list(self._soon.values())
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)

    def of(self, run_id: str, task_ids: Collection[str]) -> dict[str, str]:
        """Give what is told of some tasks of a run."""
        ahead = self._lines.ahead(run_id)
        told = {one: _sentence(ahead[one]) for one in task_ids if one in ahead}
        return told | {one: self._said[one] for one in task_ids if one in self._said}

    async def _tell(self, run_id: str) -> None:
        try:
            await asyncio.sleep(_LULL)
        finally:
            del self._soon[run_id]
        await self._touch(run_id)

    async def _touch(self, run_id: str) -> None:
        def work(entry: Entry) -> None:
            key = runs.find(entry.connection, run_id)
            if key is not None:
                # Another server may have noted a wish, and what is stored here hides that from us.
                wished = runs.wished(entry.connection, key.number) is not None
                run = entry.touched(key.run, "state" if wished else "tasks")
                runs.touch(entry.connection, key.number, run.revision)

        # Whoever asks is told all the same.
        with contextlib.suppress(TracksideError):
            await self._ledger.write(work)


def _sentence(ahead: int) -> str:
    if ahead == 0:
        return "Waits for a place: it comes next."
    return f"Waits for a place: {ahead} {'task is' if ahead == 1 else 'tasks are'} ahead."
