"""Coroutines that lose no turn of the event loop.

A task begins a turn after it was made, and goes on a turn after what it waits for is there. Each
turn asks the kernel for news, which for a request of half a millisecond is a tenth of its time.
"""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

T = TypeVar("T")


class EagerFuture(asyncio.Future[T]):
    """A future that can call one waiter in the turn in which it is resolved or cancelled."""

    _waiter: Callable[[], None] | None = None

    def resolve(self, result: T | None, error: BaseException | None) -> None:
        """Give the result or the error.

        A caller that went away has cancelled the future, and hears nothing any more.
        """
        if self.done():
            return
        if error is None:
            self.set_result(result)  # type: ignore[arg-type]
        else:
            self.set_exception(error)
        self._wake()

    def cancel(self, msg: Any | None = None) -> bool:
        """Cancel it, as any future."""
        cancelled = super().cancel(msg)
        if cancelled:
            self._wake()
        return cancelled

    def call_at_once(self, waiter: Callable[[], None]) -> None:
        """Call the waiter, the only one, when the future is done."""
        assert self._waiter is None, "somebody waits for this future already"
        self._waiter = waiter

    def _wake(self) -> None:
        if self._waiter is not None:
            self._waiter()


class EagerRun:
    """Runs a coroutine at once until it waits, in a context of its own.

    While it waits for an `EagerFuture` it goes on in the turn that resolves it. For anything else,
    and from then on, it goes on as a task. Until then it has no task of its own, which
    `asyncio.timeout` and the like would need.

    Parameters
    ----------
    coroutine
        What to run. An error that it lets out goes to the exception handler of the event loop, as
        that of a task would which nobody waits for.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._coroutine = coroutine
        self._context = contextvars.copy_context()
        self._task: asyncio.Task[None] | None = None
        self._step()

    def _step(self) -> None:
        try:
            awaited = self._context.run(self._coroutine.send, None)
        except (StopIteration, asyncio.CancelledError):
            return
        except Exception as error:  # noqa: BLE001 - whoever resolves futures has more to resolve
            asyncio.get_running_loop().call_exception_handler(
                {"message": "A coroutine that nobody waits for failed", "exception": error}
            )
            return
        if isinstance(awaited, EagerFuture):
            # So a task, too, tells a future that it was waited for and not merely yielded.
            awaited._asyncio_future_blocking = False  # noqa: SLF001
            awaited.call_at_once(self._step)
        else:
            self._task = self._context.run(asyncio.ensure_future, self._rest(awaited))

    async def _rest(self, awaited: Any) -> None:
        await _Rest(self._coroutine, awaited)


class _Rest:
    """The rest of a coroutine, beginning with what it waits for already."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], awaited: Any) -> None:
        self._coroutine = coroutine
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, None]:
        awaited = self._awaited
        while True:
            error: BaseException | None = None
            try:
                yield awaited
            except BaseException as thrown:  # noqa: BLE001 - the coroutine's to handle
                error = thrown
            try:
                if error is None:
                    awaited = self._coroutine.send(None)
                else:
                    awaited = self._coroutine.throw(error)
            except StopIteration:
                return
