"""Rows put aside on the disk, until it is known which columns they have."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec

from .layout import Layout

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import IO

    from trackside_server.table.entities import Row, Shown

_AT_ONCE: Final = 500
_encoder = msgspec.json.Encoder()


class Spool:
    """A file of rows.

    Parameters
    ----------
    file
        The file, which the caller closes.
    shown
        The columns that were asked for, of each kind; None for those that rows have.
    """

    def __init__(self, file: IO[bytes], shown: Shown) -> None:
        self._file = file
        self._shown = shown
        self._keys: dict[str, set[str]] = {"metrics": set(), "params": set(), "tags": set()}

    @property
    def layout(self) -> Layout:
        """The columns of the rows, in the alphabet's order where none was asked for."""
        kinds = ("metrics", "params", "tags")
        asked = (self._shown.metrics, self._shown.params, self._shown.tags)
        return Layout(
            *(
                sorted(self._keys[kind]) if keys is None else keys
                for kind, keys in zip(kinds, asked, strict=True)
            )
        )

    async def fill(self, batches: AsyncIterator[Sequence[Row]]) -> None:
        """Put rows aside."""
        async for rows in batches:
            await asyncio.to_thread(self._write, rows)

    async def read(self) -> AsyncIterator[Sequence[Row]]:
        """Give the rows again."""
        await asyncio.to_thread(self._file.seek, 0)
        while rows := await asyncio.to_thread(self._some):
            yield rows

    def _write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            for kind, keys in self._keys.items():
                keys.update(row[kind])
        self._file.writelines(_encoder.encode(row) + b"\n" for row in rows)

    def _some(self) -> list[Row]:
        lines = (self._file.readline() for _ in range(_AT_ONCE))
        return [msgspec.json.decode(line) for line in lines if line]
