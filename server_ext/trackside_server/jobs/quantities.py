"""Sizes and durations as people write them, and back."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?)b?", re.IGNORECASE)
_POWER = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_DURATION = re.compile(
    r"(?:(?P<d>\d+(?:\.\d+)?)\s*d)?\s*(?:(?P<h>\d+(?:\.\d+)?)\s*h)?\s*"
    r"(?:(?P<m>\d+(?:\.\d+)?)\s*m(?:in)?)?\s*(?:(?P<s>\d+(?:\.\d+)?)\s*s)?",
    re.IGNORECASE,
)
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def parse_size(text: str) -> int:
    """Read a size such as ``16Gi``, ``500M`` or ``1.5 GiB``.

    Parameters
    ----------
    text
        A number with an optional unit; ``Gi`` counts in 1024s and ``G`` in 1000s, as in Kubernetes.

    Returns
    -------
    int
        The size in bytes.

    Raises
    ------
    ValueError
        When the text is no size.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None or (match[3] and not match[2]):
        raise ValueError(f"{text!r} is no size")
    return round(float(match[1]) * (1024.0 if match[3] else 1000.0) ** _POWER[match[2].lower()])


def parse_duration(text: str) -> float:
    """Read a duration such as ``2h``, ``90m``, ``1h30m``, ``45s`` or a number of seconds.

    Parameters
    ----------
    text
        The duration.

    Returns
    -------
    float
        The duration in seconds.

    Raises
    ------
    ValueError
        When the text is no duration.
    """
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is no duration")
    return sum(float(match[unit]) * factor for unit, factor in _SECONDS.items() if match[unit])


def _unit(size: float) -> int:
    power = 0
    while size >= 1024 and power < len(_UNITS) - 1:
        size /= 1024
        power += 1
    return power


def size_text(size: float) -> str:
    """Write a size for people: ``1 GiB``, ``1.5 GiB``, ``512 MiB``."""
    power = _unit(size)
    return f"{_short(size / 1024**power)} {_UNITS[power]}"


def share_text(used: float, limit: float) -> str:
    """Write a used part and its limit in the limit's unit: ``1.0 of 1 GiB``."""
    power = _unit(limit)
    scale = 1024**power
    return f"{used / scale:.1f} of {_short(limit / scale)} {_UNITS[power]}"


def duration_text(seconds: float) -> str:
    """Write a duration for people: ``2 h``, ``1 h 30 min``, ``45 s``."""
    if seconds < 60:
        return f"{_short(seconds)} s"
    if seconds < 3600:
        return _pair(int(seconds), 60, "min", "s")
    if seconds < 86400:
        return _pair(int(seconds) // 60, 60, "h", "min")
    return _pair(int(seconds) // 3600, 24, "d", "h")


def _pair(value: int, base: int, large: str, small: str) -> str:
    whole, rest = divmod(value, base)
    return f"{whole} {large} {rest} {small}" if rest else f"{whole} {large}"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
