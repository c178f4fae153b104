"""How connections to the database are opened, and which journal it keeps."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Literal

from trackside_server.errors import Unavailable
from trackside_server.regex import matches

from .filesystem import network_filesystem

if TYPE_CHECKING:
    from pathlib import Path

Durability = Literal["process", "power"]
Journal = Literal["auto", "wal", "rollback"]

# Two Jupyter servers may share a store; each waits this long for the other's transaction.
BUSY_SECONDS = 20.0
# SQLite's own waiting pauses up to 0.1 s, in which a busy neighbour commits fifty times: the writer
# asks again by itself, and more often.
_WRITER_BUSY_MILLISECONDS = 2


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open a connection, in autocommit mode.

    Parameters
    ----------
    path
        The database; it exists.
    read_only
        Whether it refuses to write.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
            connection.create_function("regexp", 2, matches, deterministic=True)
    except BaseException:
        connection.close()
        raise
    return connection


def closed() -> Unavailable:
    """Give what is told to whoever comes too late."""
    return Unavailable("The Trackside store is closed: the server is shutting down.")


def choose_journal(
    connection: sqlite3.Connection, root: Path, journal: Journal, durability: Durability
) -> str | None:
    """Set journal and durability as the file system allows.

    Returns
    -------
    str or None
        What the user should know about that.
    """
    network = network_filesystem(root) if journal == "auto" else None
    wanted = "DELETE" if network or journal == "rollback" else "WAL"
    got = str(connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0]).upper()
    # Without a write-ahead log a power cut in the wrong moment damages the file, so there is no
    # choice; with it only the last moments are lost, and only by a power cut.
    relaxed = got == "WAL" and durability == "process"
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if relaxed else 'FULL'}")
    if network:
        return (
            f"The store lies on a network file system ({network}), so it is slower and only "
            "one Jupyter server should use it. Set Trackside.root_dir to a local folder."
        )
    if got != wanted:
        return (
            "The store's file system cannot hold a write-ahead log, so writing is slower. "
            "Set Trackside.root_dir to a local folder."
        )
    return None


def be_writer(connection: sqlite3.Connection) -> None:
    """Make ready for the writer, which waits for other servers at the start and the end only."""
    connection.execute(f"PRAGMA busy_timeout = {_WRITER_BUSY_MILLISECONDS}")
    # Pages written before the commit need a lock in the middle of a transaction.
    connection.execute("PRAGMA cache_spill = OFF")
