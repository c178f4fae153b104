"""How often a server is asked for event files: soon after it had some, rarely when it had none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

SOONEST: Final = 5.0
LATEST: Final = 60.0


class Pace:
    """When to ask next.

    Parameters
    ----------
    clock
        Tells the time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._wait = SOONEST
        self._due: float | None = clock()
        self._is_hurried = False

    @property
    def is_due(self) -> bool:
        """Whether it is time to ask."""
        return self._due is not None and self._clock() >= self._due

    def hurry(self) -> None:
        """Somebody wants to see what is new."""
        self._due = self._clock()
        self._is_hurried = True

    def begin(self) -> None:
        """Note that a question begins, which answers who was in a hurry until now."""
        self._is_hurried = False

    def asked(self, *, is_new: bool, is_over: bool = False) -> None:
        """Note what asking gave.

        Parameters
        ----------
        is_new
            Whether there was anything new.
        is_over
            Whether nothing more is to come, so that only who is in a hurry asks again.
        """
        self._wait = SOONEST if is_new else min(2 * self._wait, LATEST)
        if self._is_hurried:
            # Since the question began: what it saw may be of before that.
            self._due = self._clock()
        else:
            self._due = None if is_over else self._clock() + self._wait
