"""The store as the services see it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from trackside_server.errors import StorageFailed, from_sqlite, is_damage

from . import health, migrations
from .connecting import be_writer, choose_journal, connect
from .readers import Readers
from .revisions import Revisions
from .writer import Writer

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from concurrent.futures import Future

    from .connecting import Durability, Journal

T = TypeVar("T")

FILE = "trackside.db"


class Store:
    """One SQLite file below a root folder.

    Parameters
    ----------
    root : Path
        The folder of everything that Trackside keeps; made on `open`, readable by its owner only.
    log : logging.Logger
        The server's log.
    durability : str
        What an acknowledged write outlives: ``process``, the end of this process in any way;
        ``power``, a power cut too, at the price of waiting for the disk at each commit.
    journal : str
        ``wal`` or ``rollback`` instead of what fits the file system (``auto``).

    Attributes
    ----------
    notices : list of str
        Sentences that the user should know about this store, shown by ``GET /info``.
    """

    def __init__(
        self,
        root: Path,
        log: logging.Logger,
        durability: Durability = "process",
        journal: Journal = "auto",
    ) -> None:
        self.root = Path(root)
        self._durability = durability
        self._journal = journal
        self.notices: list[str] = []
        self._log = log
        self._revisions = Revisions()
        self._writer: Writer | None = None
        self._readers: Readers | None = None
        self._examination: health.Examination | None = None
        self._lock = threading.Lock()

    @property
    def path(self) -> Path:
        """The database file."""
        return self.root / FILE

    @property
    def revision(self) -> int:
        """The highest revision that this process gave out or saw."""
        return self._revisions.last

    def open(self) -> None:
        """Make the folder and the file where needed, migrate, and start the writer.

        Raises
        ------
        StorageFailed
            The folder cannot be made or written.
        StoreTooNew
            A newer Trackside wrote this store.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
        except OSError as error:
            raise StorageFailed(
                f"The folder {self.root} cannot be used for the Trackside store: {error.strerror}.",
                hint="Make it writable, or set Trackside.root_dir to another folder; "
                "then restart the Jupyter server.",
            ) from error
        unclean = health.ended_unclean(self.path)
        try:
            connection = self._opened()
        except sqlite3.Error as error:
            known = from_sqlite(error)
            if known is error:
                raise
            raise known from error
        # Without a write-ahead log, writers would have to wait until the whole file is read.
        unclean &= connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        self._writer = Writer(connection, self._revisions, self._log)
        self._readers = Readers(self._reading, self._examine)
        if unclean:
            self._examine()

    def close(self) -> None:
        """Finish the queued writes and close every connection."""
        # The writer last: the last one to close folds the log back into the file, and a reader
        # may not.
        if self._readers is not None:
            self._readers.close()
        if self._examination is not None:
            self._examination.stop()
        if self._writer is not None:
            self._writer.close()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Queue a write; its future resolves after the commit.

        An exception in ``work`` undoes that work alone and is raised by the future. A work may run
        beside others in one transaction, so it neither commits nor rolls back.
        """
        assert self._writer is not None, "the store is not open"
        return self._writer.submit(work)

    async def write(
        self, work: Callable[[sqlite3.Connection], T], *, repeatable: bool = False
    ) -> T:
        """Run a write and wait until it is on the disk.

        Parameters
        ----------
        work
            As for `submit`.
        repeatable
            Whether it may run again after its first run was undone: it changes nothing but the
            database. Groups of such works are cheaper.
        """
        assert self._writer is not None, "the store is not open"
        loop = asyncio.get_running_loop()
        return await self._writer.submit_from(loop, work, repeatable=repeatable)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a read in the pool; all that it sees is of one moment."""
        assert self._readers is not None, "the store is not open"
        return await self._readers.submit(asyncio.get_running_loop(), work)

    def read_now(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a read on this thread. Not for the event loop's thread."""
        assert self._readers is not None, "the store is not open"
        return self._readers.run(work)

    def next_revision(self) -> int:
        """Return the revision of a change; to be called inside the work that makes the change."""
        return self._revisions.next()

    def bury(self, connection: sqlite3.Connection, kind: str, identifier: str) -> int:
        """Note inside a work that a thing was deleted; return the revision of that."""
        revision = self.next_revision()
        connection.execute(
            "INSERT OR REPLACE INTO tombstones (kind, id, revision) VALUES (?, ?, ?)",
            (kind, identifier, revision),
        )
        return revision

    def _examine(self) -> None:
        """Read the whole file once, to tell of damage and to save what there is."""
        with self._lock:
            if self._examination is None:
                self._examination = health.Examination(
                    self.path, self._reading, self._found_damage, self._log
                )

    def _reading(self) -> sqlite3.Connection:
        return connect(self.path, read_only=True)

    def _opened(self) -> sqlite3.Connection:
        if health.is_damaged(self.path):
            return self._begin_anew()
        try:
            return self._open_for_writing()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._log.error("The Trackside store cannot be opened: %s", error)
            return self._begin_anew()

    def _open_for_writing(self) -> sqlite3.Connection:
        connection = connect(self.path, read_only=False)
        try:
            notice = choose_journal(connection, self.root, self._journal, self._durability)
            migrations.apply(connection)
            self._revisions.load(connection)
            be_writer(connection)
        except BaseException:
            connection.close()
            raise
        if notice:
            self._tell(notice)
        return connection

    def _begin_anew(self) -> sqlite3.Connection:
        folder = health.put_aside(self.path)
        self.path.touch(mode=0o600)
        connection = self._open_for_writing()
        self._tell(
            f"The store was damaged, so its files were moved to {folder} and an empty one was "
            "begun. Restore a backup, or save what can be read by "
            "`python -m trackside_server.store.salvage`."
        )
        return connection

    def _found_damage(self, folder: Path) -> None:
        self._tell(
            f"The store is damaged; a copy of it as it is now lies in {folder}. Stop Jupyter and "
            "restore a backup, or save what can be read by "
            "`python -m trackside_server.store.salvage`."
        )

    def _tell(self, notice: str) -> None:
        self.notices.append(notice)
        self._log.warning(notice)
