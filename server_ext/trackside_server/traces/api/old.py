"""The routes of traces as the clients of MLflow 2 call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.errors import InvalidInput
from trackside_server.protocol.call import rendered
from trackside_server.traces import serialise, times
from trackside_server.traces.entities import STATES
from trackside_server.traces.infos import MAX_RESULTS
from trackside_server.traces.reach import admit, admit_metadata

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call, Reply
    from trackside_server.protocol.message import Message
    from trackside_server.traces.entities import TraceInfo

STATUSES: Final = ("TRACE_STATUS_UNSPECIFIED", *STATES[1:])
"""By their numbers in the protocol, which start at 0."""


async def begin(call: Call) -> Reply:
    """Begin a trace."""
    message = call.message
    experiment_id = message.required_text("experiment_id")
    timestamp = _read_time(message)
    metadata, tags = _read_pairs(message, "request_metadata"), _read_pairs(message, "tags")
    call.reach.experiment(experiment_id)
    await admit_metadata(call.reach, metadata)
    begun = await call.traces.begin_trace(
        experiment_id, timestamp, metadata, tags, call.reach.run_id
    )
    return _reply(begun)


async def end(call: Call) -> Reply:
    """End a trace."""
    message = call.message
    timestamp = _read_time(message)
    status = message.choice("status", STATUSES, first=0)
    metadata, tags = _read_pairs(message, "request_metadata"), _read_pairs(message, "tags")
    if status is None:
        raise InvalidInput(f"Invalid value for parameter 'status': give {', '.join(STATUSES)}.")
    await admit(call.reach, call.traces, call.path["trace_id"])
    await admit_metadata(call.reach, metadata)
    state = STATES[STATUSES.index(status)]
    ended = await call.traces.end_trace(call.path["trace_id"], timestamp, state, metadata, tags)
    return _reply(ended)


async def get_info(call: Call) -> Reply:
    """Give a trace without its spans."""
    await admit(call.reach, call.traces, call.path["trace_id"])
    return _reply(await call.traces.trace_info(call.path["trace_id"]))


async def search(call: Call) -> Reply:
    """Find traces in experiments."""
    message = call.message
    message.require("experiment_ids")
    experiments = message.texts("experiment_ids")
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
        lambda: serialise.page("traces", map(serialise.old_info, page.items), page.next_page_token)
    )


def _read_time(message: Message) -> int:
    time = message.integer("timestamp_ms") or 0
    if not times.FIRST <= time <= times.LAST:
        # The duration has to fit into 64 bits, too.
        raise InvalidInput("timestamp_ms has to lie in the years 1 to 9999.")
    return time


def _read_pairs(message: Message, name: str) -> dict[str, str]:
    return {item.required_text("key"): item.text("value") for item in message.messages(name)}


def _reply(info: TraceInfo) -> Reply:
    return {"trace_info": serialise.old_info(info)}
