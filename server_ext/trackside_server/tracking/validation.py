"""Limits of what can be logged, the same as MLflow's.

Each function gives the value to store or raises :class:`InvalidInput` with a sentence that says
what is allowed. Long param and tag values are cut, as MLflow does, so that autologging a large
value never ends a training.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from trackside_server.errors import InvalidInput

from .entities import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .entities import Dataset, DatasetInput, Metric, Param

MAX_KEY: Final = 250
MAX_PARAM_VALUE: Final = 6000
MAX_RUN_TAG_VALUE: Final = 8000
MAX_EXPERIMENT_NAME: Final = 500
MAX_EXPERIMENT_TAG_VALUE: Final = 20_000
MAX_MODEL_TAG_VALUE: Final = 100_000
MAX_BATCH_METRICS: Final = 1000
MAX_BATCH_PARAMS: Final = 100
MAX_BATCH_TAGS: Final = 100
MAX_BATCH: Final = 1000
MAX_DATASETS: Final = 1000
MAX_LOCATION: Final = 500

LARGEST_DOUBLE: Final = 1.7976931348623157e308
LARGEST_INT64: Final = 2**63 - 1
SMALLEST_INT64: Final = -(2**63)

_KEY = re.compile(r"[/\w.\- :]+\Z")
_RUN_ID = re.compile(r"[A-Za-z0-9][\w-]{0,255}\Z")
_MODEL_NAME_FORBIDDEN = re.compile(r"""[/:.%"']""")


@lru_cache(maxsize=4096)
def key(name: str, what: str) -> str:
    """Check the key of a metric, param or tag.

    Parameters
    ----------
    name
        The key.
    what
        What it is the key of, for the message, e.g. ``"metric"``.
    """
    if not name:
        msg = f"A {what} needs a name."
        raise InvalidInput(msg)
    if len(name) > MAX_KEY:
        msg = f"A {what} name has at most {MAX_KEY} characters; {name[:40]!r}… has {len(name)}."
        raise InvalidInput(msg)
    if not _KEY.match(name):
        msg = (
            f"Invalid {what} name {name!r}: letters, digits, spaces and _ - . : / are allowed in "
            f"names."
        )
        raise InvalidInput(msg)
    if not is_own_path(name):
        msg = (
            f"Invalid {what} name {name!r}: read as a path it means "
            f"{posixpath.normpath(name)!r}; leave out leading and double slashes, '.' and '..'."
        )
        raise InvalidInput(msg)
    return name


def is_own_path(name: str) -> bool:
    """Say whether a name, read as a path, means itself."""
    norm = posixpath.normpath(name)
    return norm == name and norm != "." and not norm.startswith(("..", "/"))


def metric_value(value: float) -> tuple[float, int]:
    """Give the number to store and whether it stands for NaN.

    SQL knows neither NaN nor infinity: NaN becomes ``(0.0, 1)``, an infinity the largest double.
    """
    if value != value:
        return 0.0, 1
    if value > LARGEST_DOUBLE:
        return LARGEST_DOUBLE, 0
    if value < -LARGEST_DOUBLE:
        return -LARGEST_DOUBLE, 0
    return value + 0.0, 0  # turns -0.0 into 0.0


def metrics(points: Sequence[Metric]) -> None:
    """Check names, time stamps and steps of points."""
    for name in {point.key for point in points}:
        key(name, "metric")
    for point in points:
        if not 0 <= point.timestamp <= LARGEST_INT64:
            msg = (
                f"Invalid time stamp {point.timestamp} of metric {point.key!r}: give milliseconds "
                "since 1970, not below 0."
            )
            raise InvalidInput(msg)
        if not SMALLEST_INT64 <= point.step <= LARGEST_INT64:
            msg = f"Invalid step {point.step} of metric {point.key!r}: give a 64-bit integer."
            raise InvalidInput(msg)


def params(items: Iterable[Param]) -> list[Param]:
    """Check params; long values are cut."""
    checked: dict[str, Param] = {}
    for item in items:
        if key(item.key, "param") in checked:
            msg = f"Param {item.key!r} comes twice in one request; give one value for each param."
            raise InvalidInput(msg)
        checked[item.key] = item._replace(value=item.value[:MAX_PARAM_VALUE])
    return list(checked.values())


def run_tags(items: Iterable[Tag]) -> list[Tag]:
    """Check tags of a run: long values are cut, of a repeated key the last one counts."""
    last = {key(item.key, "tag"): item.value[:MAX_RUN_TAG_VALUE] for item in items}
    return [Tag(name, value) for name, value in last.items()]


def experiment_tags(items: Iterable[Tag]) -> list[Tag]:
    """Check tags of an experiment."""
    return _strict_tags(items, MAX_EXPERIMENT_TAG_VALUE)


def model_tags(items: Iterable[Tag]) -> list[Tag]:
    """Check tags of a logged model."""
    return _strict_tags(items, MAX_MODEL_TAG_VALUE)


def _strict_tags(items: Iterable[Tag], limit: int) -> list[Tag]:
    last: dict[str, str] = {}
    for item in items:
        if len(item.value) > limit:
            msg = (
                f"The value of tag {item.key!r} has {len(item.value)} characters; at most "
                f"{limit} are kept."
            )
            raise InvalidInput(msg)
        last[key(item.key, "tag")] = item.value
    return [Tag(name, value) for name, value in last.items()]


def batch_size(metric_count: int, param_count: int, tag_count: int) -> None:
    """Check how much one batch holds."""
    for count, limit, what in (
        (metric_count, MAX_BATCH_METRICS, "metrics"),
        (param_count, MAX_BATCH_PARAMS, "params"),
        (tag_count, MAX_BATCH_TAGS, "tags"),
        (metric_count + param_count + tag_count, MAX_BATCH, "metrics, params and tags"),
    ):
        if count > limit:
            msg = f"One batch holds at most {limit} {what}; this one has {count}. Send several."
            raise InvalidInput(msg)


def run_id(value: str) -> str:
    """Check the shape of a run id."""
    if not _RUN_ID.match(value):
        msg = f"Invalid run_id {value[:80]!r}: an id has letters, digits, '_' and '-' only."
        raise InvalidInput(msg)
    return value


def experiment_id(value: str) -> int:
    """Give the number of an experiment; its id is that number as text."""
    plain = value.isascii() and value.isdigit() and len(value) < 20
    number = int(value) if plain else -1
    if not 0 <= number <= LARGEST_INT64:
        msg = f"Invalid experiment_id {value[:80]!r}: it is the number of an experiment."
        raise InvalidInput(msg)
    return number


def experiment_name(value: str) -> str:
    """Check the name of an experiment."""
    if not value.strip():
        msg = "An experiment needs a name that is not blank."
        raise InvalidInput(msg)
    if len(value) > MAX_EXPERIMENT_NAME:
        msg = (
            f"An experiment name has at most {MAX_EXPERIMENT_NAME} characters; this one has "
            f"{len(value)}."
        )
        raise InvalidInput(msg)
    return value


def run_name(value: str) -> str:
    """Cut the name of a run as its tag is cut, so that both stay the same."""
    return value[:MAX_RUN_TAG_VALUE]


def model_name(value: str) -> str:
    """Check the name of a logged model."""
    if found := _MODEL_NAME_FORBIDDEN.search(value):
        msg = (
            f"Invalid model name {value[:80]!r}: {found.group()!r} is not allowed in it, nor are "
            "/ : . % and quotes."
        )
        raise InvalidInput(msg)
    if len(value) > MAX_EXPERIMENT_NAME:
        msg = f"A model name has at most {MAX_EXPERIMENT_NAME} characters."
        raise InvalidInput(msg)
    return value


def dataset_inputs(items: Sequence[DatasetInput]) -> None:
    """Check data sets and the tags of their use."""
    if len(items) > MAX_DATASETS:
        msg = f"One request links at most {MAX_DATASETS} data sets; this one has {len(items)}."
        raise InvalidInput(msg)
    for item in items:
        _dataset(item.dataset)
        for tag in item.tags:
            _bounded("A data set's tag key", tag.key, 255)
            _bounded("A data set's tag value", tag.value, 500)


def _dataset(dataset: Dataset) -> None:
    for what, value in (("name", dataset.name), ("digest", dataset.digest)):
        if not value:
            msg = f"A data set needs a {what}."
            raise InvalidInput(msg)
    _bounded("A data set's name", dataset.name, 500)
    _bounded("A data set's digest", dataset.digest, 36)
    _bounded("A data set's source", dataset.source, 65_535)
    _bounded("A data set's schema", dataset.schema or "", 1_048_575)
    _bounded("A data set's profile", dataset.profile or "", 16_777_215)


def _bounded(what: str, value: str, limit: int) -> None:
    if len(value) > limit:
        msg = f"{what} has at most {limit} characters; this one has {len(value)}."
        raise InvalidInput(msg)
