"""Parquet: metrics are doubles with NaN and infinities, times are times, what is absent is null."""

from __future__ import annotations

import asyncio
import importlib.util
import tempfile
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import IO

    from trackside_server.table.entities import Row

    from .layout import Layout

CONTENT_TYPE: Final = "application/vnd.apache.parquet"
_PIECE: Final = 256 * 1024
_GROUP: Final = 10_000
"""Rows that are held in memory, and compressed together."""


class NotInstalled(TracksideError):
    """What writes such files is not there."""

    status = 501
    code = "NOT_IMPLEMENTED"


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
    """Write a table; its end has to be there before its beginning can be sent."""
    with tempfile.TemporaryFile() as file:
        writer = await asyncio.to_thread(_Writer, file, layout)
        try:
            held: list[Row] = []
            async for rows in batches:
                held += rows
                if len(held) >= _GROUP:
                    await asyncio.to_thread(writer.add, held)
                    held = []
            await asyncio.to_thread(writer.add, held)
        finally:
            await asyncio.to_thread(writer.close)
        await asyncio.to_thread(file.seek, 0)
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


class _Writer:
    """Writes row groups."""

    def __init__(self, file: IO[bytes], layout: Layout) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._pa = pa
        self._layout = layout
        self._schema = pa.schema([(name, _type(pa, name)) for name in layout.names])
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")

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
