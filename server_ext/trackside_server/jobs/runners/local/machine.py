"""What this machine, or the container that we are in, has."""

from __future__ import annotations

import contextlib
import os
from functools import lru_cache
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


@lru_cache(maxsize=1)
def cpus() -> float:
    """Return how many processors may be used."""
    try:
        count = float(len(os.sched_getaffinity(0)))
    except AttributeError:
        count = float(os.cpu_count() or 1)
    quota = _cpu_quota(_CGROUP)
    return min(count, quota) if quota else count


@lru_cache(maxsize=1)
def memory() -> int:
    """Return how many bytes of memory may be used."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit = _memory_limit(_CGROUP)
    return min(total, limit) if limit else total


def _cpu_quota(root: Path) -> float | None:
    """Return what a container may use of the processors."""
    with contextlib.suppress(OSError, ValueError):
        quota, period = (root / "cpu.max").read_text(encoding="ascii").split()
        return int(quota) / int(period)
    with contextlib.suppress(OSError, ValueError):
        quota = (root / "cpu" / "cpu.cfs_quota_us").read_text(encoding="ascii")
        period = (root / "cpu" / "cpu.cfs_period_us").read_text(encoding="ascii")
        return int(quota) / int(period) if int(quota) > 0 else None
    return None


def _memory_limit(root: Path) -> int | None:
    """Return what a container may use of the memory."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        # "max" is no number, and means that there is no limit.
        with contextlib.suppress(OSError, ValueError):
            return int((root / name).read_text(encoding="ascii"))
    return None
