"""What was found out a moment ago, asked for once however many want it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

T = TypeVar("T")


class Memo(Generic[T]):
    """Keeps answers for a while.

    Parameters
    ----------
    seconds
        How long an answer is good.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._answers: dict[Hashable, tuple[float, asyncio.Task[T]]] = {}

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the answer for a key, by asking if it is not known or too old.

        An error is told to all who wait for it, and then forgotten. Whoever stops waiting does not
        end the question for the others.
        """
        now = time.monotonic()
        until, task = self._answers.get(key, (0.0, None))
        if task is None or (task.done() and until <= now):
            task = asyncio.ensure_future(self._asked(key, ask))
            # Where nobody waits any more, nobody is to be told of an error either.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._answers[key] = (float("inf"), task)
        return await asyncio.shield(task)

    def forget(self) -> None:
        """Ask anew from now on."""
        self._answers.clear()

    async def _asked(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        mine = asyncio.current_task()
        try:
            answer = await ask()
        except BaseException:
            if self._answers.get(key, (0.0, None))[1] is mine:
                del self._answers[key]
            raise
        if self._answers.get(key, (0.0, None))[1] is mine and mine is not None:
            self._answers[key] = (time.monotonic() + self._seconds, mine)
        return answer
