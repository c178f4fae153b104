"""What a job may ask the MLflow server for: its own run and what hangs below it, as in the store.

The routes are those of the one table (`protocol.routes`). A route that a job may call has a guard
here, which reads the request as the table's operation would; one without is closed to jobs. The
request then goes on in the form that was checked, so that no other reading of it is possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import Forbidden, InvalidInput
from trackside_server.protocol.table import V2, V3
from trackside_server.tracking.entities import PARENT_TAG

from .claims import keep, keep_reached
from .trace_guards import TRACE_GUARDS
from .wire import artifact_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .claims import Claim, Guard


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
        keep(answer, "experiments", lambda item: item.get("experiment_id") == own)

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
        await keep_reached(claim, answer, "runs", lambda run: _info(run).get("run_id"))

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
        await keep_reached(claim, answer, "models", lambda model: _info(model).get("source_run_id"))

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

GUARDS: Final[Mapping[tuple[str, str], Guard]] = {
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
    **TRACE_GUARDS,
}


def _info(item: Mapping[str, Any]) -> Mapping[str, Any]:
    info = item.get("info")
    return info if isinstance(info, dict) else {}
