"""What is known of the client of a run."""

from __future__ import annotations

import json
import math
import platform
from functools import lru_cache

from msgspec import Struct

from trackside._process import machine
from trackside_server.jobs.runners.local import processes
from trackside_server.structs import asdict, replace

_LONGEST = 1000


class Client(Struct, frozen=True):
    """The process that logs a run.

    Attributes
    ----------
    pid
        Its number.
    machine
        What that number is unique in.
    host
        The name of its machine.
    started
        What tells it from a later process of the same number; None when not known yet.
    kernel_id
        The Jupyter kernel that it is.
    cwd
        Its working directory.
    """

    pid: int
    machine: str
    host: str
    started: float | None = None
    kernel_id: str | None = None
    cwd: str | None = None

    @classmethod
    def read(cls, text: str | None) -> Client | None:
        """Read what a client told, or what is stored; None when it makes no sense."""
        try:
            found = json.loads(text or "null")
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict):
            return None
        pid, started = found.get("pid"), found.get("started")
        if type(pid) is not int or not 0 < pid < 2**31:
            return None
        if not isinstance(started, float) or not math.isfinite(started):
            started = None
        return cls(
            pid,
            _text(found.get("machine")) or "",
            _text(found.get("host")) or "",
            started,
            _text(found.get("kernel_id")),
            _text(found.get("cwd")),
        )

    @classmethod
    def here(cls, pid: int, kernel_id: str | None = None) -> Client | None:
        """Describe a process of this machine; None when it is gone."""
        started = processes.identity(pid)
        if started is None:
            return None
        return cls(pid, _here(), platform.node(), started, kernel_id)

    def known_start(self) -> Client:
        """Add what tells the process from a later one, where the client could not say it."""
        if self.started is not None or not self.is_here:
            return self
        return replace(self, started=processes.identity(self.pid))

    @property
    def is_here(self) -> bool:
        """Whether its number means a process that this server can see."""
        return self.machine == _here()

    @property
    def lives(self) -> bool:
        """Whether it is still there; only for one that `is_here`."""
        return processes.alive(self.pid, self.started)

    @property
    def text(self) -> str:
        """Write it for the store."""
        return json.dumps({key: value for key, value in asdict(self).items() if value is not None})


@lru_cache(maxsize=1)
def _here() -> str:
    return machine()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST else None
