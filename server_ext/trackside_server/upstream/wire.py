"""Reads what the MLflow server writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import InvalidInput
from trackside_server.tracking.entities import (
    Dataset,
    DatasetInput,
    Metric,
    Param,
    Run,
    RunInfo,
    Tag,
)
from trackside_server.tracking.paths import safe_path

if TYPE_CHECKING:
    from collections.abc import Mapping

V2: Final = "/api/2.0/mlflow"
V3: Final = "/api/3.0/mlflow"
_PROXIED: Final = re.compile(r"mlflow-artifacts:(?://[^/]*)?/+(.*)", re.DOTALL)


def run_of(found: Mapping[str, Any]) -> Run:
    """Read a run."""
    info, data = found.get("info") or {}, found.get("data") or {}
    end = info.get("end_time")
    return Run(
        RunInfo(
            run_id=str(info.get("run_id") or info.get("run_uuid") or ""),
            run_name=str(info.get("run_name") or ""),
            experiment_id=str(info.get("experiment_id") or ""),
            user_id=str(info.get("user_id") or ""),
            status=str(info.get("status") or "RUNNING"),
            start_time=int(info.get("start_time") or 0),
            end_time=int(end) if end else None,
            artifact_uri=str(info.get("artifact_uri") or ""),
            deleted=info.get("lifecycle_stage") == "deleted",
            revision=0,
        ),
        metrics=[point(item) for item in data.get("metrics") or ()],
        params=[Param(*_pair(item)) for item in data.get("params") or ()],
        tags=[Tag(*_pair(item)) for item in data.get("tags") or ()],
        dataset_inputs=[
            _dataset(item.get("dataset") or {})
            for item in (found.get("inputs") or {}).get("dataset_inputs") or ()
        ],
    )


def point(found: Mapping[str, Any]) -> Metric:
    """Read a point; NaN and infinities are strings on the wire."""
    return Metric(
        str(found.get("key") or ""),
        float(found.get("value") or 0.0),
        int(found.get("timestamp") or 0),
        int(found.get("step") or 0),
        run_id=found.get("run_id"),
    )


def metadata_of(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Read the metadata of a trace: an object, or the pairs of MLflow 2."""
    found = trace.get("trace_metadata")
    return found if isinstance(found, dict) else _pairs(trace.get("request_metadata"))


def tags_of(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Read the tags of a trace, in either form."""
    found = trace.get("tags")
    return found if isinstance(found, dict) else _pairs(found)


def _pairs(found: object) -> dict[str, Any]:
    pairs = found if isinstance(found, list) else []
    return {
        item["key"]: item.get("value") for item in pairs if isinstance(item, dict) and "key" in item
    }


def artifact_root(uri: str) -> str | None:
    """Give the path under which the server serves the files at an address, None for other places.

    A host in it is not looked at: files are asked of the server that runs are asked of.
    """
    match = _PROXIED.fullmatch(uri)
    if match is None:
        return None
    try:
        return safe_path(match[1])
    except InvalidInput:
        return None


def _dataset(found: Mapping[str, Any]) -> DatasetInput:
    names = ("name", "digest", "source_type", "source")
    return DatasetInput(Dataset(*(str(found.get(name) or "") for name in names)))


def _pair(found: Mapping[str, Any]) -> tuple[str, str]:
    return str(found.get("key") or ""), str(found.get("value") or "")
