"""Summaries of jobs as the server sends them."""

from __future__ import annotations

from typing import Any

import pytest


def job_summary(**changes: Any) -> dict[str, Any]:
    """Return the summary of a running job with some fields changed."""
    return {
        "job_id": "j1",
        "name": "digits-7",
        "state": "RUNNING",
        "reason": None,
        "kind": "cell",
        "run_id": "r1",
        "experiment_id": "1",
        "experiment_name": "digits",
        "runner": "local",
        "attempt": 1,
        "max_attempts": 1,
        "created_at": 1_000,
        "started_at": 2_000,
        "ended_at": 44_000,
        "exit_code": None,
        "signal": None,
        "queue_position": None,
        "params": {"lr": 0.01, "epochs": 5},
        "resources": {"cpus": None, "memory": None, "gpus": None},
        "gpus": [],
        "source": {"label": "cell [7] of digits.ipynb"},
        "progress": {"value": 3, "total": 5, "unit": "epoch", "fraction": 0.6},
        "main_metric": "loss",
        "metrics": {
            "accuracy": {"value": 0.941, "step": 3, "timestamp": 3_000},
            "loss": {"value": 0.213, "step": 3, "timestamp": 3_000},
        },
        "sparkline": [0.9, 0.5, 0.213],
        "last_line": "epoch=3 loss=0.2130 accuracy=0.941",
        "last_line_at": 3_000,
        "log_size": 120,
        "recognised": None,
        "time_limit": None,
        "revision": 5,
        **changes,
    }


@pytest.fixture
def summary():
    """Return the maker of summaries."""
    return job_summary
