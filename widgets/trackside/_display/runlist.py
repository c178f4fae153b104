"""Several runs as they are drawn without Trackside: what is in the columns, and the curves."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside._display import words
from trackside._errors import TracksideError
from trackside._text import duration_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside._client import Client
    from trackside._run import Run

# What a saved notebook carries for each output stays small.
SHOWN = 30
_PARAMS, _METRICS, _POINTS = 5, 4, 40


@dataclass(frozen=True)
class RunList:
    """Runs with the columns in which they are compared.

    Attributes
    ----------
    runs
        Those that are drawn.
    more
        Whether there are others: how many, or None when that is not known.
    params, metrics
        The keys of the columns; the first metric is the one whose curve is drawn.
    curves
        The curve of that metric, by the id of a run.
    """

    runs: Sequence[Run]
    more: int | None
    params: Sequence[str]
    metrics: Sequence[str]
    curves: Mapping[str, Sequence[float]]


def listed(client: Client, runs: Sequence[Run], more: int | None = 0) -> RunList:
    """Choose what is drawn of several runs, and fetch their curves."""
    shown = runs[:SHOWN]
    metrics = main_metrics(shown)[:_METRICS]
    return RunList(
        shown,
        None if more is None else more + len(runs) - len(shown),
        differing_params(shown)[:_PARAMS],
        metrics,
        curves(client, [run.id for run in shown], metrics[0]) if metrics else {},
    )


def main_metrics(runs: Sequence[Run]) -> list[str]:
    """Return the metrics of runs but those of the system, those that most runs have first."""
    counts = Counter(key for run in runs for key in run.metrics if not key.startswith("system/"))
    return sorted(counts, key=lambda key: (-counts[key], key != "loss", key))


def differing_params(runs: Sequence[Run]) -> list[str]:
    """Return the params in which runs differ; of one run, all."""
    keys = sorted({key for run in runs for key in run.params})
    if len(runs) < 2:
        return keys
    return [key for key in keys if len({run.params.get(key) for run in runs}) > 1]


def curves(client: Client, run_ids: Sequence[str], metric: str) -> dict[str, list[float]]:
    """Return small curves of a metric; what cannot be had is left out of the picture."""
    found: dict[str, list[float]] = {}
    query = {"run_ids": list(run_ids), "metric_key": metric, "max_results": _POINTS}
    with suppress(TracksideError):
        answer = client.mlflow("GET", "metrics/get-history-bulk-interval", query=query)
        for point in answer.get("metrics", ()):
            found.setdefault(point["run_id"], []).append(float(point["value"]))
    return found


def headers(found: RunList) -> list[str]:
    """Return the heads of the columns."""
    names = [*found.params, *found.metrics]
    return ["State", "Name", *(words.clean(name, 40) for name in names), "Time", "Started"]


def rows(found: RunList) -> list[tuple[Run, list[str]]]:
    """Return each run with the texts of its columns after state and name."""
    return [(run, _texts(run, found)) for run in found.runs]


def _texts(run: Run, found: RunList) -> list[str]:
    params = [words.clean(run.params.get(key, ""), 40) for key in found.params]
    metrics = [words.number(run.metrics[k]) if k in run.metrics else "" for k in found.metrics]
    return [*params, *metrics, *times(run)]


def times(run: Run) -> tuple[str, str]:
    """Return how long a run took and how long ago it began, where that is known."""
    if run.start_time is None:
        return "", ""
    end = run.end_time if run.end_time is not None else time.time() * 1000
    return duration_text(max(0.0, end - run.start_time) / 1000), words.ago(run.start_time)


def rest(found: RunList) -> str:
    """Say how many runs are not in the picture."""
    if found.more is None:
        return "… and more"
    return f"… and {found.more} more" if found.more else ""
