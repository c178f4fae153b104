"""CSV as spreadsheets and pandas read it.

Times are ISO 8601 in UTC, a number that is none is `NaN`, `Infinity` or `-Infinity`, and what a run
does not have is empty. Texts that a spreadsheet would take for a formula get an apostrophe in
front; numbers, also those of params, stay as they are.
"""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from trackside_server.table.values import as_number

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from trackside_server.table.entities import Row

    from .layout import Layout

CONTENT_TYPE: Final = "text/csv; charset=utf-8"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_TIMES: Final = ("start_time", "end_time")


async def write(layout: Layout, batches: AsyncIterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    """Write a table, piece by piece."""
    yield _lines([layout.names])
    async for rows in batches:
        yield await asyncio.to_thread(_told, layout, rows)


def _told(layout: Layout, rows: Sequence[Row]) -> bytes:
    names = layout.names
    return _lines(
        [_cell(name, value) for name, value in zip(names, layout.cells(row), strict=True)]
        for row in rows
    )


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    # Half of a surrogate pair is no character, and no reason to lose the table.
    return text.getvalue().encode("utf-8", "replace")


def _cell(name: str, value: Any) -> Any:
    if value is None:
        return ""
    if name in _TIMES:
        return iso(value)
    if name.startswith("metrics."):
        return value
    return safe(value)


def safe(value: str) -> str:
    """Give a text that no spreadsheet takes for a formula."""
    if value.startswith(_FORMULA) and as_number(value) is None:
        return f"'{value}"
    return value


def iso(milliseconds: int) -> str | int:
    """Give a time as text; one that no calendar has stays a number."""
    try:
        time = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return milliseconds
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
