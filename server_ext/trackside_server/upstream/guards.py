"""What a job may ask the MLflow server for: its own run and what hangs below it, as in the store.

The routes are those of the one table (`protocol.routes`). A route that a job may call has a guard
here, which reads the request as the table's operation would; one without is closed to jobs. The
request then goes on in the form that was checked, so that no other reading of it is possible.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import Forbidden, InvalidInput
from trackside_server.protocol.table import V2, V3
from trackside_server.tracking.entities import PARENT_TAG

from .wire import artifact_root

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from trackside_server.doors import TokenDoor

    from .runs import UpstreamRuns


@dataclass
class Claim:
    """A request of a job.

    Attributes
    ----------
    door
        Knows whose job it is.
    runs
        Knows what belongs to whom.
    fields
        The body or the query; a guard may add to it.
    parts
        The variable parts of the path.
    narrow
        Leaves of an answer only what the job may see.
    """

    door: TokenDoor
    runs: UpstreamRuns
    fields: dict[str, Any]
    parts: Mapping[str, str] = field(default_factory=dict)
    narrow: Callable[[dict[str, Any]], Awaitable[None]] | None = None

    @property
    def own_run(self) -> str:
        """The run of the job."""
        principal = self.door.principal
        if principal is None or principal.run_id is None:
            raise Forbidden("This job has no run of its own.")
        return principal.run_id

    @property
    def own_experiment(self) -> str:
        """The experiment of the job's run."""
        principal = self.door.principal
        return principal.experiment_id or "" if principal is not None else ""

    def texts(self, name: str, fields: Mapping[str, Any] | None = None) -> list[str]:
        """Give every value of a field, in whatever spelling and number it came."""
        found: list[str] = []
        for spelling in {name, _camel(name)}:
            value = (self.fields if fields is None else fields).get(spelling)
            if value is None or value == "":
                continue
            values = value if isinstance(value, list) else [value]
            if not all(isinstance(item, str) for item in values):
                raise InvalidInput(f"{name} has to be a string.")
            found.extend(values)
        return found

    def objects(self, name: str) -> Iterator[dict[str, Any]]:
        """Give the objects of a list."""
        for spelling in {name, _camel(name)}:
            value = self.fields.get(spelling)
            if value is None:
                continue
            if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
                raise InvalidInput(f"{name} has to be a list of objects.")
            yield from value

    async def run(self) -> None:
        """Refuse every run outside of the job's tree, by its name of today or its old one."""
        named = [*self.texts("run_id"), *self.texts("run_uuid")]
        if not named:
            raise InvalidInput("Missing value for required parameter 'run_id'.")
        for run_id in named:
            await self.door.require_run(run_id)

    def experiment(self) -> None:
        """Refuse every experiment but the job's own."""
        named = self.texts("experiment_id")
        if not named:
            raise InvalidInput("Missing value for required parameter 'experiment_id'.")
        for experiment_id in named:
            self.door.require_experiment(experiment_id)

    async def model(self, model_id: str) -> None:
        """Refuse a model that no run of the job's tree made."""
        source = await self.runs.source_of_model(model_id)
        if source is None:
            raise Forbidden("This job may only use models that its own run logged.")
        await self.door.require_run(source)

    async def tag(self, tag: Mapping[str, Any]) -> None:
        """Refuse a tag that would hang a run of the job below a foreign one."""
        if PARENT_TAG in self.texts("key", tag):
            for parent in self.texts("value", tag) or [""]:
                await self.door.require_run(parent)


async def _open(claim: Claim) -> None:
    del claim


async def _run(claim: Claim) -> None:
    await claim.run()


async def _experiment(claim: Claim) -> None:
    claim.experiment()


async def _by_name(claim: Claim) -> None:
    own = await claim.runs.experiment_name(claim.own_experiment)
    for name in claim.texts("experiment_name") or [""]:
        if name != own:
            raise Forbidden(
                f"This job logs to its own experiment {own[:80]!r} and cannot use {name[:80]!r}.",
                hint="Leave out mlflow.set_experiment in a job and submit it with --experiment.",
            )


async def _experiments(claim: Claim) -> None:
    own = claim.own_experiment

    async def narrow(answer: dict[str, Any]) -> None:
        _keep(answer, "experiments", lambda item: item.get("experiment_id") == own)

    claim.narrow = narrow


async def _create_run(claim: Claim) -> None:
    if not claim.texts("experiment_id"):
        claim.fields["experiment_id"] = "0"
    claim.experiment()
    has_parent = False
    for tag in claim.objects("tags"):
        await claim.tag(tag)
        has_parent = has_parent or PARENT_TAG in claim.texts("key", tag)
    if not has_parent:
        # A script that starts several runs gets them below its job's run.
        claim.fields.setdefault("tags", [])
        claim.fields["tags"].append({"key": PARENT_TAG, "value": claim.own_run})


async def _metric(claim: Claim) -> None:
    await claim.run()
    for model_id in claim.texts("model_id"):
        await claim.model(model_id)


async def _batch(claim: Claim) -> None:
    await claim.run()
    for tag in claim.objects("tags"):
        await claim.tag(tag)
    models = {i for point in claim.objects("metrics") for i in claim.texts("model_id", point)}
    for model_id in models:
        await claim.model(model_id)


async def _set_tag(claim: Claim) -> None:
    await claim.run()
    await claim.tag(claim.fields)


async def _delete_tag(claim: Claim) -> None:
    await claim.run()
    if PARENT_TAG in claim.texts("key"):
        raise Forbidden("A job may not move its runs out of its own run.")


async def _models(claim: Claim) -> None:
    await claim.run()
    for link in claim.objects("models"):
        for model_id in claim.texts("model_id", link):
            await claim.model(model_id)


async def _histories(claim: Claim) -> None:
    for run_id in [*claim.texts("run_ids"), *claim.texts("run_id")]:
        await claim.door.require_run(run_id)


async def _search_runs(claim: Claim) -> None:
    async def narrow(answer: dict[str, Any]) -> None:
        await _keep_reached(claim, answer, "runs", "run_id")

    claim.narrow = narrow


async def _create_model(claim: Claim) -> None:
    claim.experiment()
    sources = claim.texts("source_run_id")
    if not sources:
        claim.fields["source_run_id"] = claim.own_run
    for run_id in sources:
        await claim.door.require_run(run_id)


async def _model(claim: Claim) -> None:
    for model_id in {claim.parts["model_id"], *claim.texts("model_id")}:
        await claim.model(model_id)


async def _search_models(claim: Claim) -> None:
    async def narrow(answer: dict[str, Any]) -> None:
        await _keep_reached(claim, answer, "models", "source_run_id")

    claim.narrow = narrow


async def _create_version(claim: Claim) -> None:
    for run_id in claim.texts("run_id"):
        await claim.door.require_run(run_id)
    for model_id in claim.texts("model_id"):
        await claim.model(model_id)
    sources = claim.texts("source")
    if not sources:
        raise InvalidInput("Missing value for required parameter 'source'.")
    for source in sources:
        await _require_source(claim, source)


async def _require_source(claim: Claim, source: str) -> None:
    """Refuse a version that is made of what no run of the job's tree logged."""
    kind, _, rest = source.partition(":/")
    owner = rest.strip("/").partition("/")[0]
    if kind == "runs":
        await claim.door.require_run(owner)
    elif kind == "models":
        await claim.model(owner)
    elif (path := artifact_root(source)) is not None:
        await claim.runs.require_files(claim.door, path)
    else:
        raise Forbidden("This job may only register what its own run logged.")


async def _version(claim: Claim) -> None:
    async def narrow(answer: dict[str, Any]) -> None:
        found = answer.get("model_version")
        run_id = found.get("run_id") if isinstance(found, dict) else None
        await claim.door.require_run(run_id if isinstance(run_id, str) else "")

    claim.narrow = narrow


_MODEL: Final = f"{V2}/logged-models/{{model_id}}"

GUARDS: Final[Mapping[tuple[str, str], Callable[[Claim], Awaitable[None]]]] = {
    ("GET", "/health"): _open,
    ("GET", "/version"): _open,
    ("GET", f"{V3}/server-info"): _open,
    ("GET", f"{V2}/experiments/get"): _experiment,
    ("GET", f"{V2}/experiments/get-by-name"): _by_name,
    ("POST", f"{V2}/experiments/search"): _experiments,
    ("GET", f"{V2}/experiments/search"): _experiments,
    ("POST", f"{V2}/runs/create"): _create_run,
    ("GET", f"{V2}/runs/get"): _run,
    ("POST", f"{V2}/runs/update"): _run,
    ("POST", f"{V2}/runs/delete"): _run,
    ("POST", f"{V2}/runs/restore"): _run,
    ("POST", f"{V2}/runs/search"): _search_runs,
    ("POST", f"{V2}/runs/log-metric"): _metric,
    ("POST", f"{V2}/runs/log-parameter"): _run,
    ("POST", f"{V2}/runs/log-batch"): _batch,
    ("POST", f"{V2}/runs/set-tag"): _set_tag,
    ("POST", f"{V2}/runs/delete-tag"): _delete_tag,
    ("POST", f"{V2}/runs/log-model"): _run,
    ("POST", f"{V2}/runs/log-inputs"): _models,
    ("POST", f"{V2}/runs/outputs"): _models,
    ("GET", f"{V2}/metrics/get-history"): _run,
    ("GET", f"{V2}/metrics/get-history-bulk-interval"): _histories,
    ("GET", f"{V2}/artifacts/list"): _run,
    ("POST", f"{V2}/registered-models/create"): _open,
    ("POST", f"{V2}/model-versions/create"): _create_version,
    ("GET", f"{V2}/model-versions/get"): _version,
    ("POST", f"{V2}/logged-models"): _create_model,
    ("POST", f"{V2}/logged-models/search"): _search_models,
    ("GET", _MODEL): _model,
    ("PATCH", _MODEL): _model,
    ("DELETE", _MODEL): _model,
    ("PATCH", f"{_MODEL}/tags"): _model,
    ("DELETE", f"{_MODEL}/tags/{{tag_key}}"): _model,
    ("POST", f"{_MODEL}/params"): _model,
    ("GET", f"{_MODEL}/artifacts/directories"): _model,
}


async def _keep_reached(claim: Claim, answer: dict[str, Any], name: str, key: str) -> None:
    reached: set[str] = set()
    for item in _items(answer, name):
        info = item.get("info")
        run_id = info.get(key) if isinstance(info, dict) else None
        if not isinstance(run_id, str) or run_id in reached:
            continue
        try:
            await claim.door.require_run(run_id)
        except Forbidden:
            continue
        reached.add(run_id)
    _keep(answer, name, lambda item: (item.get("info") or {}).get(key) in reached)


def _keep(answer: dict[str, Any], name: str, is_kept: Callable[[dict[str, Any]], bool]) -> None:
    if name in answer:
        answer[name] = [item for item in _items(answer, name) if is_kept(item)]


def _items(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
