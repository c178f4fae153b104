"""Traces: 10,000 of five spans each, sent by OpenTelemetry's protocol, searched and read."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .work import MLFLOW, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .load import Target

TRACES = 10_000
SPANS = 5
BATCH = 50
ROUNDS = 15
START = 1_760_000_000_000_000_000
PAGE = {
    "locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}],
    "max_results": 100,
}
SENT: dict[str, list[float]] = {}


class _Sender:
    """A kept connection to a server, below whose URL all paths lie."""

    def __init__(self, target: Target) -> None:
        parts = urlsplit(target.url)
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=120)
        self._root = parts.path.rstrip("/")
        self._headers = {"Content-Type": "application/json", "x-mlflow-experiment-id": "0"}
        if target.token:
            self._headers["Authorization"] = f"Bearer {target.token}"

    def post(self, path: str, body: Any) -> bytes:
        """Send a request; an answer other than 200 is an error."""
        text = json.dumps(body).encode()
        self._connection.request("POST", f"{self._root}/{path}", text, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:300]!r}")
        return content


def _span(trace: int, number: int) -> dict[str, Any]:
    begun = START + trace * 1_000_000_000
    return {
        "traceId": f"{trace + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "parentSpanId": f"{1:016x}" if number else "",
        "name": f"step {number}",
        "startTimeUnixNano": str(begun + number),
        "endTimeUnixNano": str(begun + 5_000_000),
        "status": {"code": 2 if trace % 100 == 0 else 1},
        "attributes": [
            {"key": "mlflow.spanType", "value": {"stringValue": "LLM" if number else "CHAIN"}},
            {"key": "mlflow.spanInputs", "value": {"stringValue": f"question {trace} " * 20}},
            {"key": "mlflow.spanOutputs", "value": {"stringValue": f"answer {trace} " * 40}},
            {"key": "model", "value": {"stringValue": f"model-{trace % 7}"}},
            {"key": "temperature", "value": {"doubleValue": 0.5}},
        ],
    }


def _fill(target: Target) -> list[float]:
    """Send all traces once for each server; give the spans a second of each batch."""
    if target.url not in SENT:
        sender = _Sender(target)
        rates = []
        for first in range(0, TRACES, BATCH):
            spans = [
                _span(trace, number)
                for trace in range(first, first + BATCH)
                for number in range(SPANS)
            ]
            begun = time.perf_counter()
            sender.post("v1/traces", {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
            rates.append(len(spans) / (time.perf_counter() - begun))
        SENT[target.url] = rates
    return SENT[target.url]


def _searched(**fields: Any) -> Callable[[Target], Sequence[float]]:
    def run(target: Target) -> Sequence[float]:
        _fill(target)
        sender = _Sender(target)
        samples = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            found = json.loads(sender.post("api/3.0/mlflow/traces/search", {**PAGE, **fields}))
            samples.append((time.perf_counter() - begun) * 1000)
            if len(found["traces"]) != 100:
                raise RuntimeError(f"{fields}: found {len(found['traces'])}")
        return samples

    return run


WORKS = (
    Work("send spans by OTLP, 250 a request, spans/s", _fill, "/s", 3_000, {MLFLOW: 4}),
    Work("traces/search, first 100 of 10,000", _searched(), "ms", 15, {MLFLOW: 5}),
    Work(
        "the same, by a tag of a span and its status",
        _searched(filter="span.name = 'step 3' AND span.status = 'ERROR'"),
        "ms",
        40,
        {MLFLOW: 20},
    ),
    Work(
        "the same, by an attribute of a span",
        _searched(filter="span.attributes.model LIKE '%model-3%'"),
        "ms",
        60,
        {MLFLOW: 2},
    ),
    Work(
        "the same, by text, ordered by duration",
        _searched(filter="trace.text LIKE '%answer 99%'", order_by=["execution_time DESC"]),
        "ms",
        150,
        {MLFLOW: 1},
    ),
)
