"""How fast the server answers others while it runs a pipeline of many tasks."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

import requests

from bench.tracking.work import p95

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trackside_server.testing import JupyterProcess

_IDLE = 50
# So that it is not the asking that keeps the server busy.
_PAUSE = 0.02


class Answers(NamedTuple):
    """How long lists of runs took to come, in milliseconds.

    Parameters
    ----------
    idle
        While nothing runs.
    busy
        While the pipeline runs.
    """

    idle: Sequence[float]
    busy: Sequence[float]


def measure(server: JupyterProcess, api: str, start: Callable[[], str]) -> Answers:
    """Ask for the list of runs again and again, first while nothing runs.

    Parameters
    ----------
    server
        Who is asked.
    api
        The address of runs on it.
    start
        Starts the run and gives its id; it is the newest one until it is over.
    """
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {server.token}"

        def ask() -> tuple[float, dict[str, str]]:
            begun = time.perf_counter()
            answer = session.get(f"{server.url}{api}?page_size=20&sort_by=created_at%20desc")
            took = 1000 * (time.perf_counter() - begun)
            answer.raise_for_status()
            time.sleep(_PAUSE)
            return took, answer.json()["runs"][0]

        idle = [ask()[0] for _ in range(_IDLE)]
        run_id, busy = start(), list[float]()
        while True:
            took, run = ask()
            assert run["run_id"] == run_id, run
            if "finished_at" in run:
                assert run["state"] == "SUCCEEDED", run
                return Answers(idle, busy)
            busy.append(took)


def told(what: str, samples: Sequence[float]) -> str:
    """Write how long answers took."""
    return (
        f"GET /runs {what}: median {statistics.median(samples):.1f} ms, p95 {p95(samples):.1f}, "
        f"longest {max(samples):.1f} ({len(samples)} asked)"
    )
