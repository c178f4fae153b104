"""What a supervisor is told, as the words of its command line.

Not as JSON: to load what reads that takes as long as all the rest of its start.
"""

from __future__ import annotations

_NONE = "-"


class Order:
    """One attempt that is to be supervised.

    Parameters
    ----------
    folder
        The job's folder.
    attempt, max_attempts
        Which attempt it is, and of how many.
    grace
        The seconds between SIGTERM and SIGKILL.
    time_limit
        The seconds after which it is ended.
    memory
        The bytes that it may use.
    cwd, argv
        What is run, and where.
    """

    __slots__ = (
        "argv",
        "attempt",
        "cwd",
        "folder",
        "grace",
        "max_attempts",
        "memory",
        "time_limit",
    )

    def __init__(
        self,
        folder: str,
        argv: list[str],
        *,
        cwd: str,
        attempt: int,
        max_attempts: int,
        grace: float,
        time_limit: float | None,
        memory: int | None,
    ) -> None:
        self.folder = folder
        self.argv = argv
        self.cwd = cwd
        self.attempt = attempt
        self.max_attempts = max_attempts
        self.grace = grace
        self.time_limit = time_limit
        self.memory = memory

    @classmethod
    def read(cls, words: list[str]) -> Order:
        """Read the words of a command line."""
        folder, cwd, attempt, max_attempts, grace, time_limit, memory, *argv = words
        return cls(
            folder,
            argv,
            cwd=cwd,
            attempt=int(attempt),
            max_attempts=int(max_attempts),
            grace=float(grace),
            time_limit=None if time_limit == _NONE else float(time_limit),
            memory=None if memory == _NONE else int(memory),
        )

    def words(self) -> list[str]:
        """Write the words of a command line."""
        return [
            self.folder,
            self.cwd,
            str(self.attempt),
            str(self.max_attempts),
            str(self.grace),
            _NONE if self.time_limit is None else str(self.time_limit),
            _NONE if self.memory is None else str(self.memory),
            *self.argv,
        ]
