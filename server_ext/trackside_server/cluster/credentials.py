"""Asks for credentials on threads of their own: a plug-in may wait for a person, for ever."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

from trackside_server.errors import ClusterUnavailable

from .errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .access import Access

_SECONDS = 30.0
# A token that was replaced is refused and asked for anew: it is not looked at each time.
_FRESH = 5.0

T = TypeVar("T")


class Credentials:
    """What says who asks.

    Parameters
    ----------
    access
        Where it comes from.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._asked: asyncio.Future[Mapping[str, str]] | None = None
        self._at = 0.0

    async def headers(self) -> Mapping[str, str]:
        """Return what is to be sent; those that ask within seconds share the answer.

        Raises
        ------
        Unreachable
            The credentials cannot be had, or not in time.
        """
        asked = self._asked
        if asked is None or (asked.done() and not self._is_fresh(asked)):
            asked = self._asked = _on_thread(self._access.headers)
            self._at = time.monotonic()
        return await _in_time(asked)

    async def renew(self, refused: Mapping[str, str]) -> Mapping[str, str] | None:
        """Return what is to be sent in the place of what was refused; None where there is nothing.

        Raises
        ------
        Unreachable
            As in `headers`.
        """
        self._asked = None
        return await _in_time(_on_thread(self._access.renew, refused))

    def _is_fresh(self, asked: asyncio.Future[Mapping[str, str]]) -> bool:
        return asked.exception() is None and time.monotonic() - self._at < _FRESH


def _on_thread(ask: Callable[..., T], *args: Any) -> asyncio.Future[T]:
    """Call something on a thread for which neither others nor the end of the server wait."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # one of the two is there

    def work() -> None:
        try:
            result, error = ask(*args), None
        except Exception as raised:  # noqa: BLE001 - raised again where it is awaited
            result, error = None, raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name="trackside-credentials", daemon=True).start()
    return future


async def _in_time(asked: asyncio.Future[T]) -> T:
    try:
        # Shielded: others may wait for the same answer.
        return await asyncio.wait_for(asyncio.shield(asked), _SECONDS)
    except ClusterUnavailable as error:
        raise Unreachable(error.message) from error
    except asyncio.TimeoutError:
        raise Unreachable(
            "the credentials of the cluster do not come; does a plug-in wait for somebody to sign "
            "in? `kubectl get pods` in a terminal shows it"
        ) from None
