"""Which Python runs a job on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .entities import JobSpec


def is_usable(python: str) -> bool:
    """Tell whether a path is that of a program of this machine."""
    try:
        path = Path(python)
        return path.is_absolute() and path.is_file() and os.access(path, os.X_OK)
    except OSError:
        # A name too long for the disk, a folder that may not be entered.
        return False


def chosen(spec: JobSpec) -> str | None:
    """Return the Python that was asked for, else that of the kernel that submitted the job.

    A kernel behind a tunnel tells the path of one that is not here. Then it is None, as where
    nobody told any.
    """
    if spec.python is not None:
        return spec.python
    told = spec.source.get("python")
    return told if isinstance(told, str) and is_usable(told) else None
