"""Searching 10,000 and 100,000 runs of ten params, ten metrics and five tags each."""

from __future__ import annotations

import json
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .runs import fill
from .work import FASTTRACKML, MLFLOW, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .load import Connection, Target

FEW, MANY = 10_000, 100_000
CALLS = 30
FILTERED = {
    "filter": "metrics.loss < 0.5 and params.lr = '0.01'",
    "order_by": ["metrics.accuracy DESC"],
    "max_results": 100,
}
# What no index answers, or what nothing matches: none of it may take for ever.
WORST = {
    "no run, by a pattern": {"filter": "tags.note LIKE '%nowhere%'"},
    "no run, by a pattern, by metric": {
        "filter": "params.optimizer ILIKE '%nothing%'",
        "order_by": ["metrics.loss"],
    },
    "no run, by three metrics": {
        "filter": "metrics.loss < 0.5 and metrics.loss > 0.6 and metrics.accuracy > 0.2"
    },
    "no run, by either of three": {
        "filter": "metrics.loss > 5 or params.lr = 'x' or tags.team = 'x'"
    },
    "no run, by a data set": {"filter": "dataset.name = 'nowhere'"},
    "all but none": {"filter": "not metrics.loss < 2", "order_by": ["metrics.accuracy"]},
    "by name": {"order_by": ["run_name DESC"]},
    "by end": {"order_by": ["end_time DESC"]},
    "by a tag of eight values": {"order_by": ["tags.team"]},
}


@lru_cache
def _experiment(target: Target, count: int) -> str:
    return fill(target, f"search {count}", count)


def _search(count: int, calls: int = CALLS, **body: Any) -> Callable[[Target], Sequence[float]]:
    def run(target: Target) -> Sequence[float]:
        wanted = {"experiment_ids": [_experiment(target, count)], **body}
        request = json.dumps(wanted).encode()
        with target.connect() as connection:
            for _ in range(2):
                connection.post("runs/search", request)
            return [_timed(connection, request)[0] for _ in range(calls)]

    return run


def _cold(target: Target) -> Sequence[float]:
    """Ask for pages that nobody asked for before."""
    pages = _pages(target, FEW, most=8)
    return pages[1:]


def _all_pages(target: Target) -> Sequence[float]:
    pages = _pages(target, FEW)
    return [sum(pages) / len(pages)]


def _pages(target: Target, count: int, most: int = 1000) -> list[float]:
    body: dict[str, Any] = {"experiment_ids": [_experiment(target, count)], "max_results": 1000}
    body["order_by"] = ["metrics.metric_3"]
    times = []
    with target.connect() as connection:
        while len(times) < most:
            spent, answer = _timed(connection, json.dumps(body).encode())
            times.append(spent)
            token = json.loads(answer).get("next_page_token")
            if not token:
                break
            body["page_token"] = token
    return times


def _timed(connection: Connection, request: bytes) -> tuple[float, bytes]:
    started = time.perf_counter()
    answer = connection.post("runs/search", request)
    return (time.perf_counter() - started) * 1000, answer


WORKS: tuple[Work, ...] = (
    Work("1,000 of 10,000 runs, read for the first time", _cold, "ms", 60),
    Work(
        "search, the first 100 of 10,000 runs",
        _search(FEW, max_results=100),
        "ms",
        6,
        {MLFLOW: 15, FASTTRACKML: 3},
    ),
    Work(
        "search, 1,000 a page of 10,000 runs",
        _search(FEW, 10, max_results=1000),
        "ms",
        60,
        {MLFLOW: 20, FASTTRACKML: 3},
    ),
    Work(
        "search by metric and param, ordered by metric, of 10,000",
        _search(FEW, **FILTERED),
        "ms",
        8,
        {MLFLOW: 80, FASTTRACKML: 5},
    ),
    Work("a page of 1,000, mean of all ten, by metric", _all_pages, "ms", 60),
    Work("the same search, of 100,000", _search(MANY, **FILTERED), "ms", 40),
    Work(
        "search, the first 100 of 100,000 runs",
        _search(MANY, max_results=100),
        "ms",
        8,
    ),
    *(
        Work(f"of 100,000: {name}", _search(MANY, 5, max_results=100, **body), "ms", 400)
        for name, body in WORST.items()
    ),
)
