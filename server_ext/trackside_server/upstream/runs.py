"""Keeps the runs of jobs on the MLflow server: what the embedded store is for them otherwise.

Jobs write in transactions of the store. What they write for their runs goes into the outbox in the
same transaction, and is told to the server from there (`delivery`), so that neither a crash of this
server nor an absence of the other one loses it or does it twice.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, urlencode

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.jobs.tracking import Reserved
from trackside_server.tracking import validation
from trackside_server.tracking.artifacts import Artifacts
from trackside_server.tracking.entities import (
    PARENT_TAG,
    RUN_NAME_TAG,
    Experiment,
    Metric,
    Param,
    Run,
    Tag,
)

from . import curves
from .errors import UpstreamRefused
from .outbox import KnownRun, Outbox
from .wire import V2, artifact_root, point, run_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from trackside_server.changes import Change
    from trackside_server.store import Store

    from .client import Client

T = TypeVar("T")

JOB_TAG: Final = "trackside.job_id"
START_TAG: Final = "trackside.start_id"
NEW: Final = "new-"
"""How the ids of runs begin that the server does not know yet."""
FOLDER: Final = "outgoing"
_REMEMBERED: Final = 60.0
_MOST_REMEMBERED: Final = 5000


class UpstreamRuns:
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
    poke
        Tells the delivery that something is there.
    """

    def __init__(
        self,
        store: Store,
        client: Client,
        outbox: Outbox,
        root: Path,
        poke: Callable[[], None],
    ) -> None:
        self.artifacts = Artifacts(root)
        self._store = store
        self._client = client
        self._outbox = outbox
        self._poke = poke
        self._remembered: dict[tuple[str, str], tuple[float, Any]] = {}

    # What is asked of the server.

    async def get_or_create_experiment(self, name: str) -> Experiment:
        """Give the experiment of this name, making it if there is none."""
        name = validation.experiment_name(name)
        found = await self._experiment_by_name(name)
        if found is None:
            try:
                made = await self._client.json("POST", f"{V2}/experiments/create", {"name": name})
                return _experiment({"name": name, **made})
            except UpstreamRefused as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            # Somebody else made it in this moment.
            found = await self._experiment_by_name(name)
        if found is None or found.get("lifecycle_stage") == "deleted":
            raise InvalidInput(
                f"The experiment {name[:80]!r} is deleted on the MLflow server.",
                hint="Restore it there, or give the job another experiment.",
            )
        return _experiment(found)

    async def get_run(self, run_id: str) -> Run:
        """Give a run with its latest metrics and its tags."""
        run_id = await self._remote(run_id)
        return run_of(await self._get_run(run_id))

    async def sample_history(
        self,
        run_ids: Sequence[str],
        key: str,
        max_results: int,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> list[Metric]:
        """Give evenly thinned points of a metric."""
        steps = None if start_step is None or end_step is None else (start_step, end_step)
        found = await curves.sample(self._client, run_ids, key, max_results, steps)
        return [point(item) for item in found]

    async def parent_run(self, run_id: str) -> str | None:
        """Give the run that a run is nested in, None at the top or when there is no such run."""
        known = await self._store.read(lambda connection: self._outbox.run(connection, run_id))
        if known is not None and known.parent_id:
            return known.parent_id
        run = await self._found_run(run_id)
        return None if run is None else run.tag_map.get(PARENT_TAG)

    async def files_of(self, run_id: str) -> str | None:
        """Give the path of a run's files on the server; None when it does not serve them."""
        run = await self._found_run(run_id)
        return None if run is None else artifact_root(run.info.artifact_uri)

    async def source_of_model(self, model_id: str) -> str | None:
        """Give the run that logged a model, None when there is no such model or run."""
        info = (await self._model(model_id)) or {}
        source = info.get("source_run_id")
        return source if isinstance(source, str) and source else None

    async def files_of_model(self, model_id: str) -> str | None:
        """Give the path of a model's files on the server."""
        info = (await self._model(model_id)) or {}
        return artifact_root(str(info.get("artifact_uri") or ""))

    async def experiment_name(self, experiment_id: str) -> str:
        """Give the name of an experiment."""

        async def ask() -> str:
            query = urlencode({"experiment_id": experiment_id})
            found = await self._client.json("GET", f"{V2}/experiments/get", query=query)
            return str(found.get("experiment", {}).get("name") or "")

        return str(await self._remember("experiment", experiment_id, ask))

    # The run of a job.

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
        del start_time  # MLflow's protocol cannot change it
        # Tags first: whoever sees the run ended finds the reason.
        self._log(connection, run_id, tags=[Tag(*item) for item in (tags or {}).items()])
        if status is not None or end_time is not None:
            self._outbox.put(connection, run_id, "update", {"status": status, "end_time": end_time})
        return None

    def end_nested_in(
        self, connection: sqlite3.Connection, run_id: str, *, status: str, end_time: int | None
    ) -> list[Change]:
        """Have the runs ended that are nested below a run and have not."""
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
        start_id = tags.get(START_TAG) or secrets.token_hex(16)
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

    async def write_artifact(self, run_id: str, path: str, source: IO[bytes]) -> None:
        """Have a file stored with a run; it waits in the folder of outgoing files."""
        if await self.files_prefix(run_id) is None:
            raise InvalidInput(
                "The MLflow server keeps the artifacts of this run where Trackside does not write."
            )
        target = f"{quote(run_id, safe='')}/{path}"
        await asyncio.to_thread(self.artifacts.write_file, target, source)
        await self.artifacts_changed(run_id)

    async def files_prefix(self, run_id: str) -> str | None:
        """Give the folder in which the files of a run wait to be sent."""
        known = await self._store.read(lambda connection: self._outbox.run(connection, run_id))
        if known is not None and known.artifact_uri and artifact_root(known.artifact_uri) is None:
            return None
        return quote(run_id, safe="")

    async def artifacts_changed(self, run_id: str) -> None:
        """Have the files sent that lie ready."""
        await self._store.write(
            lambda connection: self._outbox.put(connection, run_id, "files", {})
        )
        self._poke()

    async def find_by_tag(self, experiment_id: str, key: str, value: str) -> Run | None:
        """Find the run that bears a tag, deleted or not."""
        found = await self._client.json(
            "POST",
            f"{V2}/runs/search",
            {
                "experiment_ids": [experiment_id],
                "filter": f"tags.`{key}` = '{value}'",
                "run_view_type": "ALL",
                "max_results": 1,
            },
        )
        runs = found.get("runs") or []
        return run_of(runs[0]) if runs else None

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

    async def _remote(self, run_id: str) -> str:
        if not run_id.startswith(NEW):
            return run_id
        known = await self._store.read(lambda connection: self._outbox.run(connection, run_id))
        if known is None or known.remote_id is None:
            raise NotFound("The MLflow server does not know this run yet.")
        return known.remote_id

    async def _found_run(self, run_id: str) -> Run | None:
        async def ask() -> Run | None:
            try:
                return await self.get_run(run_id)
            except NotFound:
                return None
            except UpstreamRefused as error:
                if error.status_code in (400, 404):
                    return None
                raise

        found: Run | None = await self._remember("run", run_id, ask)
        return found

    async def _model(self, model_id: str) -> dict[str, Any] | None:
        async def ask() -> dict[str, Any] | None:
            try:
                path = f"{V2}/logged-models/{quote(model_id, safe='')}"
                found = await self._client.json("GET", path)
            except UpstreamRefused as error:
                if error.status_code in (400, 404):
                    return None
                raise
            info = found.get("model", {}).get("info")
            return info if isinstance(info, dict) else None

        found: dict[str, Any] | None = await self._remember("model", model_id, ask)
        return found

    async def _get_run(self, run_id: str) -> dict[str, Any]:
        query = urlencode({"run_id": run_id})
        found = await self._client.json("GET", f"{V2}/runs/get", query=query, timeout=10.0)
        run: dict[str, Any] = found.get("run") or {}
        return run

    async def _experiment_by_name(self, name: str) -> dict[str, Any] | None:
        query = urlencode({"experiment_name": name})
        try:
            found = await self._client.json("GET", f"{V2}/experiments/get-by-name", query=query)
        except UpstreamRefused as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise
        experiment: dict[str, Any] = found.get("experiment") or {}
        return experiment

    async def _remember(self, kind: str, key: str, ask: Callable[[], Any]) -> Any:
        """Ask once a minute at most for what hardly ever changes; what is missing, each time."""
        known = self._remembered.get((kind, key))
        if known is not None and known[0] > time.monotonic():
            return known[1]
        found = await ask()
        if found is not None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[kind, key] = (time.monotonic() + _REMEMBERED, found)
        return found


def _experiment(found: Mapping[str, Any]) -> Experiment:
    return Experiment(
        experiment_id=str(found.get("experiment_id") or ""),
        name=str(found.get("name") or ""),
        artifact_location=str(found.get("artifact_location") or ""),
        deleted=found.get("lifecycle_stage") == "deleted",
        created_at=int(found.get("creation_time") or 0),
        updated_at=int(found.get("last_update_time") or 0),
        revision=0,
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
