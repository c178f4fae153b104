"""Keeps the runs of jobs on the MLflow server: what the embedded store is for them otherwise.

Jobs write in transactions of the store. What they write for their runs goes into the outbox in the
same transaction, and is told to the server from there (`delivery`), so that neither a crash of this
server nor an absence of the other one loses it or does it twice.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import quote

from trackside_server.errors import InvalidInput
from trackside_server.jobs.tracking import Reserved
from trackside_server.tracking import validation
from trackside_server.tracking.artifacts import Artifacts
from trackside_server.tracking.entities import (
    PARENT_TAG,
    RUN_NAME_TAG,
    Metric,
    Param,
    Tag,
)

from .lookups import NEW, Lookups
from .outbox import KnownRun, Outbox
from .wire import V2, artifact_root, run_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from trackside_server.changes import Change
    from trackside_server.jobs.embedded import EmbeddedRuns
    from trackside_server.store import Store

    from .client import Client

JOB_TAG: Final = "trackside.job_id"
START_TAG: Final = "trackside.start_id"
FOLDER: Final = "outgoing"


class UpstreamRuns(Lookups):
    """The runs of jobs on one MLflow server.

    Parameters
    ----------
    store
        Keeps the outbox.
    client
        Asks the server.
    outbox
        The outbox for this server.
    root
        The folder in which files wait to be sent.
    former
        Keeps the runs of jobs that were started before this server was set.
    poke
        Tells the delivery that something is there.
    """

    def __init__(
        self,
        store: Store,
        client: Client,
        outbox: Outbox,
        root: Path,
        former: EmbeddedRuns,
        poke: Callable[[], None],
    ) -> None:
        self.artifacts = Artifacts(root)
        super().__init__(store, client, outbox)
        self._former = former
        self._poke = poke

    # The run of a job.

    def committed(self) -> None:
        """Have it told now."""
        self._poke()

    async def reserve_run(
        self, job_id: str, key: str | None, experiment_id: str, *, name: str | None, user: str
    ) -> Reserved:
        """Create the run of a job, or find the one that an earlier attempt created.

        The intent is stored first: a run that was created for a job that was never stored is found
        by its tag, used by the next attempt with the same key, and closed when there is none.
        """
        now = _now_ms()
        job_id, is_new = await self._store.write(
            lambda connection: self._outbox.reserve(connection, job_id, key, experiment_id, now)
        )
        found = None if is_new else await self.find_by_tag(experiment_id, JOB_TAG, job_id)
        if found is None:
            tags = [Tag(JOB_TAG, job_id), *([Tag(RUN_NAME_TAG, name)] if name else [])]
            made = await self._client.json(
                "POST",
                f"{V2}/runs/create",
                {
                    "experiment_id": experiment_id,
                    "user_id": user,
                    "start_time": now,
                    "tags": [tag._asdict() for tag in tags],
                    **({"run_name": name} if name else {}),
                },
            )
            found = run_of(made["run"])
        known = KnownRun(
            found.info.run_id,
            found.info.run_id,
            experiment_id,
            None,
            found.info.artifact_uri,
            found.info.status,
        )
        await self._store.write(
            lambda connection: self._outbox.know(connection, known, self._store.next_revision())
        )
        return Reserved(job_id, found.info.run_id)

    async def release_run(self, reserved: Reserved) -> None:
        """Close a run whose job was not stored."""

        def work(connection: sqlite3.Connection) -> None:
            assert reserved.run_id is not None
            self.abandon_in(connection, reserved.job_id, reserved.run_id)

        await self._store.write(work)
        self._poke()

    def abandon_in(self, connection: sqlite3.Connection, job_id: str, run_id: str) -> None:
        """Close the run of a job that will never be, inside a write of the caller."""
        self._outbox.settle(connection, job_id)
        reason = {"trackside.reason.message": "The job was never stored, so nothing ran."}
        self.update_run_in(connection, run_id, status="KILLED", end_time=_now_ms(), tags=reason)

    def create_run_in(
        self,
        connection: sqlite3.Connection,
        experiment_id: str,
        *,
        reserved: Reserved,
        run_name: str | None = None,
        user_id: str = "",
        start_time: int | None = None,
        tags: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        status: str = "RUNNING",
    ) -> tuple[str, Change | None]:
        """Tell the reserved run what it is, and forget the intent."""
        del experiment_id, user_id, start_time  # said when it was reserved
        run_id = reserved.run_id
        assert run_id is not None
        self._outbox.settle(connection, reserved.job_id)
        self._outbox.put(connection, run_id, "update", {"status": status, "run_name": run_name})
        named = {} if run_name is None else {RUN_NAME_TAG: run_name}
        self._log(
            connection,
            run_id,
            params=[Param(*item) for item in (params or {}).items()],
            tags=[Tag(*item) for item in {**(tags or {}), **named}.items()],
        )
        return run_id, None

    def update_run_in(
        self,
        connection: sqlite3.Connection,
        run_id: str,
        *,
        status: str | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Change | None:
        """Have a run changed; the news come when the server knows it."""
        if _is_former(connection, run_id):
            return self._former.update_run_in(
                connection,
                run_id,
                status=status,
                start_time=start_time,
                end_time=end_time,
                tags=tags,
            )
        # The time of the start stays that of the submission: MLflow's protocol cannot change it.
        # Tags first: whoever sees the run ended finds the reason.
        self._log(connection, run_id, tags=[Tag(*item) for item in (tags or {}).items()])
        if status is not None or end_time is not None:
            self._outbox.put(connection, run_id, "update", {"status": status, "end_time": end_time})
        return None

    def end_nested_in(
        self, connection: sqlite3.Connection, run_id: str, *, status: str, end_time: int | None
    ) -> list[Change]:
        """Have the runs ended that are nested below a run and have not."""
        if _is_former(connection, run_id):
            return self._former.end_nested_in(connection, run_id, status=status, end_time=end_time)
        content = {"status": status, "end_time": end_time}
        self._outbox.put(connection, run_id, "nested", content)
        return []

    # What is logged into runs.

    async def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[Tag] = (),
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> None:
        """Have points, params and tags logged; `also` runs in the same transaction."""
        validation.run_id(run_id)
        validation.metrics(metrics)
        if await self._store.read(lambda connection: _is_former(connection, run_id)):
            await self._former.log_batch(
                run_id, metrics=metrics, params=params, tags=tags, also=also
            )
            return

        def work(connection: sqlite3.Connection) -> None:
            self._log(connection, run_id, metrics, params, tags)
            if also is not None:
                also(connection)

        await self._store.write(work)
        self._poke()

    async def started_run(self, experiment_id: str, start_id: str) -> str | None:
        """Give the run that a client started, as far as this server had a part in it.

        Whether the client did it itself is found out when the run is created.
        """
        del experiment_id
        return await self._store.read(lambda connection: self._outbox.started(connection, start_id))

    async def start_nested(
        self,
        experiment_id: str,
        *,
        run_name: str | None,
        start_time: int,
        tags: Mapping[str, str],
    ) -> str:
        """Have a nested run created; it has an id of our own until the server gives it one."""
        start_id = tags.get(START_TAG, "")
        if not start_id.isalnum():  # it stands in a filter, when the run is looked for
            start_id = secrets.token_hex(16)
        run_id = f"{NEW}{secrets.token_hex(16)}"
        content = {
            "experiment_id": experiment_id,
            "run_name": run_name,
            "start_time": start_time,
            "tags": {**tags, START_TAG: start_id},
        }
        known = KnownRun(run_id, None, experiment_id, tags.get(PARENT_TAG), None, "RUNNING")

        def work(connection: sqlite3.Connection) -> None:
            self._outbox.know(connection, known, self._store.next_revision(), start_id)
            self._outbox.put(connection, run_id, "create", content)

        await self._store.write(work)
        self._poke()
        return run_id

    async def end_run(self, run_id: str, *, status: str, end_time: int) -> None:
        """Have a run ended."""
        content = {"status": status, "end_time": end_time}
        await self._store.write(
            lambda connection: self._outbox.put(connection, run_id, "update", content)
        )
        self._poke()

    async def open_run(
        self,
        experiment_id: str,
        *,
        start_id: str,
        run_name: str,
        user: str,
        start_time: int,
        tags: Mapping[str, str],
        params: Mapping[str, str],
    ) -> str:
        """Create a run on the server at once, or find it: others will name it as their parent."""
        found = await self.find_by_tag(experiment_id, START_TAG, start_id)
        if found is None:
            all_tags = {**tags, START_TAG: start_id, RUN_NAME_TAG: run_name}
            made = await self._client.json(
                "POST",
                f"{V2}/runs/create",
                {
                    "experiment_id": experiment_id,
                    "user_id": user,
                    "start_time": start_time,
                    "run_name": run_name,
                    "tags": [{"key": key, "value": value} for key, value in all_tags.items()],
                },
            )
            found = run_of(made["run"])
        info = found.info
        known = KnownRun(
            info.run_id, info.run_id, experiment_id, None, info.artifact_uri, info.status
        )

        def work(connection: sqlite3.Connection) -> None:
            self._outbox.know(connection, known, self._store.next_revision())
            self._log(connection, info.run_id, params=[Param(*item) for item in params.items()])

        await self._store.write(work)
        self._poke()
        return info.run_id

    async def write_artifact(self, run_id: str, path: str, source: IO[bytes]) -> None:
        """Have a file stored with a run; it waits in the folder of outgoing files."""
        if await self.files_prefix(run_id) is None:
            raise InvalidInput(
                "The MLflow server keeps the artifacts of this run where Trackside does not write."
            )
        target = f"{quote(run_id, safe='')}/{path}"
        await asyncio.to_thread(self.artifacts.write_file, target, source)
        await self._store.write(lambda connection: self.artifacts_changed_in(connection, run_id))
        self._poke()

    async def files_prefix(self, run_id: str) -> str | None:
        """Give the folder in which the files of a run wait to be sent."""
        known = await self._store.read(lambda connection: self._outbox.run(connection, run_id))
        if known is not None and known.artifact_uri and artifact_root(known.artifact_uri) is None:
            return None
        return quote(run_id, safe="")

    async def kept_here(self, run_id: str) -> Path | None:  # noqa: ARG002
        """Give no folder: what is put here goes to the server."""
        return None

    def artifacts_changed_in(self, connection: sqlite3.Connection, run_id: str) -> Change | None:
        """Have the files sent that lie ready."""
        self._outbox.put(connection, run_id, "files", {})
        return None

    def _log(
        self,
        connection: sqlite3.Connection,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[Tag] = (),
    ) -> None:
        if not metrics and not params and not tags:
            return
        content = {
            "metrics": [[item.key, item.value, item.timestamp, item.step] for item in metrics],
            "params": [list(item) for item in validation.params(params)],
            "tags": [list(item) for item in validation.run_tags(tags)],
        }
        self._outbox.put(connection, run_id, "batch", {k: v for k, v in content.items() if v})


def _is_former(connection: sqlite3.Connection, run_id: str) -> bool:
    """Whether a run is one of the embedded store, from before the server was set."""
    row = connection.execute("SELECT 1 FROM runs WHERE run_id = ?", (run_id,)).fetchone()
    return row is not None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
