"""How numbers, durations and sizes are written, the same everywhere."""

from __future__ import annotations

import math

from trackside._bundle import size_text

__all__ = ["duration_text", "number_text", "plural", "size_text"]


def duration_text(seconds: float) -> str:
    """Return a running time as people read it: ``0:42``, ``12:05``, ``3:00:12``."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{left:02d}"
    return f"{minutes}:{left:02d}"


def number_text(value: float) -> str:
    """Return a number with as many digits as matter: four significant ones."""
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.4g}"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: ``1 file``, ``3 files``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
