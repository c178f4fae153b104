"""What a job may ask the MLflow server about traces: those of its own run and of runs below it.

A trace says in its metadata whose it is. One that a job begins without saying so gets the job's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import InvalidInput
from trackside_server.protocol.table import V2, V3
from trackside_server.traces.entities import RUN_METADATA

from .claims import camel_case, keep_reached
from .wire import metadata_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .claims import Claim, Guard


async def _start(claim: Claim) -> None:
    info = _inner(_inner(claim.fields, "trace"), "trace_info")
    place = _inner(_inner(info, "trace_location"), "mlflow_experiment")
    claim.door.require_experiment(_text(place, "experiment_id"))
    info.setdefault("trace_metadata", {})
    metadata = _inner(info, "trace_metadata")
    await claim.door.require_run(_text(metadata, RUN_METADATA, claim.own_run))
    metadata.setdefault(RUN_METADATA, claim.own_run)
    await claim.known_trace(_text(info, "trace_id"))


async def _begin(claim: Claim) -> None:
    claim.experiment()
    if not await _metadata(claim):
        told = claim.fields.get("request_metadata") or []
        own = {"key": RUN_METADATA, "value": claim.own_run}
        claim.fields["request_metadata"] = [*told, own]


async def _end(claim: Claim) -> None:
    await _trace(claim)
    await _metadata(claim)


async def _metadata(claim: Claim) -> bool:
    """Refuse to name a foreign run; tell whether a run is named."""
    _one(claim.fields, "request_metadata")
    named = False
    for item in claim.objects("request_metadata"):
        if RUN_METADATA in claim.texts("key", item):
            named = True
            for run_id in claim.texts("value", item) or [""]:
                await claim.door.require_run(run_id)
    return named


async def _trace(claim: Claim) -> None:
    for trace_id in {claim.parts["trace_id"], *claim.texts("trace_id")}:
        await claim.trace(trace_id)


async def _named(claim: Claim) -> None:
    named = claim.texts("trace_id")
    if not named:
        raise InvalidInput("Missing value for required parameter 'trace_id'.")
    for trace_id in named:
        await claim.trace(trace_id)


async def _several(claim: Claim) -> None:
    for trace_id in claim.texts("trace_ids"):
        await claim.known_trace(trace_id)


async def _link(claim: Claim) -> None:
    await claim.run()
    await _several(claim)


async def _delete(claim: Claim) -> None:
    claim.experiment()
    named = claim.texts("request_ids")
    if not named:
        raise InvalidInput("A job deletes traces by their ids: give request_ids.")
    for trace_id in named:
        await claim.known_trace(trace_id)


async def _search(claim: Claim) -> None:
    async def narrow(answer: dict[str, Any]) -> None:
        await keep_reached(
            claim, answer, "traces", lambda trace: metadata_of(trace).get(RUN_METADATA)
        )

    claim.narrow = narrow


def _inner(fields: dict[str, Any], name: str) -> dict[str, Any]:
    found = _one(fields, name)
    if not isinstance(found, dict):
        raise InvalidInput(f"{name} has to be an object.")
    return found


def _text(fields: Mapping[str, Any], name: str, default: str = "") -> str:
    found = _one(fields, name) or default
    if not isinstance(found, str):
        raise InvalidInput(f"{name} has to be a string.")
    return found


def _one(fields: Mapping[str, Any], name: str) -> object:
    """Give a field by its one spelling; with another one somebody might read another value."""
    camel = camel_case(name)
    if camel != name and camel in fields:
        raise InvalidInput(f"Write {name} for {camel}.")
    return fields.get(name)


_OLD: Final = f"{V2}/traces"
_NEW: Final = f"{V3}/traces"
_ONE: Final = f"{_NEW}/{{trace_id}}"
_ASSESSMENT: Final = f"{_ONE}/assessments/{{assessment_id}}"

TRACE_GUARDS: Final[Mapping[tuple[str, str], Guard]] = {
    ("POST", _NEW): _start,
    ("GET", f"{_NEW}/get"): _named,
    ("GET", f"{_NEW}/batchGet"): _several,
    ("POST", f"{_NEW}/batchGetInfos"): _several,
    ("POST", f"{_NEW}/search"): _search,
    ("POST", f"{_NEW}/delete-traces"): _delete,
    ("GET", _ONE): _trace,
    ("PATCH", f"{_ONE}/tags"): _trace,
    ("DELETE", f"{_ONE}/tags"): _trace,
    ("POST", f"{_ONE}/assessments"): _trace,
    ("GET", _ASSESSMENT): _trace,
    ("PATCH", _ASSESSMENT): _trace,
    ("DELETE", _ASSESSMENT): _trace,
    ("POST", _OLD): _begin,
    ("GET", _OLD): _search,
    ("POST", f"{_OLD}/delete-traces"): _delete,
    ("POST", f"{_OLD}/link-to-run"): _link,
    ("POST", f"{_OLD}/link-prompts"): _named,
    ("PATCH", f"{_OLD}/{{trace_id}}"): _end,
    ("GET", f"{_OLD}/{{trace_id}}/info"): _trace,
    ("PATCH", f"{_OLD}/{{trace_id}}/tags"): _trace,
    ("DELETE", f"{_OLD}/{{trace_id}}/tags"): _trace,
}
