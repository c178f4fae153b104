"""MLflow's database in PostgreSQL."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .base import BATCH, SourceFailed
from .database import Database, Rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from . import Place
    from .base import Complain
    from .database import Row

_CONNECT_SECONDS = 15
# Long enough to sort a history of many millions of points.
_STATEMENT_MS = 300_000


class PostgresRows(Rows):
    """A read-only connection; each query is a transaction of its own."""

    def __init__(self, connection: Any, failed: type[Exception]) -> None:
        self._connection = connection
        self._failed = failed
        self._columns: dict[str, frozenset[str]] = {}

    def columns(self, table: str) -> frozenset[str]:
        """Give the columns of a table."""
        if table not in self._columns:
            rows = self.all(
                "SELECT column_name FROM information_schema.columns "
                "WHERE table_name = ? AND table_schema = ANY (current_schemas(false))",
                (table,),
            )
            self._columns[table] = frozenset(row["column_name"] for row in rows)
        return self._columns[table]

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a query."""
        with self._told():
            cursor = self._connection.execute(_marked(sql), parameters)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def points(
        self, run_id: str, keys: Collection[str], bookmark: str | None
    ) -> Iterator[tuple[list[tuple[str, int, int, float, bool]], str]]:
        """Give the points of a run, one metric after the other, in the order of its history."""
        last = json.loads(bookmark) if bookmark else None
        for key in sorted(keys):
            if last is not None and key < last[0]:
                continue
            after = last[1:] if last is not None and key == last[0] else None
            yield from self._history(run_id, key, after)

    def _history(
        self, run_id: str, key: str, after: list[Any] | None
    ) -> Iterator[tuple[list[tuple[str, int, int, float, bool]], str]]:
        columns = "key, step, timestamp, value, is_nan"
        order = "timestamp, step, value, is_nan"
        while True:
            beyond = "" if after is None else f" AND ({order}) > (?, ?, ?, ?)"
            with self._told():
                rows = self._connection.execute(
                    _marked(
                        f"SELECT {columns} FROM metrics WHERE run_uuid = ? AND key = ?{beyond} "  # noqa: S608
                        f"ORDER BY {order} LIMIT {BATCH}"
                    ),
                    (run_id, key, *(after or ())),
                ).fetchall()
            if not rows:
                return
            newest = rows[-1]
            after = [newest[2], newest[1], newest[3], newest[4]]
            yield [tuple(row) for row in rows], json.dumps([key, *after])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._failed as error:
            raise SourceFailed(f"The database cannot be read: {_first_line(error)}.") from error


def open_postgres(where: Place, artifact_root: Path | None, complain: Complain) -> Database:
    """Connect to MLflow's database."""
    try:
        import psycopg
    except ImportError as error:
        raise SourceFailed(
            "Reading PostgreSQL takes a package that is not installed.",
            hint="Run `pip install 'trackside[postgres]'` where JupyterLab runs.",
        ) from error
    try:
        connection = psycopg.connect(
            where.shown,
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
            options=f"-c default_transaction_read_only=on -c statement_timeout={_STATEMENT_MS}",
            password=where.secrets.get("password"),
        )
    except psycopg.Error as error:
        raise SourceFailed(
            f"{where.shown} cannot be opened: {_first_line(error)}.",
            hint="Check the address, the name and the password.",
        ) from error
    parts = urlsplit(where.shown)
    identity = f"postgres:{parts.hostname}:{parts.port or 5432}{parts.path}?{parts.query}"
    rows = PostgresRows(connection, psycopg.Error)
    return Database(rows, where.shown, identity, None, artifact_root, complain)


def _marked(sql: str) -> str:
    """Write parameters as psycopg knows them; none of our queries has a % or ? of its own."""
    return sql.replace("?", "%s")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
