"""Values as they are listed and answered."""

from __future__ import annotations

import math
from typing import Any

from trackside_server.tracking.validation import LARGEST_DOUBLE


def order_of(value: str | None) -> tuple[int, float, str]:
    """Give the place of a value: numbers by size, then texts, then runs without a value."""
    if value is None:
        return (2, 0.0, "")
    number = as_number(value)
    return (1, 0.0, value) if number is None else (0, number, value)


def as_number(value: str) -> float | None:
    """Give the finite number that a text is; None when it is none."""
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def number(value: float, is_nan: int = 0) -> float | str:
    """Give a stored number as it is answered: what is no number in JSON, as a word."""
    if is_nan or value != value:
        return "NaN"
    # SQL knows no infinity: servers of MLflow's protocol keep the largest number instead.
    if value >= LARGEST_DOUBLE:
        return "Infinity"
    if value <= -LARGEST_DOUBLE:
        return "-Infinity"
    return value


def spread(numbers: list[float]) -> dict[str, Any]:
    """Give the range and the mean of some numbers."""
    return {
        "min": number(min(numbers)),
        "max": number(max(numbers)),
        # The sum of numbers near the largest one would be none.
        "mean": number(math.fsum(value / len(numbers) for value in numbers)),
    }
