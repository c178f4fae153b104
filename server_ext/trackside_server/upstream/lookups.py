"""What is asked of the MLflow server about runs, models, traces and experiments."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from trackside_server.errors import Forbidden, InvalidInput, NotFound
from trackside_server.outside.errors import ServerRefused
from trackside_server.traces.entities import LOCATION_TAG, RUN_METADATA
from trackside_server.tracking import validation
from trackside_server.tracking.entities import PARENT_TAG
from trackside_server.tracking.paths import safe_path

from . import curves
from .experiments import experiment_of
from .wire import V2, V3, artifact_root, metadata_of, point, run_of, tags_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trackside_server.doors import TokenDoor
    from trackside_server.store import Store
    from trackside_server.tracking.entities import Experiment, Metric, Run

    from .client import Client
    from .outbox import Outbox

NEW: Final = "new-"
"""How the ids of runs begin that the server does not know yet."""
_RUN: Final = re.compile(r"[0-9a-f]{32}")
_MODEL: Final = re.compile(r"m-[0-9a-f]{32}")
_TRACE: Final = re.compile(r"[A-Za-z0-9][\w-]{0,127}", re.ASCII)
_REMEMBERED: Final = 60.0
_MOST_REMEMBERED: Final = 5000


class TraceOwner(NamedTuple):
    """Whose a trace is.

    Attributes
    ----------
    run_id
        Its run; None for a trace without one.
    files
        The path of its files on the server; None when it does not serve them.
    """

    run_id: str | None
    files: str | None


class Lookups:
    """Asks the server, and remembers for a while what hardly ever changes.

    Parameters
    ----------
    store
        Holds the outbox.
    client
        Asks the server.
    outbox
        Knows the runs that this server has a part in.
    """

    def __init__(self, store: Store, client: Client, outbox: Outbox) -> None:
        self._store = store
        self._client = client
        self._outbox = outbox
        self._remembered: dict[tuple[str, str], tuple[float, Any]] = {}

    async def get_or_create_experiment(self, name: str) -> Experiment:
        """Give the experiment of this name, making it if there is none."""
        name = validation.experiment_name(name)
        found = await self._experiment_by_name(name)
        if found is None:
            try:
                made = await self._client.json("POST", f"{V2}/experiments/create", {"name": name})
                return experiment_of({"name": name, **made})
            except ServerRefused as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            # Somebody else made it in this moment.
            found = await self._experiment_by_name(name)
        if found is None or found.get("lifecycle_stage") == "deleted":
            raise InvalidInput(
                f"The experiment {name[:80]!r} is deleted on the MLflow server.",
                hint="Restore it there, or give the job another experiment.",
            )
        return experiment_of(found)

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

    async def require_files(self, door: TokenDoor, path: str) -> None:
        """Refuse a job files that belong to no run or model of its own.

        Parameters
        ----------
        door
            Knows who asks.
        path
            Below the server's artifact root.
        """
        inside = safe_path(path)
        before = ""
        for segment in inside.split("/"):
            root: str | None = None
            run_id: str | None = None
            if before == "traces":
                found = await self.trace(segment)
                run_id, root = found or (None, None)
            elif _RUN.fullmatch(segment):
                run_id, root = segment, await self.files_of(segment)
            elif _MODEL.fullmatch(segment):
                run_id = await self.source_of_model(segment)
                root = await self.files_of_model(segment)
            if run_id is not None and root and (inside == root or inside.startswith(f"{root}/")):
                await door.require_run(run_id)
                return
            before = segment
        raise Forbidden("This job may only use the artifacts of its own run and models.")

    async def source_of_model(self, model_id: str) -> str | None:
        """Give the run that logged a model, None when there is no such model or run."""
        info = (await self._model(model_id)) or {}
        source = info.get("source_run_id")
        return source if isinstance(source, str) and source else None

    async def files_of_model(self, model_id: str) -> str | None:
        """Give the path of a model's files on the server."""
        info = (await self._model(model_id)) or {}
        return artifact_root(str(info.get("artifact_uri") or ""))

    async def trace(self, trace_id: str) -> TraceOwner | None:
        """Give whose a trace is, None when there is no such trace."""
        if not _TRACE.fullmatch(trace_id):
            return None  # a folder may be called like that
        for path in (f"{V3}/traces/{trace_id}", f"{V2}/traces/{trace_id}/info"):
            try:
                found = await self._client.json("GET", path)
            except ServerRefused as error:
                if error.status_code in (400, 404):
                    continue
                raise
            info = (found.get("trace") or found).get("trace_info") or {}
            run_id = metadata_of(info).get(RUN_METADATA)
            files = artifact_root(str(tags_of(info).get(LOCATION_TAG) or ""))
            return TraceOwner(run_id if isinstance(run_id, str) and run_id else None, files)
        return None

    async def experiment_name(self, experiment_id: str) -> str:
        """Give the name of an experiment."""

        async def ask() -> str:
            query = urlencode({"experiment_id": experiment_id})
            found = await self._client.json("GET", f"{V2}/experiments/get", query=query)
            return str(found.get("experiment", {}).get("name") or "")

        return str(await self._remember("experiment", experiment_id, ask))

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
            except ServerRefused as error:
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
            except ServerRefused as error:
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
        except ServerRefused as error:
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
