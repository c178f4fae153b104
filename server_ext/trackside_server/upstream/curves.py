"""Curves of runs on the MLflow server, at a number of points that can be drawn.

Servers know the route only below ``/ajax-api``, newer ones below ``/api`` too. One that knows it
nowhere is asked for the history itself, up to a limit, which is thinned here.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from trackside_server.errors import InvalidInput
from trackside_server.outside.errors import ServerRefused
from trackside_server.tracking.curves import MOST_POINTS, MOST_RUNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .client import Client

_ROUTE: Final = "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"
_HISTORY: Final = "/api/2.0/mlflow/metrics/get-history"
_PAGE: Final = 20_000
_PAGES: Final = 10
_POINTS: Final = 320


async def sample(
    client: Client,
    run_ids: Sequence[str],
    key: str,
    most: int = _POINTS,
    steps: tuple[int, int] | None = None,
) -> list[dict[str, Any]]:
    """Give evenly thinned points of a metric of some runs, as the protocol writes them.

    Parameters
    ----------
    client
        Asks the server.
    run_ids, key
        Which curves.
    most
        How many points a run has at most.
    steps
        The first and last step that count.

    Raises
    ------
    InvalidInput
        These are no runs, or too many at once.
    """
    if not 0 < len(run_ids) <= MOST_RUNS:
        raise InvalidInput(f"Give 1 to {MOST_RUNS} run_ids; these are {len(run_ids)}.")
    asked: dict[str, Any] = {"run_ids": list(run_ids), "metric_key": key, "max_results": most}
    if steps is not None:
        asked["start_step"], asked["end_step"] = steps
    try:
        answer = await client.json("GET", _ROUTE, query=urlencode(asked, doseq=True))
        return list(answer.get("metrics") or ())
    except ServerRefused as error:
        is_unknown = error.status_code in (404, 405)
        if not is_unknown or error.error_code not in ("", "ENDPOINT_NOT_FOUND"):
            raise
    most = max(1, min(most, MOST_POINTS))
    found: list[dict[str, Any]] = []
    for run_id in run_ids:
        # One at a time: a history takes a thousand times the room of what is drawn of it.
        points = await _history(client, run_id, key)
        found += await asyncio.to_thread(_thinned, run_id, points, most, steps)
    return found


async def _history(client: Client, run_id: str, key: str) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = []
    token = ""
    for _ in range(_PAGES):
        asked = {"run_id": run_id, "metric_key": key, "max_results": _PAGE, "page_token": token}
        query = urlencode({name: value for name, value in asked.items() if value})
        answer = await client.json("GET", _HISTORY, query=query)
        points.extend(answer.get("metrics") or ())
        token = answer.get("next_page_token") or ""
        if not token:
            break
    return points


def _thinned(
    run_id: str, points: Sequence[dict[str, Any]], most: int, steps: tuple[int, int] | None
) -> list[dict[str, Any]]:
    inside = [point for point in points if steps is None or steps[0] <= _step(point) <= steps[1]]
    inside.sort(key=lambda point: (_step(point), int(point.get("timestamp") or 0)))
    if len(inside) > most:
        last = len(inside) - 1
        inside = [inside[round(at * last / max(1, most - 1))] for at in range(most)]
    return [{**point, "run_id": run_id} for point in inside]


def _step(point: dict[str, Any]) -> int:
    return int(point.get("step") or 0)


def written(points: list[dict[str, Any]]) -> str:
    """Write points as the route answers them."""
    return json.dumps({"metrics": points} if points else {}, ensure_ascii=False)
