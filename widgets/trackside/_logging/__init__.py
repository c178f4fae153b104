"""Logging from a training loop: never in its way, never lost.

What is logged goes to a buffer, a few milliseconds later to a spool on the disk, and from there in
batches to the server. A call costs microseconds, whatever the server does meanwhile.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trackside._errors import TracksideError
from trackside._logging.checks import name as checked_name
from trackside._logging.checks import number
from trackside._logging.pipeline import pipeline
from trackside._logging.runs import ActiveRun, current, end_run, set_tags_of, start_run
from trackside._logging.say import say_once
from trackside._waiting import limit_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

__all__ = [
    "ActiveRun",
    "end_run",
    "flush",
    "log",
    "log_artifact",
    "log_params",
    "set_tags",
    "start_run",
]

_MAX_COUNTERS = 10_000
_FLUSH = 5.0
_steps: dict[tuple[str, str], int] = {}


def log(metrics: Mapping[str, object], step: int | None = None) -> None:
    """Log values of metrics to the current run. It neither waits nor raises.

    Parameters
    ----------
    metrics
        Values by name: numbers, or scalars of numpy, torch and the like.
    step
        Where in the training they belong; by default each metric is counted.
    """
    try:
        run = current()
        if run is None:
            return
        timestamp = time.time_ns() // 1_000_000
        points: list[tuple[str, float, int, int]] = []
        for key, value in metrics.items():
            try:
                name = checked_name(key)
                point = value if type(value) is float else number(value)
            except Exception as error:  # noqa: BLE001 - whatever a foreign scalar raises
                say_once(f"value {key}", f"{key!r} is not logged: {error}.")
                continue
            points.append((name, point, timestamp, _next_step(run, name) if step is None else step))
        if points:
            pipeline().put(run, "m", points)
    except Exception as error:  # noqa: BLE001 - logging must not end a training
        say_once("log", f"Metrics are not logged: {error!r}.")


def log_params(params: Mapping[str, object]) -> None:
    """Log params of the current run. It neither waits nor raises.

    Parameters
    ----------
    params
        Values by name; they are kept as text, and the first value of a name stays.
    """
    try:
        run = current()
        if run is not None and params:
            content = {checked_name(key): str(value) for key, value in params.items()}
            pipeline().put(run, "p", content)
    except Exception as error:  # noqa: BLE001 - logging must not end a training
        say_once("params", f"Params are not logged: {error!r}.")


def set_tags(tags: Mapping[str, object]) -> None:
    """Set tags of the current run. It neither waits nor raises.

    Parameters
    ----------
    tags
        Values by name; the last value of a name stays.
    """
    try:
        run = current()
        if run is not None and tags:
            set_tags_of(run, tags)
    except Exception as error:  # noqa: BLE001 - logging must not end a training
        say_once("tags", f"Tags are not set: {error!r}.")


def log_artifact(path: str | os.PathLike[str], name: str | None = None) -> None:
    """Keep a file, or a folder with all that is in it, with the current run.

    The file is copied at once, so that it may change afterwards, and sent later. It never raises.

    Parameters
    ----------
    path
        The file or folder.
    name
        Its path among the run's artifacts; its own name by default.
    """
    try:
        run = current()
        if run is not None:
            from trackside._logging.artifacts import keep

            keep(run, path, name)
    except Exception as error:  # noqa: BLE001 - logging must not end a training
        say_once(f"artifact {path}", f"The file {path} is not kept: {error}.")


def flush(timeout: float = _FLUSH) -> bool:
    """Wait until all that was logged has reached the server.

    In a pod that cannot reach it, whatever is on the disk is on its way, and counts as there.

    Parameters
    ----------
    timeout
        Seconds to wait at most. What is no number is told and counts as 5: this never raises.

    Returns
    -------
    bool
        Whether it has. What has not is kept on the disk and sent later.
    """
    try:
        limit = limit_of(timeout)
    except TracksideError as error:
        say_once("flush", f"flush waits for {_FLUSH:g} s: {error}")
        limit = None
    return pipeline().flush(_FLUSH if limit is None else limit)


def _next_step(run: str, name: str) -> int:
    step = _steps.get((run, name), 0)
    if step or len(_steps) < _MAX_COUNTERS:
        _steps[run, name] = step + 1
    return step
