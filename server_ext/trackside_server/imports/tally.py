"""What an import or export counted, told while it works."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Outcome = Literal["new", "changed", "same", "skipped"]

MOST_PROBLEMS = 10_000


class Canceled(Exception):
    """The user does not want it any longer, or the server ends."""


class Tally:
    """Counts by kind and outcome; safe to read from other threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, dict[str, int]] = {}
        self._totals: dict[str, int] = {}
        self._doing = ""
        self._amounts = {"points": 0, "files": 0, "bytes": 0}
        self._fresh: list[tuple[str, str, str]] = []
        self._problems = 0
        self.stopped = threading.Event()
        self._interrupts: list[Callable[[], None]] = []

    def stop(self) -> None:
        """Ask for the end at the next small step, and wake up what waits for somebody else."""
        self.stopped.set()
        with self._lock:
            interrupts = list(self._interrupts)
        for interrupt in interrupts:
            interrupt()

    def on_stop(self, interrupt: Callable[[], None]) -> None:
        """Have something called, from another thread, when it is asked to stop."""
        with self._lock:
            self._interrupts.append(interrupt)

    def check(self) -> None:
        """Stop here when that was asked for.

        Raises
        ------
        Canceled
            It was.
        """
        if self.stopped.is_set():
            raise Canceled

    def expect(self, totals: dict[str, int]) -> None:
        """Note how many things there are."""
        with self._lock:
            self._totals.update(totals)

    def doing(self, words: str) -> None:
        """Note what is being done."""
        self._doing = words

    def count(self, kind: str, outcome: Outcome) -> None:
        """Count one thing."""
        with self._lock:
            of_kind = self._counts.setdefault(
                kind, {"new": 0, "changed": 0, "same": 0, "skipped": 0}
            )
            of_kind[outcome] += 1

    def add(self, *, points: int = 0, files: int = 0, size: int = 0) -> None:
        """Count points, files and bytes."""
        with self._lock:
            self._amounts["points"] += points
            self._amounts["files"] += files
            self._amounts["bytes"] += size

    def complain(self, kind: str, identifier: str, sentence: str) -> None:
        """Note something that could not be taken, and why."""
        with self._lock:
            self._problems += 1
            if self._problems <= MOST_PROBLEMS:
                self._fresh.append((kind, _text(identifier)[:500], _text(sentence)[:2000]))

    def fresh_problems(self) -> list[tuple[str, str, str]]:
        """Give the problems since the last call."""
        with self._lock:
            fresh, self._fresh = self._fresh, []
            return fresh

    def snapshot(self) -> dict[str, Any]:
        """Give all counts."""
        with self._lock:
            return {
                "doing": self._doing,
                "counts": {kind: dict(counts) for kind, counts in self._counts.items()},
                "totals": dict(self._totals),
                **self._amounts,
                "problems": self._problems,
            }


def _text(found: str) -> str:
    """Give what can be stored of a text: names of files may be no UTF-8."""
    return found.encode("utf-8", "replace").decode()
