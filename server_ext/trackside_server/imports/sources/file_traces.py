"""Traces in MLflow's file store."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from trackside_server.imports.records import TraceRecord

from .yaml_files import mapping, number, text, text_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_INFO = "trace_info.yaml"


def read(folder: Path, texts: Callable[[Path], Mapping[str, str]]) -> TraceRecord | None:
    """Read the trace in a folder, None when there is none; its spans stay where they are."""
    if not (folder / _INFO).is_file():
        return None
    meta = mapping(folder / _INFO)
    modern = "trace_id" in meta
    requested = meta.get("request_time")
    return TraceRecord(
        trace_id=folder.name,
        timestamp_ms=_milliseconds(requested) if requested else number(meta, "timestamp_ms"),
        execution_time_ms=_duration(meta),
        state=text(meta, "state" if modern else "status") or "STATE_UNSPECIFIED",
        client_request_id=text_or_none(meta, "client_request_id"),
        request_preview=text_or_none(meta, "request_preview"),
        response_preview=text_or_none(meta, "response_preview"),
        tags=texts(folder / "tags"),
        metadata=texts(folder / "request_metadata"),
        assessments=_assessments(folder),
    )


def _assessments(folder: Path) -> list[dict[str, Any]]:
    place = folder / "assessments"
    try:
        names = sorted(path.name for path in place.iterdir() if path.suffix == ".yaml")
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [_plain(mapping(place / name)) for name in names]


def _plain(value: Any) -> Any:
    """Give YAML's values as JSON knows them: it makes dates of texts that look like one."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _milliseconds(value: Any) -> int:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(_zone(str(value)))
    return round(moment.timestamp() * 1000)


def _zone(value: str) -> str:
    # Python 3.10 does not read the Z.
    return value[:-1] + "+00:00" if value.endswith("Z") else value


def _duration(meta: Mapping[str, Any]) -> int | None:
    for key in ("execution_duration_ms", "execution_time_ms"):
        if meta.get(key) is not None:
            return number(meta, key)
    duration = text(meta, "execution_duration")
    return round(float(duration.rstrip("s")) * 1000) if duration else None
