"""What it costs to log: over HTTP as it is, by MLflow's client, and by ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Final

from . import load
from .work import FASTTRACKML, MLFLOW, Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .load import Target

ROUNDS = 5
_POINTS = 1000

# Each prints the samples as JSON; the first argument is how often to call.
_MLFLOW = """
import json, sys, time
from mlflow import MlflowClient
client = MlflowClient()
run_id = client.create_run("0").info.run_id
samples = []
for step in range(int(sys.argv[1]) + 20):
    started = time.perf_counter()
    client.log_metric(run_id, "loss", 0.5, step=step)
    samples.append((time.perf_counter() - started) * 1000)
print(json.dumps(samples[20:]))
"""
_TRACKSIDE = """
import json, sys, time
import trackside
samples = []
with trackside.start_run("bench"):
    for step in range(int(sys.argv[1])):
        started = time.perf_counter_ns()
        trackside.log({"loss": 0.5})
        samples.append((time.perf_counter_ns() - started) / 1e6)
        # A step of a training that is as short as can be.
        sum(range(1000))
print(json.dumps(samples))
"""
_UNTIL_THERE = """
import json, sys, time
import trackside
count = int(sys.argv[1])
samples = []
with trackside.start_run("bench"):
    trackside.log({"loss": 0.5})
    assert trackside.flush(60)
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(count):
            trackside.log({"loss": 0.5})
        assert trackside.flush(60)
        samples.append(count / (time.perf_counter() - started))
print(json.dumps(samples))
"""


def _program(program: str, count: int, target: Target) -> Sequence[float]:
    """Run a program as a user's, on a server."""
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **os.environ,
            "MLFLOW_TRACKING_URI": target.url,
            "MLFLOW_TRACKING_TOKEN": target.token,
            "TRACKSIDE_URL": target.url,
            "TRACKSIDE_TOKEN": target.token,
            "TRACKSIDE_SPOOL_DIR": folder,
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }
        answer = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program, str(count)],
            env=env,
            cwd=folder,
            stdout=subprocess.PIPE,
            check=True,
        )
    samples: list[float] = json.loads(answer.stdout.splitlines()[-1])
    return samples


def _batches(target: Target) -> Sequence[float]:
    calls = 50 if not target.token else 100
    return [_POINTS * 1000 / value for value in load.batches(target, calls).values]


def _calls(target: Target) -> int:
    """Give how many calls a server is asked for: a peer is slow, and its figure is as steady."""
    return 2000 if target.token else 500


WORKS: Final = (
    Work(
        "log-metric, one at a time",
        lambda target: load.single(target, _calls(target)).values,
        "ms",
        0.7,
        {MLFLOW: 12, FASTTRACKML: 1.5},
    ),
    Work(
        "log-batch of 1,000 metrics, points",
        _batches,
        "/s",
        200_000,
        {MLFLOW: 25, FASTTRACKML: 8},
    ),
    Work(
        "8 processes, one metric a call, calls",
        lambda target: [load.many(target, _calls(target) // 4).rate for _ in range(ROUNDS)],
        "/s",
        3000,
        {MLFLOW: 25, FASTTRACKML: 2},
    ),
    Work(
        "8 processes, one metric a call, p95",
        lambda target: [load.many(target, _calls(target) // 4).p95 for _ in range(ROUNDS)],
        "ms",
        8,
        {MLFLOW: 2, FASTTRACKML: 2},
    ),
    Work(
        "MLflow's client, log_metric (its own work and the server's)",
        lambda target: _program(_MLFLOW, 300, target),
        "ms",
        5,
        {MLFLOW: 2},
    ),
    Work(
        'trackside.log({"loss": x}) in the user\'s loop',
        lambda target: _program(_TRACKSIDE, 20_000, target),
        "ms",
        0.005,
    ),
    Work(
        "trackside.log until the server has it, points",
        lambda target: _program(_UNTIL_THERE, 50_000, target),
        "/s",
        50_000,
    ),
)
