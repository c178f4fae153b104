"""A small curve as SVG that stands alone: no scripts, no styles, the colour of the text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trackside._display import words

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARGIN = 2.0


def curve(values: Sequence[object], label: str, width: int = 120, height: int = 28) -> str:
    """Return an SVG of a few values, with gaps where one is not a finite number."""
    from html import escape

    numbers = [_number(value) for value in values]
    finite = [value for value in numbers if math.isfinite(value)]
    if len(finite) < 2:
        return ""
    low, span = min(finite), max(finite) - min(finite)
    step = (width - 2 * _MARGIN) / (len(numbers) - 1)
    path, pen = "", "M"
    for index, value in enumerate(numbers):
        if not math.isfinite(value):
            pen = "M"
            continue
        share = (value - low) / span if span else 0.5
        y = height - _MARGIN - share * (height - 2 * _MARGIN)
        path += f"{pen}{_MARGIN + index * step:.1f} {y:.1f}"
        pen = "L"
    about = escape(f"{label}: from {words.number(finite[0])} to {words.number(finite[-1])}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{about}"'
        f' width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' style="vertical-align:middle;min-width:{width}px"><title>{about}</title>'
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1.5"'
        f' stroke-linejoin="round"/></svg>'
    )


def _number(value: object) -> float:
    try:
        found = float(value)  # type: ignore[arg-type]  # what float refuses is caught
    except (TypeError, ValueError):
        return math.nan
    # MLflow writes the infinities as the largest double, which would flatten the curve.
    return found if abs(found) < 1.7e308 else math.nan
