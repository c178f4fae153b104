"""Coroutines that lose no turn of the event loop.

A task begins a turn after it was made, and goes on a turn after what it waits for is there. Each
turn asks the kernel for news, which for a request of half a millisecond is a tenth of its time.
"""

from __future__ import annotations

import asyncio
import types
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

T = TypeVar("T")


class PromptFuture(asyncio.Future[T]):
    """A future that can call one waiter in the turn in which it is resolved."""

    _waiter: Callable[[], None] | None = None

    def resolve(self, result: T | None, error: BaseException | None) -> None:
        """Give the result or the error, unless the future was cancelled meanwhile."""
        if self.done():
            return
        if error is None:
            self.set_result(result)  # type: ignore[arg-type]
        else:
            self.set_exception(error)
        if self._waiter is not None:
            self._waiter()

    def call_at_once(self, waiter: Callable[[], None]) -> None:
        """Call the waiter when the future is resolved."""
        self._waiter = waiter


class PromptRun:
    """Runs a coroutine at once until it waits.

    While it waits for a `PromptFuture` it goes on in the turn that resolves it. For anything else,
    and from then on, it goes on as a task. Until then there is no current task.

    Parameters
    ----------
    coroutine
        What to run. An error that it lets out goes to the exception handler of the event loop, as
        that of a task would which nobody waits for.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._coroutine = coroutine
        self._task: asyncio.Task[None] | None = None
        self._step()

    def _step(self) -> None:
        try:
            awaited = self._coroutine.send(None)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 - whoever resolves futures has more to resolve
            asyncio.get_running_loop().call_exception_handler(
                {"message": "A request was not answered", "exception": error}
            )
            return
        if isinstance(awaited, PromptFuture):
            # So a task, too, tells a future that it was waited for and not merely yielded.
            awaited._asyncio_future_blocking = False  # noqa: SLF001
            awaited.call_at_once(self._step)
        else:
            self._task = asyncio.ensure_future(_go_on(self._coroutine, awaited))


@types.coroutine
def _go_on(coroutine: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    """Run the rest of a coroutine, beginning with what it waits for already."""
    while True:
        try:
            yield awaited
        except BaseException as error:  # noqa: BLE001 - the coroutine's to handle
            resume = partial(coroutine.throw, error)
        else:
            resume = partial(coroutine.send, None)
        try:
            awaited = resume()
        except StopIteration:
            return
