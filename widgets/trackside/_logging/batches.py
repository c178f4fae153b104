"""Neighbouring records of one run as one request of the MLflow protocol."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

MAX_METRICS = 1000
MAX_PARAMS = 100
MAX_TAGS = 100

Record = dict[str, Any]


@dataclass
class Batch:
    """Metrics, params and tags of one run.

    Attributes
    ----------
    run
        The run.
    size
        How many bytes of the spool it covers.
    """

    run: str
    size: int = 0
    _records: list[Record] = field(default_factory=list)
    _metrics: list[list[Any]] = field(default_factory=list)
    _params: dict[str, str] = field(default_factory=dict)
    _tags: dict[str, str] = field(default_factory=dict)

    def takes(self, record: Record) -> bool:
        """Tell whether a record fits in. One request may not give a param twice."""
        return (
            record["r"] == self.run
            and is_plain(record)
            and len(self._metrics) + len(record.get("m", ())) <= MAX_METRICS
            and len(self._params) + len(record.get("p", ())) <= MAX_PARAMS
            and len(self._tags) + len(record.get("t", ())) <= MAX_TAGS
            and not self._params.keys() & record.get("p", {}).keys()
        )

    def add(self, record: Record) -> None:
        """Add a record."""
        self._records.append(record)
        self._metrics += record.get("m", ())
        self._params.update(record.get("p", {}))
        self._tags.update(record.get("t", {}))

    def body(self, run_id: str) -> dict[str, Any]:
        """Return the body of the request."""
        return {
            "run_id": run_id,
            "metrics": [
                {"key": key, "value": _json_number(value), "timestamp": timestamp, "step": step}
                for key, value, timestamp, step in self._metrics
            ],
            "params": [{"key": key, "value": value} for key, value in self._params.items()],
            "tags": [{"key": key, "value": value} for key, value in self._tags.items()],
        }

    def parts(self) -> list[Batch]:
        """Return halves, none when there is only one thing in it."""
        pieces = self._records
        if len(pieces) == 1:
            pieces = [
                *({"r": self.run, "m": [point]} for point in self._metrics),
                *({"r": self.run, "p": {key: value}} for key, value in self._params.items()),
                *({"r": self.run, "t": {key: value}} for key, value in self._tags.items()),
            ]
        if len(pieces) < 2:
            return []
        middle = len(pieces) // 2
        return [self._of(pieces[:middle]), self._of(pieces[middle:])]

    def _of(self, records: list[Record]) -> Batch:
        batch = Batch(self.run)
        for record in records:
            batch.add(record)
        return batch


def is_plain(record: Record) -> bool:
    """Tell whether a record holds metrics, params or tags."""
    return "m" in record or "p" in record or "t" in record


def _json_number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
