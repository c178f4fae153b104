"""Running and scheduling a pipeline, here or on a KFP server, by the API of Kubeflow Pipelines."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from trackside._client import get_client, segment
from trackside._cron import six_fields
from trackside._display import words
from trackside._errors import TracksideError
from trackside._pipelines.asked import text_of
from trackside._pipelines.places import HERE, KFP, TASKS, call, server_of, unmarked
from trackside._schedules import known_as, of_pipeline
from trackside._waiting import limit_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside._client import Client
    from trackside._pipelines.pipeline import Pipeline
    from trackside._schedules import Schedule

_PAUSE = 1.0
_PAGE = 200
_ENDED = frozenset({"SUCCEEDED", "FAILED", "SKIPPED", "CANCELED"})
_EQUALS = 1


class PipelineRun:
    """A run of a pipeline on the Jupyter server, or on the KFP server behind it.

    Attributes
    ----------
    id
        Its id.
    name
        Its name.
    on
        Where it is: ``"here"`` or ``"kfp"``.
    """

    def __init__(self, data: Mapping[str, Any], client: Client, on: str = HERE) -> None:
        self._client = client
        self.on = on
        self._data = dict(data)
        self.id = str(data["run_id"])
        self.name = str(data.get("display_name") or self.id)

    @property
    def state(self) -> str:
        """Its state when it was asked last: PENDING, RUNNING, SUCCEEDED, FAILED, CANCELED."""
        return str(self._data.get("state") or "PENDING")

    @property
    def error(self) -> str | None:
        """Why it failed, in a sentence."""
        found = self._data.get("error")
        return str(found["message"]) if isinstance(found, dict) and found.get("message") else None

    @property
    def url(self) -> str:
        """Where a browser shows it; empty where that is not known."""
        if self.on == KFP:
            return str((self._data.get("trackside") or {}).get("open_in_kfp") or "")
        return f"{self._client.url}/#/runs/details/{segment(self.id)}"

    def refresh(self) -> PipelineRun:
        """Ask the server for its state."""
        self._data = dict(self._call("GET", ""))
        return self

    def wait(self, timeout: float | None = None) -> PipelineRun:
        """Wait until it has ended.

        A server that is away meanwhile is asked again: the run does not wait for it, either.

        Parameters
        ----------
        timeout
            Seconds after which waiting is given up. Default: never.

        Raises
        ------
        TracksideError
            When it takes longer than that, or the timeout is no number.
        """
        limit = limit_of(timeout)
        until = None if limit is None else time.monotonic() + limit
        while True:
            away: TracksideError | None = None
            try:
                if self.refresh().state in _ENDED:
                    return self
            except TracksideError as error:
                if not error.transient:
                    raise
                away = error
            left = _PAUSE if until is None else until - time.monotonic()
            if left <= 0:
                still = f"{self.name} is still {self.state} after {limit:g} s."
                raise TracksideError(still, away.message if away else None) from away
            time.sleep(min(_PAUSE, left))

    def cancel(self) -> None:
        """Stop its steps."""
        self._call("POST", ":terminate")

    def retry(self) -> None:
        """Go on from what failed."""
        self._call("POST", ":retry")

    def __repr__(self) -> str:
        said = [f"{words.sign(self.state)} {words.clean(self.name)}", self.state]
        return " · ".join([*said, words.clean(self.error, 500)] if self.error else said)

    @property
    def spec(self) -> dict[str, Any]:
        """The compiled pipeline, empty where the server does not give it."""
        found = self._data.get("pipeline_spec")
        return dict(found or self._of_version().get("pipeline_spec") or {})

    def tasks(self) -> list[dict[str, Any]]:
        """Ask the server for the tasks of the run, as KFP 3 tells them."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            query = {"page_size": _PAGE, **({"page_token": token} if token else {})}
            answer = self._call("GET", "/tasks", query)
            found += answer.get("tasks") or []
            token = answer.get("next_page_token") or ""
            if not token:
                return found

    def _call(self, method: str, verb: str, query: Mapping[str, object] | None = None) -> Any:
        path = f"runs/{segment(self.id)}{verb}"
        return call(method, path, query=query, client=self._client, on=self.on)

    def _of_version(self) -> dict[str, Any]:
        """Ask for the version that it is a run of; a KFP server gives no more than its id."""
        named = self._data.get("pipeline_version_reference") or {}
        ids = [str(named.get(key) or "") for key in ("pipeline_id", "pipeline_version_id")]
        if not all(ids):
            return {}
        path = f"pipelines/{segment(ids[0])}/versions/{segment(ids[1])}"
        try:
            return dict(call("GET", path, client=self._client, on=self.on))
        except TracksideError:
            # It may have been deleted; its runs stay.
            return {}

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from trackside._display import pictures

        return pictures.of_pipeline_run(self)


def get_pipeline_run(run_id: str, on: str | None = None) -> PipelineRun:
    """Return the pipeline run with this id.

    Raises
    ------
    TracksideError
        When there is no such run.
    """
    where, plain = unmarked(text_of("run", run_id, "Give an id, as pipelines.runs() lists them."))
    where = on or where
    client = get_client()
    data = call("GET", f"runs/{segment(plain)}", client=client, on=where)
    return PipelineRun(data, client, where)


def start(
    pipeline: Pipeline, *, experiment: str | None, cache: bool, on: str | None
) -> PipelineRun:
    """Run a pipeline and return at once.

    Raises
    ------
    TracksideError
        When there is no such place, or the server refuses it.
    """
    client, where = get_client(), server_of(on)
    name = f"{pipeline.name} {time.strftime('%Y-%m-%d %H:%M:%S')}"
    body = _body(pipeline, experiment, cache=cache, client=client, on=on)
    if where == HERE:
        body["display_name"] = name
        return PipelineRun(call("POST", "runs", body, client=client), client)
    sent = deliver(
        {
            "pipeline_spec": body["pipeline_spec"],
            "experiment_id": body["experiment_id"],
            "arguments": pipeline.arguments,
            "name": pipeline.name,
            "run_name": name,
            "run": True,
        }
    )
    return get_pipeline_run(str(sent["run_id"]), KFP)


def deliver(body: Mapping[str, Any]) -> dict[str, Any]:
    """Send what was compiled to the KFP server, and return what it is there."""
    return dict(get_client().api("POST", "kfp/send", body))


def repeat(
    pipeline: Pipeline, cron: str, *, experiment: str | None, cache: bool, on: str | None
) -> Schedule | dict[str, Any]:
    """Let a server run a pipeline again and again, and return what it made of that."""
    schedule = six_fields(cron)
    client = get_client()
    body = _body(pipeline, experiment, cache=cache, client=client, on=on)
    body |= {
        "display_name": pipeline.name,
        "trigger": {"cron_schedule": {"cron": schedule}},
        "max_concurrency": "1",
        "no_catchup": True,
    }
    is_here = server_of(on) == HERE
    name = str(body["display_name"])
    known = known_as(name, lambda one: one.kind == "pipeline") if is_here else None
    if known is not None:
        return known.replace(body)
    body["mode"] = "ENABLE"
    made = dict(call("POST", "recurringruns", body, client=client, on=server_of(on)))
    return of_pipeline(made["recurring_run_id"], client) if is_here else made


def _body(
    pipeline: Pipeline, experiment: str | None, *, cache: bool, client: Client, on: str | None
) -> dict[str, Any]:
    if experiment is not None:
        text_of("experiment", experiment, 'Write experiment="digits".')
    spec = pipeline.spec
    if not cache:
        for task in spec["root"]["dag"]["tasks"].values():
            task["cachingOptions"] = {}
    said = {"trackside": {"on": on}} if on in TASKS else {}
    return {
        "experiment_id": _experiment_id(experiment or pipeline.name, client, server_of(on)),
        "pipeline_spec": spec,
        "runtime_config": {"parameters": pipeline.arguments},
        **said,
    }


def _experiment_id(name: str, client: Client, on: str) -> str:
    """Return the id of the experiment of a name, which is made when there is none."""
    predicate = {"operation": _EQUALS, "key": "display_name", "stringValue": name}
    query = {"filter": json.dumps({"predicates": [predicate]})}
    found = call("GET", "experiments", query=query, client=client, on=on).get("experiments")
    if not found:
        found = [call("POST", "experiments", {"display_name": name}, client=client, on=on)]
    return str(found[0]["experiment_id"])
