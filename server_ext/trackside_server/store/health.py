"""Damage of the database file: noticed, put aside, explained. Nothing is ever thrown away.

SQLite itself survives the end of any process. A file is damaged by what lies below: a disk that
lies, a copy that was cut off, a synchronising folder that mixed two versions.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from trackside_server.errors import is_damage

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from pathlib import Path

ASIDE = "damaged"
_SUFFIXES = ("", "-wal", "-shm", "-journal")
_MAGIC = b"SQLite format 3\x00"
_HEADER = 100


def ended_unclean(path: Path) -> bool:
    """Whether the last server on this file did not close it, or another one is using it now."""
    return any(_size(path.with_name(path.name + suffix)) for suffix in ("-wal", "-journal"))


def is_damaged(path: Path) -> bool:
    """Tell from its first bytes and its size whether a file that nobody uses is cut or foreign."""
    if _size(path) == 0:
        # A log is begun after the first page of its file: the file was emptied.
        return bool(_size(path.with_name(f"{path.name}-wal")))
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        return True
    # The size last: another server may close the file just now, and so make it longer.
    counted = counted_size(path)
    return not ended_unclean(path) and _size(path) < counted


def counted_size(path: Path) -> int:
    """Give the size that a database has by its header, 0 when that says none."""
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        return 0
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    # The count is right when it was written together with the last change.
    counted = header[24:28] == header[92:96]
    return pages * (65536 if page == 1 else page) if counted else 0


def put_aside(path: Path) -> Path:
    """Move the files of a damaged database to a folder of their own; return that folder."""
    folder = _new_folder(path)
    for suffix in _SUFFIXES:
        with suppress(FileNotFoundError):
            file = path.with_name(path.name + suffix)
            file.replace(folder / file.name)
    return folder


def copy_aside(path: Path) -> Path:
    """Copy the files of a damaged database that is in use; return the folder of the copies."""
    folder = _new_folder(path)
    for suffix in _SUFFIXES:
        with suppress(FileNotFoundError):
            file = path.with_name(path.name + suffix)
            shutil.copyfile(file, folder / file.name)
    return folder


class Examination:
    """Reads a whole database in a thread and tells when it is damaged.

    Parameters
    ----------
    path : Path
        The database.
    connect : callable
        Opens a read-only connection.
    report : callable
        Called with the folder of the copies, in the thread, when there is damage.
    log : logging.Logger
        The server's log.
    """

    def __init__(
        self,
        path: Path,
        connect: Callable[[], sqlite3.Connection],
        report: Callable[[Path], None],
        log: logging.Logger,
    ) -> None:
        self._path = path
        self._report = report
        self._log = log
        self._stopped = False
        self._connection = connect()
        self._thread = threading.Thread(target=self._run, name="trackside-check", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the examination, wherever it is."""
        self._stopped = True
        while self._thread.is_alive():
            # Again and again: an interrupt between two statements is lost.
            self._connection.interrupt()
            self._thread.join(0.05)
        self._connection.close()

    def _run(self) -> None:
        try:
            verdict = str(self._connection.execute("PRAGMA quick_check(1)").fetchone()[0])
            damaged = verdict != "ok"
        except sqlite3.Error as error:
            verdict, damaged = str(error), is_damage(error)
        if self._stopped or not damaged:
            return
        self._log.error("The Trackside store is damaged: %s", verdict)
        try:
            self._report(copy_aside(self._path))
        except OSError as error:
            self._log.error("The damaged store could not be copied: %s", error)


def _new_folder(path: Path) -> Path:
    stem = path.parent / ASIDE / time.strftime("%Y-%m-%d_%H-%M-%S")
    for number in range(1000):
        folder = stem.with_name(f"{stem.name}_{number}") if number else stem
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True)
            return folder
    raise FileExistsError(str(stem))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
