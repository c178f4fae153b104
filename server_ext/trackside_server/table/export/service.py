"""Writes tables as files."""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from trackside_server.errors import InvalidInput

from . import csv_file, parquet_file
from .layout import Layout
from .spool import Spool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from trackside_server.table.entities import Question, Shown
    from trackside_server.table.source import Source

    from .picked import Picked

FORMATS: Final = {"csv": csv_file, "parquet": parquet_file}


class File(NamedTuple):
    """A file that is being written.

    Attributes
    ----------
    content_type
        What it is.
    pieces
        Its bytes, as they come.
    """

    content_type: str
    pieces: AsyncIterator[bytes]


@asynccontextmanager
async def export(
    source: Source, question: Question, shown: Shown, kind: str, picked: Picked | None = None
) -> AsyncIterator[File]:
    """Write a table as a file.

    Rows are read once. Where it was not said which columns are wanted, they are put aside on the
    disk first, for a file begins with the names of its columns.

    Raises
    ------
    InvalidInput
        The format is none of ours, or the question cannot be understood.
    NotInstalled
        The format needs a package that is not there.
    """
    written = FORMATS.get(kind)
    if written is None:
        raise InvalidInput(f"format has to be one of {', '.join(FORMATS)}.")
    if written is parquet_file:
        parquet_file.check()
    table = source.batches(question, shown)
    batches = table if picked is None else picked.of(table)
    layout = Layout.of(shown)
    if layout is not None:
        yield File(written.CONTENT_TYPE, written.write(layout, batches))
        return
    with tempfile.TemporaryFile() as file:
        spool = Spool(file, shown)
        await spool.fill(batches)
        yield File(written.CONTENT_TYPE, written.write(spool.layout, spool.read()))
