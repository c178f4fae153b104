"""The latest values of a job and the small curve of the one that matters most."""

from __future__ import annotations

import math
from typing import Any

MAX_SHOWN = 8
MAX_POINTS = 40
MAX_TRACES = 32

_LAST = ("lr", "learning_rate", "time", "grad_norm", "elapsed", "mem", "memory", "data_time")


class Trace:
    """A curve of bounded size: when it is full, neighbours are averaged.

    Parameters
    ----------
    state
        What `state` returned, to go on where an earlier process was.
    """

    def __init__(self, state: list[Any] | None = None) -> None:
        self._points: list[float]
        self._points, self._stride, self._sum, self._count = state or [[], 1, 0.0, 0]

    def state(self) -> list[Any]:
        """Return what is remembered, as JSON."""
        return [self._points, self._stride, self._sum, self._count]

    def add(self, value: float) -> None:
        """Append a value; one that cannot be drawn is passed over."""
        if not math.isfinite(value):
            return
        self._sum += value
        self._count += 1
        if self._count < self._stride:
            return
        self._points.append(self._sum / self._count)
        self._sum, self._count = 0.0, 0
        if len(self._points) >= 2 * MAX_POINTS:
            self._points = _halved(self._points)
            self._stride *= 2

    def points(self) -> list[float]:
        """Return at most `MAX_POINTS` values, the newest one last."""
        points = list(self._points)
        if self._count:
            points.append(self._sum / self._count)
        if len(points) > MAX_POINTS:
            points = _halved(points)[-MAX_POINTS:]
        return [float(f"{value:.6g}") for value in points]


class Latest:
    """The latest point of each metric, and the traces of those that may be shown.

    Parameters
    ----------
    state
        What `state` returned, to go on where an earlier process was.
    """

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        state = state or {}
        self._points: dict[str, tuple[float, int, int]] = {
            key: (float(value), step, timestamp)
            for key, (value, step, timestamp) in state.get("points", {}).items()
        }
        self._traces: dict[str, Trace] = {
            key: Trace(trace) for key, trace in state.get("traces", {}).items()
        }
        self._sampled: set[str] = set(state.get("sampled", []))

    def state(self) -> dict[str, Any]:
        """Return what is remembered, as JSON; values that JSON lacks are words."""
        return {
            "points": {
                key: [value if math.isfinite(value) else str(value), step, timestamp]
                for key, (value, step, timestamp) in self._points.items()
            },
            "traces": {key: trace.state() for key, trace in self._traces.items()},
            "sampled": sorted(self._sampled),
        }

    def add(self, key: str, value: float, step: int, timestamp: int) -> None:
        """Take in a point that was logged after all points before."""
        if key not in self._points and len(self._points) >= MAX_TRACES:
            return
        self._points[key] = (value, step, timestamp)
        self._traces.setdefault(key, Trace()).add(value)

    def is_last(self, key: str, value: float, step: int) -> bool:
        """Tell whether a point only repeats the latest one."""
        known = self._points.get(key)
        return known is not None and known[:2] == (value, step)

    def merge(self, key: str, value: float, step: int, timestamp: int) -> bool:
        """Take in the latest point as the store knows it; return whether it was news."""
        known = self._points.get(key)
        if known is not None and (known[1], known[2]) >= (step, timestamp):
            return False
        self.add(key, value, step, timestamp)
        if key in self._points:
            self._sampled.add(key)
        return True

    def is_sampled(self, key: str) -> bool:
        """Tell whether points of a metric may be missing: only the latest were looked at."""
        return key in self._sampled

    def redraw(self, key: str, values: list[float]) -> None:
        """Replace the trace of a metric by a sample of its whole history."""
        trace = self._traces[key] = Trace()
        for value in values:
            trace.add(value)

    @property
    def main(self) -> str | None:
        """The metric to show first: a loss, then an accuracy, then what came first."""
        return min(self._points, key=importance, default=None)

    def summary(self) -> dict[str, Any]:
        """Return ``main_metric``, ``metrics`` and ``sparkline`` as a job's summary has them."""
        keys = sorted(self._points, key=importance)[:MAX_SHOWN]
        main = keys[0] if keys else None
        metrics = {}
        for key in keys:
            value, step, timestamp = self._points[key]
            metrics[key] = {
                "value": value if math.isfinite(value) else str(value),
                "step": step,
                "timestamp": timestamp,
            }
        return {
            "main_metric": main,
            "metrics": metrics,
            "sparkline": self._traces[main].points() if main else [],
        }


def importance(key: str) -> int:
    """Give the place of a metric among those of a run: the lower, the more it matters."""
    name = key.rsplit("/", 1)[-1].lower()
    if name == "loss":
        return 0
    if name.endswith("loss"):
        return 2 if name.startswith(("val", "test", "eval")) else 1
    if name in ("accuracy", "acc"):
        return 3
    if "acc" in name or name.endswith(("auc", "f1", "score", "reward")):
        return 4
    return 9 if name in _LAST else 6


def _halved(points: list[float]) -> list[float]:
    whole = len(points) // 2 * 2
    pairs = [(points[i] + points[i + 1]) / 2 for i in range(0, whole, 2)]
    return pairs + points[whole:]
