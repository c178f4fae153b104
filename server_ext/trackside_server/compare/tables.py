"""Params, metrics, tags, data sets, packages and environments side by side."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from trackside_server.tracking.entities import RUN_NAME_TAG

from .objective import goal_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.tracking.entities import Run

    from .entities import Evidence, Goal, Objective
    from .notes import Notes

MOST_ROWS = 2000
MOST_CHARACTERS = 1000
# What every run has of its own, and what another table tells.
_HIDDEN = frozenset({RUN_NAME_TAG, "mlflow.log-model.history", "trackside.start_id"})
_ENVIRONMENT = {
    "python": "trackside.python",
    "host": "trackside.host",
    "command": "trackside.command",
    "resources": "trackside.resources",
    "source": "mlflow.source.name",
    "image": "trackside.image",
    "user": "mlflow.user",
}

Row = dict[str, Any]


def texts(
    columns: Sequence[Mapping[str, str]],
    notes: Notes,
    what: str,
    known: Sequence[bool] | None = None,
) -> list[Row]:
    """Put named texts side by side.

    Parameters
    ----------
    columns
        The texts of each run.
    notes
        Takes what has to be said about it.
    what
        What they are called there.
    known
        Of which runs they are known; what is not known is no difference. By default of all.
    """
    rows = [_row(key, [column.get(key) for column in columns], known) for key in _keys(columns)]
    cut = sum(row.pop("cut") for row in rows)
    if cut:
        notes.bounded("LONG_VALUES", cut, MOST_CHARACTERS, what)
    return _bounded(rows, notes, what)


def metrics(runs: Sequence[Run], objective: Objective | None, notes: Notes) -> list[Row]:
    """Put the last values of metrics side by side, and mark the best."""
    columns = [{point.key: point.value for point in run.metrics} for run in runs]
    rows = []
    for key in _keys(columns):
        values = [column.get(key) for column in columns]
        chosen = objective is not None and objective.metric == key
        goal = objective.goal if chosen and objective else goal_of(key)
        shown = [_number(value) for value in values]
        rows.append(
            {
                "key": key,
                "values": shown,
                "goal": goal,
                "best": best_of(values, goal),
                "differs": len(set(map(str, shown))) > 1,
            }
        )
    return _bounded(rows, notes, "metrics")


def best_of(values: Sequence[float | None], goal: Goal | None) -> int | None:
    """Give the place of the best value, None where none is better than all others.

    >>> best_of([0.3, 0.1, None], "min"), best_of([0.3, 0.3], "min"), best_of([0.3, 0.1], None)
    (1, None, None)
    """
    finite = [value for value in values if value is not None and math.isfinite(value)]
    if goal is None or len(set(finite)) < 2:
        return None
    best = min(finite) if goal == "min" else max(finite)
    return values.index(best) if finite.count(best) == 1 else None


def is_finite(value: float | None) -> bool:
    """Whether there is a value that can be better or worse than others."""
    return value is not None and math.isfinite(value)


def tags(runs: Sequence[Run]) -> list[dict[str, str]]:
    """Give the tags of each run that people wrote."""
    return [
        {
            tag.key: tag.value
            for tag in run.tags
            if tag.key not in _HIDDEN and not tag.key.startswith(("mlflow.", "trackside."))
        }
        for run in runs
    ]


def datasets(runs: Sequence[Run]) -> list[dict[str, str]]:
    """Give the digests of the data sets that each run read."""
    found = []
    for run in runs:
        digests: dict[str, list[str]] = {}
        for item in run.dataset_inputs:
            digests.setdefault(item.dataset.name, []).append(item.dataset.digest)
        found.append({name: ", ".join(sorted(set(many))) for name, many in digests.items()})
    return found


def packages(found: Sequence[Evidence]) -> list[dict[str, str]]:
    """Give the versions of the packages of each run."""
    columns = []
    for one in found:
        versions = (one.environment or {}).get("packages")
        named = versions.items() if isinstance(versions, dict) else ()
        columns.append({str(name): str(version) for name, version in named})
    return columns


def environments(found: Sequence[Evidence]) -> list[dict[str, str]]:
    """Give what is known of the Python, the machine and the start of each run."""
    columns = []
    for one in found:
        told = {
            name: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
            for name, value in (one.environment or {}).items()
            if name != "packages" and value not in (None, "")
        }
        tagged = one.run.tag_map
        for name, tag in _ENVIRONMENT.items():
            if name not in told and tagged.get(tag):
                told[name] = tagged[tag]
        columns.append(told)
    return columns


def _row(key: str, values: Sequence[str | None], known: Sequence[bool] | None) -> Row:
    compared = {
        value for at, value in enumerate(values) if value is not None or known is None or known[at]
    }
    shown = [None if value is None else value[:MOST_CHARACTERS] for value in values]
    cut = any(value is not None and len(value) > MOST_CHARACTERS for value in values)
    return {"key": key, "values": shown, "differs": len(compared) > 1, "cut": cut}


def _keys(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted({key for column in columns for key in column})


def _bounded(rows: list[Row], notes: Notes, what: str) -> list[Row]:
    if len(rows) <= MOST_ROWS:
        return rows
    notes.bounded("MANY_ROWS", len(rows), MOST_ROWS, what)
    return sorted(rows, key=lambda row: (not row["differs"], row["key"]))[:MOST_ROWS]


def _number(value: float | None) -> float | str | None:
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
