"""What the MLflow server is still to be told, in the tables of the store. Knows SQL, no network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

Kind = Literal["create", "batch", "update", "nested", "files"]


class Letter(Struct, frozen=True):
    """One thing to tell the server about a run.

    Attributes
    ----------
    number
        Its place in the order.
    run_id
        The run, under the id that it has here.
    kind
        ``create`` a run that was started here, log a ``batch``, ``update`` status and name, end the
        ``nested`` runs, or send the ``files`` that lie ready.
    content
        The rest.
    """

    number: int
    run_id: str
    kind: Kind
    content: dict[str, Any]


class KnownRun(Struct, frozen=True):
    """A run of the server that jobs or clients of this one write to."""

    run_id: str
    remote_id: str | None
    experiment_id: str
    parent_id: str | None
    artifact_uri: str | None
    status: str


class Outbox:
    """The tables of one server.

    Parameters
    ----------
    server
        Its address.
    """

    def __init__(self, server: str) -> None:
        self._server = server

    def put(
        self, connection: sqlite3.Connection, run_id: str, kind: Kind, content: Mapping[str, Any]
    ) -> None:
        """Add something to tell."""
        # A run that was started here is told of in the order of the run that it is nested in.
        known = self.run(connection, run_id)
        queue = known.parent_id if known is not None and known.parent_id else run_id
        connection.execute(
            "INSERT INTO upstream_outbox (server, queue, run_id, kind, content) "
            "VALUES (?, ?, ?, ?, ?)",
            (self._server, queue, run_id, kind, json.dumps(content)),
        )

    def queues(self, connection: sqlite3.Connection) -> list[str]:
        """Give the queues in which something waits, the longest waiting first."""
        rows = connection.execute(
            "SELECT queue, MIN(number) AS first FROM upstream_outbox WHERE server = ? "
            "GROUP BY queue ORDER BY first",
            (self._server,),
        )
        return [row["queue"] for row in rows]

    def first(self, connection: sqlite3.Connection, queue: str, limit: int) -> list[Letter]:
        """Give what is to be told first in a queue."""
        rows = connection.execute(
            "SELECT number, run_id, kind, content FROM upstream_outbox "
            "WHERE server = ? AND queue = ? ORDER BY number LIMIT ?",
            (self._server, queue, limit),
        )
        return [
            Letter(row["number"], row["run_id"], row["kind"], json.loads(row["content"]))
            for row in rows
        ]

    def told(self, connection: sqlite3.Connection, letters: Sequence[Letter]) -> None:
        """Forget what the server has acknowledged."""
        connection.executemany(
            "DELETE FROM upstream_outbox WHERE number = ?", [(letter.number,) for letter in letters]
        )

    def count(self, connection: sqlite3.Connection) -> tuple[int, list[str]]:
        """Give how much waits for this server, and the other servers that something waits for."""
        rows = connection.execute(
            "SELECT server, COUNT(*) AS n FROM upstream_outbox GROUP BY server"
        ).fetchall()
        own = sum(row["n"] for row in rows if row["server"] == self._server)
        return own, [row["server"] for row in rows if row["server"] != self._server]

    def run(self, connection: sqlite3.Connection, run_id: str) -> KnownRun | None:
        """Give what is known of a run."""
        row = connection.execute(
            "SELECT run_id, remote_id, experiment_id, parent_id, artifact_uri, status "
            "FROM upstream_runs WHERE server = ? AND run_id = ?",
            (self._server, run_id),
        ).fetchone()
        return KnownRun(*row) if row else None

    def started(self, connection: sqlite3.Connection, start_id: str) -> str | None:
        """Give the run that a client started under an id of its own."""
        row = connection.execute(
            "SELECT run_id FROM upstream_runs WHERE server = ? AND start_id = ?",
            (self._server, start_id),
        ).fetchone()
        return str(row["run_id"]) if row else None

    def know(
        self,
        connection: sqlite3.Connection,
        run: KnownRun,
        revision: int,
        start_id: str | None = None,
    ) -> None:
        """Remember a run."""
        connection.execute(
            "INSERT INTO upstream_runs (server, run_id, remote_id, experiment_id, parent_id, "
            "start_id, artifact_uri, status, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (server, run_id) DO UPDATE SET remote_id = excluded.remote_id, "
            "experiment_id = excluded.experiment_id, parent_id = excluded.parent_id, "
            "artifact_uri = excluded.artifact_uri, "
            "status = excluded.status, revision = excluded.revision",
            (
                self._server,
                run.run_id,
                run.remote_id,
                run.experiment_id,
                run.parent_id,
                start_id,
                run.artifact_uri,
                run.status,
                revision,
            ),
        )

    def moved(
        self,
        connection: sqlite3.Connection,
        run_id: str,
        revision: int,
        status: str | None = None,
    ) -> KnownRun | None:
        """Note that a run changed on the server."""
        connection.execute(
            "UPDATE upstream_runs SET revision = ?, status = COALESCE(?, status) "
            "WHERE server = ? AND run_id = ?",
            (revision, status, self._server, run_id),
        )
        return self.run(connection, run_id)

    def changed_since(
        self, connection: sqlite3.Connection, revision: int, limit: int
    ) -> list[dict[str, Any]]:
        """Give the runs that changed after a revision, oldest first."""
        rows = connection.execute(
            "SELECT COALESCE(remote_id, run_id) AS run_id, experiment_id, status, revision "
            "FROM upstream_runs WHERE server = ? AND revision > ? "
            "AND COALESCE(remote_id, run_id) NOT LIKE 'new-%' ORDER BY revision LIMIT ?",
            (self._server, revision, limit),
        )
        return [{**dict(row), "lifecycle_stage": "active"} for row in rows]

    def reserve(
        self,
        connection: sqlite3.Connection,
        job_id: str,
        key: str | None,
        experiment_id: str,
        now: int,
    ) -> tuple[str, bool]:
        """Store the intent to create the run of a job; give its job's id and whether it is new."""
        if key is not None:
            row = connection.execute(
                "SELECT job_id FROM upstream_reservations "
                "WHERE idempotency_key = ? AND server = ? AND experiment_id = ?",
                (key, self._server, experiment_id),
            ).fetchone()
            if row is not None:
                return str(row["job_id"]), False
        connection.execute(
            "INSERT OR REPLACE INTO upstream_reservations VALUES (?, ?, ?, ?, ?)",
            (job_id, self._server, key, experiment_id, now),
        )
        return job_id, True

    def settle(self, connection: sqlite3.Connection, job_id: str) -> None:
        """Forget an intent: the job is stored, or nothing is left of it."""
        connection.execute("DELETE FROM upstream_reservations WHERE job_id = ?", (job_id,))

    def abandoned(self, connection: sqlite3.Connection, before: int) -> list[tuple[str, str]]:
        """Give the jobs of intents that nobody came back to, with their experiments."""
        rows = connection.execute(
            "SELECT job_id, experiment_id FROM upstream_reservations "
            "WHERE server = ? AND created_at < ?",
            (self._server, before),
        )
        return [(row["job_id"], row["experiment_id"]) for row in rows]
