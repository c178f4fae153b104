"""What a task does at this moment, where neither its state nor its job says so."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from trackside_server.errors import TracksideError

from .storage import runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .assignment import Assignment
    from .ledger import Entry, Ledger


_KEPT: Final = 10_000


class Telling:
    """Sentences about tasks, kept in memory: the newest ones, until the server ends.

    Parameters
    ----------
    ledger
        By which who looks at a run hears that there is news.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
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

    def of(self, task_ids: Iterable[str]) -> dict[str, str]:
        """Give what is told of some tasks."""
        return {one: self._said[one] for one in task_ids if one in self._said}

    async def _touch(self, run_id: str) -> None:
        def work(entry: Entry) -> None:
            key = runs.find(entry.connection, run_id)
            if key is not None:
                runs.touch(entry.connection, key.number, entry.touched(key.run, "tasks").revision)

        # Whoever asks is told all the same.
        with contextlib.suppress(TracksideError):
            await self._ledger.write(work)
