"""Kubernetes' quantities as numbers, and numbers as people read them."""

from __future__ import annotations

import re
from decimal import Decimal

Number = int | float

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,3})|([KMGTPE]i|[numkMGTPE]))?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def parse_quantity(text: str | float) -> Number:
    """Read a quantity of the Kubernetes API.

    Parameters
    ----------
    text
        Such as ``500m``, ``16Gi``, ``1e3`` or ``2k``.

    Returns
    -------
    int or float
        A whole number where it is one.

    Raises
    ------
    ValueError
        The text is no quantity.
    """
    match = _QUANTITY.fullmatch(str(text).strip())
    if match is None:
        raise ValueError(f"{text!r} is no quantity")
    value = Decimal(match[1])
    if match[2]:
        value = value.scaleb(int(match[2]))
    elif match[3] in _BINARY:
        value *= 1024 ** _BINARY[match[3]]
    elif match[3]:
        value = value.scaleb(_DECIMAL[match[3]])
    return int(value) if value == value.to_integral_value() else float(value)


def size_text(size: float) -> str:
    """Write a size for people: ``16 GiB``, ``1.5 GiB``."""
    power = 0
    while abs(size) >= 1024 and power < len(_UNITS) - 1:
        size /= 1024
        power += 1
    return f"{number_text(size)} {_UNITS[power]}"


def number_text(value: float) -> str:
    """Write a number with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
