"""Parquet: metrics are doubles with NaN and infinities, times are times, what is absent is null."""

from __future__ import annotations

import asyncio
import importlib.util
import io
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import InvalidInput, TracksideError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from trackside_server.table.entities import Row

    from .layout import Layout

CONTENT_TYPE: Final = "application/vnd.apache.parquet"
MOST_COLUMNS: Final = 2000
"""Each group of rows says something of every column at the end of the file, which is held."""
_GROUP: Final = 10_000
"""Rows that are held in memory, and compressed together."""
_CELLS: Final = 1_000_000
"""Of a wide table fewer rows are held: so many cells, whether a run has them or not."""


class NotInstalled(TracksideError):
    """What writes such files is not there."""

    status = 501
    code = "NOT_IMPLEMENTED"


class TooWide(InvalidInput):
    """There are more columns than memory can be promised for."""


def check() -> None:
    """Say what to install where Parquet cannot be written.

    Raises
    ------
    NotInstalled
        There is no pyarrow.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise NotInstalled(
            "Parquet files need the package pyarrow in the environment of the Jupyter server.",
            hint="Run pip install pyarrow there, or export CSV.",
            reason="PYARROW_MISSING",
        )


async def write(layout: Layout, batches: AsyncIterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    """Write a table, a row group at a time.

    Raises
    ------
    TooWide
        The table has more columns than can be written.
    """
    width = len(layout.names)
    if width > MOST_COLUMNS:
        raise TooWide(
            f"A Parquet file takes {MOST_COLUMNS:,} columns, and this table has {width:,}.",
            hint="Choose the columns that you need, or export CSV.",
            reason="TOO_MANY_COLUMNS",
        )
    at_once = max(1, min(_GROUP, _CELLS // width))
    sink = _Sink()
    writer = await asyncio.to_thread(_Writer, sink, layout)
    held: list[Row] = []
    async for rows in batches:
        held += rows
        while len(held) >= at_once:
            await asyncio.to_thread(writer.add, held[:at_once])
            held = held[at_once:]
            yield sink.take()
    await asyncio.to_thread(writer.add, held)
    await asyncio.to_thread(writer.close)
    yield sink.take()


class _Sink(io.RawIOBase):
    """Takes a file that is only ever added to; what was taken out still counts as written."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        self._length += len(self._pieces[-1])
        return len(self._pieces[-1])

    def tell(self) -> int:
        return self._length

    def take(self) -> bytes:
        """Take out what was written."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


class _Writer:
    """Writes row groups."""

    def __init__(self, sink: _Sink, layout: Layout) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._pa = pa
        self._layout = layout
        self._schema = pa.schema([(name, _type(pa, name)) for name in layout.names])
        # Every reader understands Snappy, the previews of artifacts in the page among them.
        self._writer = pq.ParquetWriter(sink, self._schema, compression="snappy")

    def add(self, rows: Sequence[Row]) -> None:
        """Write a row group."""
        if not rows:
            return
        columns: list[tuple[Any, ...]] = list(zip(*map(self._layout.cells, rows), strict=True))
        arrays = [
            self._pa.array([_value(field.name, value) for value in column], type=field.type)
            for field, column in zip(self._schema, columns, strict=True)
        ]
        self._writer.write_table(self._pa.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        """Write the end of the file."""
        self._writer.close()


def _type(pa: Any, name: str) -> Any:
    if name in ("start_time", "end_time"):
        return pa.timestamp("ms", tz="UTC")
    return pa.float64() if name.startswith("metrics.") else pa.string()


def _value(name: str, value: Any) -> Any:
    if name.startswith("metrics.") and value is not None:
        return float(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value
