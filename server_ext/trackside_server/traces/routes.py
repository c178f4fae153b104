"""The table of the routes of traces, and the handler of OpenTelemetry's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.protocol.fields import entities, entity, flag, integer, text, texts
from trackside_server.protocol.table import V2, V3, Route, Served
from trackside_server.tracking.shapes import NEXT_PAGE, PAIR, TAGS, paged

from . import shapes
from .api import assessments, old, traces
from .otlp_handler import OtlpHandler

if TYPE_CHECKING:
    from trackside_server.protocol.call import Domains
    from trackside_server.web import Core

_OLD: Final = f"{V2}/traces"
_NEW: Final = f"{V3}/traces"
_TRACE: Final = f"{_NEW}/{{trace_id}}"
_ASSESSMENTS: Final = f"{_TRACE}/assessments"
_ASSESSMENT: Final = f"{_ASSESSMENTS}/{{assessment_id}}"

_KEY: Final = text("key").needed
_IDS: Final = texts("trace_ids").needed
_BATCH: Final = (_IDS, texts("experiment_ids"))
_TOLD: Final = (
    integer("timestamp_ms"),
    entities("request_metadata", *PAIR),
    TAGS,
)
_GIVES_INFO: Final = (entity("trace", entity("trace_info", *shapes.INFO).needed).needed,)
_GIVES_OLD: Final = (entity("trace_info", *shapes.OLD_INFO).needed,)
_GIVES_ASSESSMENT: Final = (entity("assessment", *shapes.ASSESSMENT).needed,)
_DELETION: Final = (
    shapes.EXPERIMENT_ID,
    integer("max_timestamp_millis"),
    integer("max_traces"),
    texts("request_ids"),
)
_GIVES_DELETED: Final = (integer("traces_deleted").needed,)

ROUTES: Final = (
    Route(
        "POST",
        _NEW,
        traces.start,
        takes=(entity("trace", entity("trace_info", *shapes.INFO).needed).needed,),
        gives=_GIVES_INFO,
        job=True,
    ),
    Route(
        "GET",
        f"{_NEW}/get",
        traces.get,
        takes=(text("trace_id").needed, flag("allow_partial")),
        gives=(entity("trace", *shapes.TRACE).needed,),
        job=True,
    ),
    Route(
        "GET",
        f"{_NEW}/batchGet",
        traces.batch_get,
        takes=_BATCH,
        gives=(entities("traces", *shapes.TRACE),),
        job=True,
    ),
    Route(
        "POST",
        f"{_NEW}/batchGetInfos",
        traces.batch_get_infos,
        takes=_BATCH,
        gives=(entities("trace_infos", *shapes.INFO),),
        job=True,
    ),
    Route(
        "POST",
        f"{_NEW}/search",
        traces.search,
        takes=(entities("locations", *shapes.LOCATION).needed, *paged()),
        gives=(entities("traces", *shapes.INFO), NEXT_PAGE),
        job=True,
    ),
    Route(
        "POST",
        f"{_NEW}/delete-traces",
        traces.delete,
        takes=_DELETION,
        gives=_GIVES_DELETED,
        job=True,
    ),
    Route("GET", _TRACE, traces.get_info, gives=_GIVES_INFO, job=True),
    Route("PATCH", f"{_TRACE}/tags", traces.set_tag, takes=PAIR, job=True),
    Route("DELETE", f"{_TRACE}/tags", traces.delete_tag, takes=(_KEY,), job=True),
    Route(
        "POST",
        _ASSESSMENTS,
        assessments.create,
        takes=(entity("assessment", *shapes.ASSESSMENT).needed,),
        gives=_GIVES_ASSESSMENT,
        job=True,
    ),
    Route("GET", _ASSESSMENT, assessments.get, gives=_GIVES_ASSESSMENT, job=True),
    Route(
        "PATCH",
        _ASSESSMENT,
        assessments.update,
        takes=(
            entity("assessment", *shapes.ASSESSMENT).needed,
            text("update_mask").needed,
        ),
        gives=_GIVES_ASSESSMENT,
        job=True,
    ),
    Route("DELETE", _ASSESSMENT, assessments.delete, job=True, body=False),
    Route(
        "POST", _OLD, old.begin, takes=(shapes.EXPERIMENT_ID, *_TOLD), gives=_GIVES_OLD, job=True
    ),
    Route(
        "GET",
        _OLD,
        old.search,
        takes=(texts("experiment_ids").needed, *paged()),
        gives=(entities("traces", *shapes.OLD_INFO), NEXT_PAGE),
        job=True,
    ),
    Route(
        "POST",
        f"{_OLD}/delete-traces",
        traces.delete,
        takes=_DELETION,
        gives=_GIVES_DELETED,
        job=True,
    ),
    Route(
        "POST",
        f"{_OLD}/link-to-run",
        traces.link_to_run,
        takes=(_IDS, text("run_id").needed),
        job=True,
    ),
    Route(
        "POST",
        f"{_OLD}/link-prompts",
        traces.link_prompts,
        takes=(
            text("trace_id").needed,
            entities("prompt_versions", text("name").needed, text("version").needed).needed,
        ),
        job=True,
    ),
    Route(
        "PATCH",
        f"{_OLD}/{{trace_id}}",
        old.end,
        takes=(*_TOLD, text("status", *old.STATUSES)),
        gives=_GIVES_OLD,
        job=True,
    ),
    Route("GET", f"{_OLD}/{{trace_id}}/info", old.get_info, gives=_GIVES_OLD, job=True),
    Route("PATCH", f"{_OLD}/{{trace_id}}/tags", traces.set_tag, takes=PAIR, job=True),
    Route("DELETE", f"{_OLD}/{{trace_id}}/tags", traces.delete_tag, takes=(_KEY,), job=True),
)

OTLP_ROUTES: Final = (Served("POST", "/v1/traces"),)
"""Takes what exporters of OpenTelemetry send, which is seldom JSON; it has a handler of its own."""


def otlp_handlers(core: Core, domains: Domains) -> list[tuple[str, type, dict[str, Any]]]:
    """Give the handler of OpenTelemetry's route."""
    return [(r"/trackside/v1/traces", OtlpHandler, {"core": core, "domains": domains})]
