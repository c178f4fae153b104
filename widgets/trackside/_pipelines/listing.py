"""The runs of pipelines as a table."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from trackside import _tables
from trackside._client import get_client
from trackside._options import count
from trackside._pipelines.places import call, marked, place

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = ("name", "state", "pipeline", "created", "finished", "error", "pipeline_run")
_PAGE = 100
# Some servers say the beginning of time for never.
_NEVER = ("1970-", "0001-")


def runs(on: str | None, max_results: int) -> Any:
    """Return the newest runs of a place."""
    where, most = place(on), count("max_results", max_results, least=1)
    client = get_client()
    found: list[dict[str, Any]] = []
    token = ""
    while len(found) < most:
        query = {
            "page_size": min(_PAGE, most - len(found)),
            "page_token": token or None,
            "sort_by": "created_at desc",
            "pipeline_spec": "false",
        }
        answer = call("GET", "runs", query=query, client=client, on=where)
        found += answer.get("runs") or []
        token = answer.get("next_page_token") or ""
        if not token:
            break
    return _tables.frame([_row(run, where) for run in found[:most]], COLUMNS)


def _row(run: Mapping[str, Any], on: str) -> dict[str, Any]:
    error = run.get("error")
    own = run.get("trackside")
    return {
        "name": str(run.get("display_name") or ""),
        "state": str(run.get("state") or "PENDING"),
        "pipeline": str(own.get("pipeline") or "") if isinstance(own, dict) else "",
        "created": _moment(run.get("created_at")),
        "finished": _moment(run.get("finished_at")),
        "error": str(error.get("message") or "") if isinstance(error, dict) else "",
        "pipeline_run": marked(on, str(run.get("run_id") or "")),
    }


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str) or text.startswith(_NEVER):
        return None
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
