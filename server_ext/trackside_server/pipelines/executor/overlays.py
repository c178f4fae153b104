"""Environments for ``packages_to_install``: which are there, and which nobody needs any more.

They are made in the job itself (``trackside._runtime.overlay``), so that what pip says is in its
log, and stopping the task stops pip.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from trackside._runtime import overlay

if TYPE_CHECKING:
    from pathlib import Path

MAX_AGE: Final = 30 * 86400.0
MAX_BYTES: Final = 20 * 2**30


def prune(folder: Path, *, max_age: float = MAX_AGE, max_bytes: int = MAX_BYTES) -> list[str]:
    """Remove what was not used for long, then the longest unused until the rest is small enough.

    What a task uses at this moment stays. It reads folders, so it belongs into a thread.

    Parameters
    ----------
    folder
        The folder of environments.
    max_age
        In seconds since the last use.
    max_bytes
        How much all may take.

    Returns
    -------
    list of str
        The names of those that were removed.
    """
    found = sorted(overlay.found(folder), key=lambda one: one.used)
    total = sum(one.size for one in found)
    now = time.time()
    removed = []
    for one in found:
        if total <= max_bytes and now - one.used <= max_age:
            continue
        if overlay.remove(one.path):
            total -= one.size
            removed.append(one.path.name)
    return removed
