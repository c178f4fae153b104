"""Short ways to the routes of traces."""

from __future__ import annotations

from json import dumps

import pytest

V3 = "api/3.0/mlflow/traces"
V2 = "api/2.0/mlflow/traces"
FILES = "api/2.0/mlflow-artifacts/artifacts"
OTEL = "a" * 32
TRACE = f"tr-{OTEL}"


def info(trace_id=TRACE, experiment="0", **fields):
    place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}
    return {"trace_id": trace_id, "trace_location": place, **fields}


def span(number=1, parent=None, otel=OTEL, **fields):
    attributes = [
        {"key": key, "value": {"stringValue": value}}
        for key, value in fields.pop("attributes", {}).items()
    ]
    return {
        "traceId": otel,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": f"span {number}",
        "startTimeUnixNano": str(1_700_000_000_000_000_000 + number),
        "endTimeUnixNano": str(1_700_000_001_000_000_000),
        "attributes": attributes,
        **fields,
    }


def exported(*spans, resource=()):
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in resource]
    scopes = [{"spans": list(spans)}]
    return {"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": scopes}]}


@pytest.fixture
def call(trackside_fetch):
    """Send a request that has to succeed; give its JSON."""

    async def send(method, path, json=None, **options):
        answer = await trackside_fetch(method, path, json, **options)
        assert answer.status == 200, answer.text
        return answer.json

    return send


@pytest.fixture
def refused(trackside_fetch):
    """Send a request that has to be refused; give its status, code and message."""

    async def send(method, path, json=None, **options):
        answer = await trackside_fetch(method, path, json, **options)
        assert 400 <= answer.status < 500, answer.text
        return answer.status, answer.json["error_code"], answer.json["message"]

    return send


@pytest.fixture
def tell(call):
    """Tell a trace as MLflow's client does; give what was stored."""

    async def send(trace_id=TRACE, experiment="0", token=None, **fields):
        body = {"trace": {"trace_info": info(trace_id, experiment, **fields)}}
        return (await call("POST", V3, body, token=token))["trace"]["trace_info"]

    return send


@pytest.fixture
def export(trackside_fetch):
    """Send spans as an exporter of OpenTelemetry does."""

    async def send(*spans, experiment="0", token=None, status=200, resource=(), **headers):
        answer = await trackside_fetch(
            "POST",
            "v1/traces",
            body=dumps(exported(*spans, resource=resource)).encode(),
            headers={
                "Content-Type": "application/json",
                **({"x-mlflow-experiment-id": experiment} if experiment else {}),
                **headers,
            },
            token=token,
        )
        assert answer.status == status, answer.text
        return answer

    return send


@pytest.fixture
def found(call):
    """Search; give the ids of what is found."""

    async def search(filter_text="", *order, experiments=("0",), token=None, **fields):
        places = [{"mlflow_experiment": {"experiment_id": number}} for number in experiments]
        body = {"locations": places, "filter": filter_text, "order_by": list(order), **fields}
        answer = await call("POST", f"{V3}/search", body, token=token)
        return [trace["trace_id"] for trace in answer.get("traces", [])]

    return search


@pytest.fixture
def whole(call):
    """Give a trace with its spans."""

    async def get(trace_id=TRACE):
        return (await call("GET", f"{V3}/get?trace_id={trace_id}"))["trace"]

    return get
