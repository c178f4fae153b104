"""Tells in the log what holds up what is due: once when it begins, and once when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.errors import TracksideError, from_disk

if TYPE_CHECKING:
    import logging

_BEGUN: Final = "Recurring runs have to wait: %s"
_OVER: Final = "Recurring runs do not have to wait any more."


class Troubles:
    """What is tried again every few seconds and fails alike, for hours where a disk is full.

    Parameters
    ----------
    log
        The server's.
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._told: set[str] = set()
        self._is_over = True

    def begin(self) -> None:
        """Note that all is tried again."""
        self._is_over = True

    def tell(self, what: str, error: BaseException) -> None:
        """Tell what went wrong with something, unless it is known.

        Parameters
        ----------
        what
            With what; the same disk or store is one trouble, whatever it holds up.
        error
            As it was raised.
        """
        self._is_over = False
        problem = from_disk(error)
        is_known = isinstance(problem, TracksideError)
        key = f"{problem}" if is_known else f"{what} {error!r}"
        if key in self._told:
            return
        self._told.add(key)
        if isinstance(problem, TracksideError):
            self._log.warning(_BEGUN, f"{problem.message} {problem.hint or ''}".strip())
        else:
            self._log.error(_BEGUN, what, exc_info=error)

    def end(self) -> None:
        """Tell that it is over, where something was and nothing is any more."""
        if self._told and self._is_over:
            self._told.clear()
            self._log.warning(_OVER)
