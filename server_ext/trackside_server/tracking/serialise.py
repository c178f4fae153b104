"""Writes answers in the JSON mapping of protocol buffers, with MLflow's habits.

64-bit integers are numbers, NaN is the text ``"NaN"``, and what is empty or unset is left out.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import msgspec

from trackside_server.structs import asdict

from .entities import MODEL_STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .entities import (
        DatasetInput,
        Experiment,
        FileInfo,
        LoggedModel,
        Metric,
        ModelLink,
        Page,
        Param,
        Run,
        RunInfo,
        Tag,
    )

Json = dict[str, Any]

_encoder = msgspec.json.Encoder()
_text = encode_basestring


def experiment(item: Experiment) -> Json:
    """Write an experiment."""
    return {
        "experiment_id": item.experiment_id,
        "name": item.name,
        "artifact_location": item.artifact_location,
        "lifecycle_stage": _stage(deleted=item.deleted),
        "last_update_time": item.updated_at,
        "creation_time": item.created_at,
        **_filled(tags=_pairs(item.tags)),
    }


def run_info(info: RunInfo) -> Json:
    """Write what a run is."""
    written = {
        "run_uuid": info.run_id,
        "experiment_id": info.experiment_id,
        "run_name": info.run_name,
        "user_id": info.user_id,
        "status": info.status,
        "start_time": info.start_time,
        "artifact_uri": info.artifact_uri,
        "lifecycle_stage": _stage(deleted=info.deleted),
        "run_id": info.run_id,
    }
    if info.end_time is not None:
        written["end_time"] = info.end_time
    return written


def run(item: Run) -> bytes:
    """Write a run with all that it logged, as JSON text."""
    return run_text(
        item.info,
        metrics=[metric(point) for point in item.metrics],
        params=_pairs(item.params),
        tags=_pairs(item.tags),
        dataset_inputs=item.dataset_inputs,
        model_inputs=item.model_inputs,
        model_outputs=item.model_outputs,
    )


def run_text(
    info: RunInfo,
    *,
    metrics: Sequence[Any] | None,
    params: Sequence[Any] | None,
    tags: Sequence[Any] | None,
    dataset_inputs: Iterable[DatasetInput],
    model_inputs: Iterable[ModelLink],
    model_outputs: Iterable[ModelLink],
) -> bytes:
    """Write a run whose pairs and points are objects of JSON already."""
    return _encoder.encode(
        {
            "info": run_info(info),
            "data": _filled(metrics=metrics, params=params, tags=tags),
            "inputs": _filled(
                dataset_inputs=[_dataset_input(link) for link in dataset_inputs],
                model_inputs=[{"model_id": link.model_id} for link in model_inputs],
            ),
            "outputs": _filled(model_outputs=_outputs(model_outputs)),
        }
    )


def runs(texts: Iterable[bytes], next_page_token: str | None) -> Iterator[bytes]:
    """Write a page of runs that are text already, piece by piece."""
    separator = b'{"runs":['
    for text in texts:
        yield separator
        yield text
        separator = b","
    filled = separator == b","
    if filled:
        yield b"]"
    if next_page_token:
        yield (b"," if filled else b"{") + b'"next_page_token":' + _encoder.encode(next_page_token)
    elif not filled:
        yield b"{"
    yield b"}"


def logged_model(item: LoggedModel) -> Json:
    """Write a logged model."""
    return {
        "info": {
            "model_id": item.model_id,
            "experiment_id": item.experiment_id,
            "name": item.name,
            "creation_timestamp_ms": item.created_at,
            "last_updated_timestamp_ms": item.updated_at,
            "artifact_uri": item.artifact_uri,
            "status": MODEL_STATUSES[item.status],
            "model_type": item.model_type or "",
            "source_run_id": item.source_run_id or "",
            **_filled(tags=_pairs(item.tags)),
        },
        "data": _filled(
            params=_pairs(item.params), metrics=[metric(point) for point in item.metrics]
        ),
    }


def metric(point: Metric) -> Json:
    """Write a point with what it was measured on."""
    further = {
        "dataset_name": point.dataset_name,
        "dataset_digest": point.dataset_digest,
        "model_id": point.model_id,
        "run_id": point.run_id,
    }
    return {
        "key": point.key,
        "value": number(point.value),
        "timestamp": point.timestamp,
        "step": point.step,
        **{name: value for name, value in further.items() if value},
    }


def files(root_uri: str, listed: Page[FileInfo]) -> Json:
    """Write a listing of the artifacts of a run or model."""
    return {"root_uri": root_uri, **page("files", map(file, listed.items), listed)}


def file(item: FileInfo) -> Json:
    """Write an entry of a listing; an empty file has no size, as in MLflow."""
    written: Json = {"path": item.path, "is_dir": item.is_dir}
    if item.size:
        written["file_size"] = item.size
    return written


def page(name: str, items: Iterable[Json], of: Page[Any]) -> Json:
    """Write a page of a list."""
    token = of.next_page_token
    return _filled(**{name: list(items)}, **({"next_page_token": token} if token else {}))


def number(value: float) -> float | str:
    """Write a double."""
    return value if value == value else "NaN"


def _stage(*, deleted: bool) -> str:
    return "deleted" if deleted else "active"


def _number_text(value: float) -> str:
    return repr(value) if value == value else '"NaN"'


def _dataset_input(link: DatasetInput) -> Json:
    described = {name: value for name, value in asdict(link.dataset).items() if value is not None}
    return {**_filled(tags=_pairs(link.tags)), "dataset": described}


def _pairs(items: Iterable[Param | Tag]) -> list[Mapping[str, str]]:
    return [{"key": key, "value": value} for key, value in items]


def _outputs(links: Iterable[ModelLink]) -> list[Json]:
    return [{"model_id": link.model_id, "step": link.step} for link in links]


def _filled(**lists: Any) -> Json:
    """Leave out what is empty."""
    return {name: value for name, value in lists.items() if value}
