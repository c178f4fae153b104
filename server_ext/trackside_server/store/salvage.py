"""Saves what can be read of a damaged store: ``python -m trackside_server.store.salvage OLD NEW``.

SQLite reads a table page by page and gives up at the first that is damaged. So each table is read
from its beginning up to there, then from its end, and what numbers its rows is also read behind the
hole, with steps that grow until something can be read again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from . import health, migrations
from .connecting import connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LARGEST_GAP = 2**40
_SUFFIXES = ("", "-wal", "-journal")


def salvage(damaged: Path, target: Path) -> dict[str, tuple[int, bool]]:
    """Copy what can be read of a store to a new one.

    Parameters
    ----------
    damaged
        The database; it is not changed.
    target
        A file that does not exist yet.

    Returns
    -------
    dict
        By table, how many rows were saved, and whether those were all.

    Raises
    ------
    sqlite3.DatabaseError
        Nothing of it can be read.
    StoreTooNew
        It has tables that this Trackside does not know.
    """
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        # Opened for writing, because its log is part of it: hence a copy.
        copy = Path(folder) / damaged.name
        for suffix in _SUFFIXES:
            source = damaged.with_name(damaged.name + suffix)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + suffix))
        # SQLite does not read a file at all that is shorter than it should be.
        os.truncate(copy, max(copy.stat().st_size, health.counted_size(copy)))
        with closing(connect(copy, read_only=False)) as old:
            # Damage in the description of the tables does not hide those described before it.
            old.execute("PRAGMA writable_schema = ON")
            made = int(old.execute("PRAGMA user_version").fetchone()[0])
            if made > migrations.available()[-1][0]:
                raise migrations.StoreTooNew("A newer Trackside wrote it; let that one save it.")
            target.touch(mode=0o600, exist_ok=False)
            try:
                with closing(connect(target, read_only=False)) as new:
                    return _copy(old, new, made)
            except BaseException:
                # So that it can be tried again.
                target.unlink()
                raise


def _copy(
    old: sqlite3.Connection, new: sqlite3.Connection, made: int
) -> dict[str, tuple[int, bool]]:
    # In the format that it had: Trackside brings it to the newest when it opens it.
    migrations.apply(new, made)
    new.execute("PRAGMA foreign_keys = OFF")
    saved = {}
    names = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for name, statement in new.execute(names).fetchall():
        new.execute("BEGIN")
        info = new.execute(f"PRAGMA table_info([{name}])").fetchall()
        columns = [row["name"] for row in info]
        key = [name for _, name in sorted((row["pk"], row["name"]) for row in info if row["pk"])]
        marks = ", ".join("?" * len(columns))
        # Replaced: a new store has a few rows already.
        insert = f"INSERT OR REPLACE INTO [{name}] ([{'], ['.join(columns)}]) VALUES ({marks})"  # noqa: S608
        numbered = "WITHOUT ROWID" not in statement.upper()
        reading = _Reading(old, name, columns, [] if numbered else key)
        for row in reading.rows():
            try:
                new.execute(insert, row)
            except sqlite3.IntegrityError:  # noqa: PERF203
                # A record that lost its end: columns that may not be empty are.
                reading.whole = False
        count = int(new.execute(f"SELECT count(*) FROM [{name}]").fetchone()[0])  # noqa: S608
        saved[str(name)] = (count, reading.whole)
        new.execute("COMMIT")
    return saved


class _Reading:
    """Reads a table around its damaged places."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        table: str,
        columns: Sequence[str],
        key: Sequence[str],
    ) -> None:
        self._connection = connection
        self._table = table
        self._columns = f"[{'], ['.join(columns)}]"
        # Empty where the rows are numbered.
        self._key = key
        self.whole = True

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Yield the rows, some of them perhaps twice."""
        yield from self._read("")
        if self.whole:
            return
        if self._key:
            yield from self._read(f"ORDER BY [{'] DESC, ['.join(self._key)}] DESC")
            return
        gap, last = 1, self._last
        while gap < _LARGEST_GAP:
            place = last + gap
            yield from self._read("WHERE rowid > ? ORDER BY rowid", place)
            gap = 1 if self._last > last else 2 * gap
            last = max(last, self._last)
            if self._ended:
                return

    def _read(self, how: str, *given: int) -> Iterator[tuple[object, ...]]:
        number = "0" if self._key else "rowid"
        self._last = getattr(self, "_last", 0)
        self._ended = False
        try:
            cursor = self._connection.cursor()
            cursor.row_factory = None
            for row in cursor.execute(
                f"SELECT {number}, {self._columns} FROM [{self._table}] NOT INDEXED {how}",  # noqa: S608
                given,
            ):
                self._last = max(self._last, row[0])
                yield row[1:]
        except sqlite3.DatabaseError:
            self.whole = False
        else:
            self._ended = True


def main() -> int:
    """Say what was saved of each table."""
    parser = argparse.ArgumentParser(description="Save what can be read of a damaged store.")
    parser.add_argument("damaged", type=Path, help="its trackside.db")
    parser.add_argument("target", type=Path, help="the new file")
    options = parser.parse_args()
    try:
        saved = salvage(options.damaged, options.target)
    except FileExistsError:
        sys.exit(f"{options.target} exists already. Name a file that does not.")
    except migrations.StoreTooNew as error:
        sys.exit(error.message)
    except sqlite3.DatabaseError as error:
        sys.exit(f"Nothing of {options.damaged} can be read ({error}). A backup is needed.")
    for name, (count, whole) in saved.items():
        if count or not whole:
            others = "" if whole else ", others could not be read"
            sys.stdout.write(f"{name}: {count} rows{others}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
