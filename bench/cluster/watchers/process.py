"""How a watcher talks to the bench, and what it says about itself: standard library and psutil."""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

import psutil


class Report:
    """What a watcher has cost so far; made when everything is imported and nothing is asked.

    Parameters
    ----------
    other
        The process that watches, where it is not this one; all of it counts then.
    """

    def __init__(self, other: psutil.Process | None = None) -> None:
        self.seen: dict[str, float] = {}
        self._process = other or psutil.Process()
        if other is None:
            gc.collect()
            # From now on the peak is that of what follows.
            Path("/proc/self/clear_refs").write_text("5")
        self._memory = 0 if other else self._process.memory_info().rss
        self._began = time.monotonic()
        self._cpu = 0.0 if other else self._used()

    def see(self, name: str) -> None:
        """Note that a change of a pod has arrived."""
        self.seen[name] = time.monotonic()

    def ready(self) -> None:
        """Tell the bench that all is there."""
        seconds, cpu = time.monotonic() - self._began, self._used() - self._cpu
        self.seen.clear()
        gc.collect()
        memory = self._process.memory_info().rss
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
        self._cpu = self._used()
        _tell(
            {
                "seconds": seconds,
                "cpu": cpu,
                "added": (memory - self._memory) / 1e6,
                "peak": (peak - self._memory) / 1e6,
                "memory": memory / 1e6,
            }
        )

    def end(self) -> None:
        """Tell what was seen since."""
        _tell({"cpu": self._used() - self._cpu, "seen": self.seen})

    def _used(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


def _tell(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


def asked() -> None:
    """Wait until the bench asks for what was seen."""
    sys.stdin.readline()
