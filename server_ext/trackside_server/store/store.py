"""The store as the services see it."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from trackside_server.errors import StorageFailed, from_sqlite
from trackside_server.regex import matches

from . import migrations
from .filesystem import network_filesystem
from .readers import Readers
from .revisions import Revisions
from .writer import Writer

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from concurrent.futures import Future

T = TypeVar("T")

FILE = "trackside.db"
# Two Jupyter servers may share a store; each waits this long for the other's transaction.
BUSY_SECONDS = 20.0


class Store:
    """One SQLite file below a root folder.

    Parameters
    ----------
    root : Path
        The folder of everything that Trackside keeps; made on `open`, readable by its owner only.
    log : logging.Logger
        The server's log.

    Attributes
    ----------
    notices : list of str
        Sentences that the user should know about this store, shown by ``GET /info``.
    """

    def __init__(self, root: Path, log: logging.Logger) -> None:
        self.root = Path(root)
        self.notices: list[str] = []
        self._log = log
        self._revisions = Revisions()
        self._writer: Writer | None = None
        self._readers: Readers | None = None

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
                hint="Make it writable, or set Trackside.root_dir to another folder.",
            ) from error
        try:
            connection = self._open_for_writing()
        except sqlite3.Error as error:
            known = from_sqlite(error)
            if known is error:
                raise
            raise known from error
        self._writer = Writer(connection, self._revisions, self._log)
        self._readers = Readers(lambda: self._connect(read_only=True))

    def close(self) -> None:
        """Finish the queued writes and close every connection."""
        # The writer last: the last one to close folds the log back into the file, and a reader
        # may not.
        if self._readers is not None:
            self._readers.close()
        if self._writer is not None:
            self._writer.close()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Queue a write; its future resolves after the commit.

        An exception in ``work`` undoes that work alone and is raised by the future. A work may run
        beside others in one transaction, so it neither commits nor rolls back.
        """
        assert self._writer is not None, "the store is not open"
        return self._writer.submit(work)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a write and wait until it is on the disk."""
        # Shielded: a caller that goes away must not leave it open whether its write happened.
        return await asyncio.shield(asyncio.wrap_future(self.submit(work)))

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a read in the pool; all that it sees is of one moment."""
        assert self._readers is not None, "the store is not open"
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers.pool, self._readers.run, work)

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

    def _open_for_writing(self) -> sqlite3.Connection:
        connection = self._connect(read_only=False)
        try:
            self._choose_journal(connection)
            migrations.apply(connection)
            self._revisions.load(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self, *, read_only: bool) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            # An acknowledged point survives a power cut too; the group commit shares the cost.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_size_limit = 67108864")
            if read_only:
                connection.execute("PRAGMA query_only = ON")
                connection.create_function("regexp", 2, matches, deterministic=True)
        except BaseException:
            connection.close()
            raise
        return connection

    def _choose_journal(self, connection: sqlite3.Connection) -> None:
        network = network_filesystem(self.root)
        wanted = "DELETE" if network else "WAL"
        got = str(connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0])
        if network:
            self.notices.append(
                f"The store lies on a network file system ({network}), so it is slower and only "
                "one Jupyter server should use it. Set Trackside.root_dir to a local folder."
            )
        elif got.lower() != "wal":
            self.notices.append(
                "The store's file system cannot hold a write-ahead log, so writing is slower. "
                "Set Trackside.root_dir to a local folder."
            )
        for notice in self.notices:
            self._log.warning(notice)
