"""The routes of traces as the clients of MLflow 3 call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput
from trackside_server.protocol.call import rendered
from trackside_server.traces import serialise, times, validation
from trackside_server.traces.entities import STATES, UNSPECIFIED, TraceInfo
from trackside_server.traces.infos import MAX_RESULTS
from trackside_server.traces.reach import admit, admit_known, admit_metadata

from .assessments import read_assessment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.protocol.call import Call, Reply
    from trackside_server.protocol.message import Message


async def start(call: Call) -> Reply:
    """Store a trace without its spans, new or in the place of what was known of it."""
    info = _read_info(call.message.required_message("trace").required_message("trace_info"))
    call.reach.experiment(info.experiment_id)
    await admit_metadata(call.reach, info.metadata)
    await admit_known(call.reach, call.traces, [info.trace_id])
    stored = await call.traces.start_trace(info, call.reach.run_id)
    return {"trace": {"trace_info": serialise.info(stored)}}


async def get_info(call: Call) -> Reply:
    """Give a trace without its spans."""
    trace_id = call.path["trace_id"]
    await admit(call.reach, call.traces, trace_id)
    return {"trace": {"trace_info": serialise.info(await call.traces.trace_info(trace_id))}}


async def get(call: Call) -> Reply:
    """Give a trace with its spans."""
    trace_id = call.message.required_text("trace_id")
    # Incomplete traces are given either way: there is nothing to wait for.
    call.message.flag("allow_partial", default=False)
    await admit(call.reach, call.traces, trace_id)
    found = await call.traces.trace(trace_id)
    return await rendered(lambda: {"trace": serialise.trace(found)})


async def batch_get(call: Call) -> Reply:
    """Give those of some traces that exist, with their spans."""
    trace_ids, experiments = await _read_batch(call)
    found = await call.traces.traces(trace_ids, experiments)
    return await rendered(lambda: serialise.page("traces", map(serialise.trace, found), None))


async def batch_get_infos(call: Call) -> Reply:
    """Give those of some traces that exist, without their spans."""
    trace_ids, experiments = await _read_batch(call)
    found = await call.traces.trace_infos(trace_ids, experiments)
    return await rendered(lambda: serialise.page("trace_infos", map(serialise.info, found), None))


async def search(call: Call) -> Reply:
    """Find traces in experiments."""
    message = call.message
    message.require("locations")
    experiments = [
        place.required_message("mlflow_experiment").required_text("experiment_id")
        for place in message.messages("locations")
        if place.value("mlflow_experiment") is not None
    ]
    results = message.integer("max_results")
    for experiment_id in experiments:
        call.reach.experiment(experiment_id)
    page = await call.traces.search_traces(
        experiments,
        filter_text=message.text("filter"),
        order_by=message.texts("order_by"),
        max_results=MAX_RESULTS if results is None else results,
        page_token=message.text("page_token") or None,
        below=call.reach.run_id,
    )
    return await rendered(
        lambda: serialise.page("traces", map(serialise.info, page.items), page.next_page_token)
    )


async def set_tag(call: Call) -> Reply:
    """Set a tag of a trace."""
    key, value = call.message.required_text("key"), call.message.text("value")
    await admit(call.reach, call.traces, call.path["trace_id"])
    await call.traces.set_trace_tag(call.path["trace_id"], key, value)
    return {}


async def delete_tag(call: Call) -> Reply:
    """Delete a tag of a trace."""
    key = call.message.required_text("key")
    await admit(call.reach, call.traces, call.path["trace_id"])
    await call.traces.delete_trace_tag(call.path["trace_id"], key)
    return {}


async def delete(call: Call) -> Reply:
    """Delete traces with their files: some by their ids, or all up to a time."""
    message = call.message
    experiment_id = message.required_text("experiment_id")
    trace_ids = message.texts("request_ids") or None
    until, most = message.integer("max_timestamp_millis"), message.integer("max_traces")
    call.reach.experiment(experiment_id)
    if call.reach.is_job and trace_ids is None:
        raise InvalidInput("A job deletes traces by their ids: give request_ids.")
    await admit_known(call.reach, call.traces, trace_ids or ())
    deleted = await call.traces.delete_traces(
        experiment_id, trace_ids=trace_ids, until=until, most=most
    )
    return {"traces_deleted": deleted}


async def link_to_run(call: Call) -> Reply:
    """Link traces to a run."""
    message = call.message
    message.require("trace_ids")
    trace_ids, run_id = message.texts("trace_ids"), message.required_text("run_id")
    await call.reach.run(run_id)
    await admit_known(call.reach, call.traces, trace_ids)
    await call.traces.link_traces_to_run(trace_ids, run_id)
    return {}


async def link_prompts(call: Call) -> Reply:
    """Link versions of prompts to a trace."""
    message = call.message
    trace_id = message.required_text("trace_id")
    message.require("prompt_versions")
    prompts = [
        (item.required_text("name"), _version(item.required_text("version")))
        for item in message.messages("prompt_versions")
    ]
    await admit(call.reach, call.traces, trace_id)
    await call.traces.link_prompts_to_trace(trace_id, prompts)
    return {}


async def _read_batch(call: Call) -> tuple[Sequence[str], Sequence[str] | None]:
    message = call.message
    message.require("trace_ids")
    trace_ids = message.texts("trace_ids")
    experiments = message.texts("experiment_ids") or None
    if len(trace_ids) > validation.MAX_BATCH:
        raise InvalidInput(f"Give at most {validation.MAX_BATCH} trace_ids in one request.")
    await admit_known(call.reach, call.traces, trace_ids)
    return trace_ids, experiments


def _read_info(message: Message) -> TraceInfo:
    place = message.required_message("trace_location")
    experiment = place.required_message("mlflow_experiment")
    requested = message.optional_text("request_time")
    duration = message.optional_text("execution_duration")
    return TraceInfo(
        trace_id=message.text("trace_id"),
        experiment_id=experiment.required_text("experiment_id"),
        state=message.choice("state", STATES, first=0) or UNSPECIFIED,
        request_time=times.read_time(requested, "request_time") if requested else 0,
        duration=times.read_duration(duration, "execution_duration") if duration else None,
        client_request_id=message.optional_text("client_request_id"),
        request_preview=message.optional_text("request_preview"),
        response_preview=message.optional_text("response_preview"),
        metadata=message.pairs("trace_metadata"),
        tags=message.pairs("tags"),
        assessments=[
            read_assessment(item, message.text("trace_id"))
            for item in message.messages("assessments")
        ],
    )


def _version(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput(f"Invalid version {text[:40]!r} of a prompt: it is a whole number.")
    return int(text)
