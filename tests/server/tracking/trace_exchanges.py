"""The part about traces of the conversation that `exchanges.py` has with a tracking server."""

from __future__ import annotations

from typing import Any

from .exchanges import Exchange, get, post

V2 = "api/2.0/mlflow/"
V3 = "api/3.0/mlflow/"
OTLP = "v1/traces"

ONE = "tr-" + "1" * 32
TWO = "tr-" + "2" * 32
OTEL = "3" * 32
SENT = "tr-" + OTEL
NO_SPANS = "500 in MLflow: it does not look among the files, and nothing is no error"


def send(method: str, path: str, body: Any = None, **keep: str) -> Exchange:
    return Exchange(method, V3 + path, body, keep)


def told(trace_id: str, **fields: Any) -> Exchange:
    info = {
        "trace_id": trace_id,
        "trace_location": {
            "type": "MLFLOW_EXPERIMENT",
            "mlflow_experiment": {"experiment_id": "{e}"},
        },
        **fields,
    }
    return send("POST", "traces", {"trace": {"trace_info": info}})


def found(filter_text: str = "", *order: str, **fields: Any) -> Exchange:
    place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "{e}"}}
    body = {"locations": [place], "filter": filter_text, "order_by": list(order), **fields}
    return send("POST", "traces/search", body)


def exported(*spans: Any, headers: Any = None, body: Any = None) -> Exchange:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "svc"}}]}
    whole = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": list(spans)}]}]}
    given = {"x-mlflow-experiment-id": "{e}"} if headers is None else headers
    return Exchange("POST", OTLP, whole if body is None else body, headers=given)


def text(key: str, value: str) -> Any:
    return {"key": key, "value": {"stringValue": value}}


FIRST = {
    "request_preview": "q",
    "response_preview": "a",
    "request_time": "2026-01-01T00:00:00.123Z",
    "execution_duration": "1.5s",
    "state": "OK",
    "client_request_id": "c1",
    "trace_metadata": {"k": "v", "mlflow.trace.session": "s1"},
    "tags": {"mlflow.traceName": "first", "x": "y"},
}
ROOT = {
    "traceId": OTEL,
    "spanId": "1" * 16,
    "name": "root",
    "kind": 1,
    "startTimeUnixNano": "1767225600000000000",
    "endTimeUnixNano": 1767225601500000000,
    "attributes": [
        text("mlflow.spanInputs", "hi"),
        {"key": "n", "value": {"intValue": "5"}},
        {"key": "f", "value": {"doubleValue": 1.5}},
        {"key": "b", "value": {"boolValue": True}},
        {"key": "by", "value": {"bytesValue": "aGk="}},
        {
            "key": "l",
            "value": {"arrayValue": {"values": [{"stringValue": "x"}, {"intValue": 1}]}},
        },
        {
            "key": "d",
            "value": {"kvlistValue": {"values": [{"key": "a", "value": {"intValue": 1}}]}},
        },
        {"key": "none", "value": {}},
        text("session.id", "sess"),
        text("user.id", "me"),
        text("mlflow.traceTag.told", "yes"),
    ],
    "events": [
        {"timeUnixNano": "1767225600500000000", "name": "e", "attributes": [text("q", "z")]}
    ],
    "status": {"code": 2, "message": "boom"},
}
CHILD = {
    "traceId": OTEL,
    "spanId": "2" * 16,
    "parentSpanId": "1" * 16,
    "name": "child",
    "startTimeUnixNano": "1767225600100000000",
    "endTimeUnixNano": "1767225601000000000",
    "attributes": [
        text("mlflow.spanType", "LLM"),
        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": 3}},
        {"key": "gen_ai.usage.output_tokens", "value": {"intValue": 4}},
    ],
}

TELLING = [
    post("experiments/create", {"name": "traced"}, e="experiment_id"),
    told(ONE, **FIRST),
    told(ONE, **FIRST),
    told(ONE, **{**FIRST, "state": "ERROR", "execution_duration": "2s", "tags": {"z": "1"}}).but(
        "the answer has the new tag, too"
    ),
    told(TWO),
    told(TWO, request_time="2026-01-01T01:00:00+01:00", state=1),
    send("POST", "traces", {"trace": {}}),
    send("POST", "traces", {}),
    send("GET", f"traces/{ONE}"),
    send("GET", "traces/nope"),
    get(f"traces/{ONE}/info"),
    get("traces/nope/info"),
    send("GET", f"traces/get?trace_id={ONE}").but(NO_SPANS),
    send("GET", "traces/get?trace_id=nope"),
    send("GET", "traces/get"),
    send("GET", f"traces/batchGet?trace_ids={ONE}&trace_ids={TWO}").but(NO_SPANS),
    send("GET", "traces/batchGet"),
    send("POST", "traces/batchGetInfos", {"trace_ids": [TWO, "nope", ONE]}),
    send("POST", "traces/batchGetInfos", {}),
]

EXPORTING = [
    exported(ROOT, CHILD),
    send("GET", f"traces/{SENT}"),
    send("GET", f"traces/get?trace_id={SENT}"),
    send("GET", f"traces/batchGet?trace_ids={SENT}"),
    get(f"traces/{SENT}/info"),
    exported(ROOT, CHILD),
    send("GET", f"traces/get?trace_id={SENT}"),
    exported(ROOT, headers={}).but("a code that clients know"),
    exported(ROOT, headers={"x-mlflow-experiment-id": "{e}", "Content-Type": "text/plain"}).but(
        "a code that clients know"
    ),
    exported(body={}).but("a code that clients know"),
    exported(body="{garbage").but("a code that clients know"),
    exported({**ROOT, "traceId": ""}).but("400: the request is at fault"),
    exported({**ROOT, "traceId": "zz"}).but("a code that clients know"),
    exported(ROOT, headers={"x-mlflow-experiment-id": "{e}", "Content-Encoding": "gzip"}).but(
        "a code that clients know"
    ),
    exported(ROOT, headers={"x-mlflow-experiment-id": "{e}", "Content-Encoding": "br"}).but(
        "a code that clients know"
    ),
    exported({**ROOT, "traceId": "4" * 32}, headers={"x-mlflow-experiment-id": "777"}),
]

SEARCHING = [
    found(),
    found(max_results=1),
    found(max_results=501),
    found(max_results=0),
    found(page_token="garbage"),
    send("POST", "traces/search", {}),
    found("name = 'first'"),
    found("name RLIKE '^f'"),
    found("trace.status = 'ERROR'"),
    found("attributes.status IN ('OK', 'ERROR')", "timestamp ASC"),
    found("timestamp_ms > 1767225600000"),
    found("execution_time_ms >= 1500", "execution_time DESC"),
    found("request_id = '" + ONE + "'"),
    found("client_request_id = 'c1'"),
    found("tags.x = 'y'"),
    found("tags.x IS NULL"),
    found("tag.x IS NOT NULL"),
    found("metadata.k = 'v'"),
    found("request_metadata.k LIKE 'v%'"),
    found("metadata.`mlflow.trace.session` = 's1'"),
    found("span.name = 'child'"),
    found("span.type = 'LLM'"),
    found("span.status = 'ERROR'"),
    found("span.name = 'child' AND span.status = 'ERROR'"),
    found("span.attributes.n LIKE '%5%'"),
    found("span.attributes.n = '5'").but("finds it; MLflow compares with the text of the span"),
    found("span.nonsense = '5'"),
    found("trace.text LIKE '%hi%'"),
    found("trace.text ILIKE '%HI%'"),
    found("trace.text = 'hi'"),
    found("nonsense = 'x'"),
    found("name = 'first' OR name = 'x'").but("a superset of MLflow's grammar"),
    found("", "name"),
    found("", "nonsense"),
    get("traces?experiment_ids={e}"),
    get("traces"),
]

TAGGING = [
    Exchange("PATCH", V2 + f"traces/{ONE}/tags", {"key": "k", "value": "v"}),
    Exchange("PATCH", V3 + f"traces/{ONE}/tags", {"key": "k"}),
    Exchange("PATCH", V3 + f"traces/{ONE}/tags", {}),
    Exchange("PATCH", V3 + f"traces/{ONE}/tags", {"key": "bad#", "value": "v"}),
    Exchange("PATCH", V3 + f"traces/{ONE}/tags", {"key": "long", "value": "v" * 9000}),
    Exchange("PATCH", V3 + f"traces/{ONE}/tags", {"key": "mlflow.traceName", "value": "other"}),
    Exchange(
        "PATCH", V3 + f"traces/{ONE}/tags", {"key": "mlflow.trace.spansLocation", "value": "v"}
    ),
    Exchange("PATCH", V3 + "traces/nope/tags", {"key": "k", "value": "v"}).but(
        "SQL in the message of MLflow's 400"
    ),
    send("GET", f"traces/{ONE}"),
    Exchange("DELETE", V2 + f"traces/{ONE}/tags", {"key": "k"}),
    Exchange("DELETE", V3 + f"traces/{ONE}/tags", {"key": "k"}),
    Exchange("DELETE", V3 + f"traces/{ONE}/tags", {"key": "long"}),
    send("GET", f"traces/{ONE}"),
]


def judged(name: str, keep: str = "", **fields: Any) -> Exchange:
    body = {"assessment_name": name, "source": {"source_type": "HUMAN", "source_id": "me"}}
    kept = {keep: "assessment.assessment_id"} if keep else {}
    return send("POST", f"traces/{ONE}/assessments", {"assessment": {**body, **fields}}, **kept)


def changed(mask: str, **fields: Any) -> Exchange:
    body = {"assessment": fields, "update_mask": mask}
    return send("PATCH", f"traces/{ONE}/assessments/{{a}}", body)


JUDGING = [
    judged(
        "q",
        "a",
        feedback={"value": 0.5, "error": {"error_code": "E", "error_message": "m"}},
        rationale="why",
        metadata={"a": "b"},
        span_id="1",
    ),
    send("GET", f"traces/{ONE}/assessments/{{a}}"),
    changed(
        "rationale,feedback,metadata", rationale="n", feedback={"value": "x"}, metadata={"c": "d"}
    ),
    changed("expectation", expectation={"value": 1}),
    changed("assessmentName", assessment_name="new"),
    changed("", assessment_name="new"),
    changed("valid", valid=False).but("500 in MLflow"),
    send(
        "PATCH",
        f"traces/{ONE}/assessments/nope",
        {"assessment": {"assessment_name": "n"}, "update_mask": "assessmentName"},
    ),
    judged("list", feedback={"value": [1, "a"]}),
    judged("map", feedback={"value": {"a": 1}}),
    judged("yes", feedback={"value": True}),
    judged("number", feedback={"value": 7}),
    judged("none", feedback={"value": None}),
    judged("wanted", expectation={"value": "text"}),
    judged(
        "deep",
        expectation={
            "serialized_value": {"serialization_format": "JSON_FORMAT", "value": '{"a": [1]}'}
        },
    ),
    judged("odd", expectation={"serialized_value": {"serialization_format": "XML", "value": "1"}}),
    judged("issue", issue={"issue_name": "slow"}),
    judged("nothing"),
    judged("q", source={"source_type": "NONSENSE"}, feedback={"value": 1}),
    send("POST", f"traces/{ONE}/assessments", {}),
    send(
        "POST",
        "traces/nope/assessments",
        {"assessment": {"assessment_name": "n", "feedback": {"value": 1}}},
    ),
    judged("q", "o", feedback={"value": 1}, overrides="{a}"),
    judged("q", feedback={"value": 1}, overrides="nope"),
    send("GET", f"traces/{ONE}/assessments/{{a}}"),
    send("DELETE", f"traces/{ONE}/assessments/{{o}}"),
    send("GET", f"traces/{ONE}/assessments/{{a}}"),
    found("feedback.yes = 'true'", max_results=500),
    found("feedback.number > 6"),
    found("feedback.number > 7"),
    found("expectation.wanted = 'text'"),
    found("feedback.wanted = 'text'"),
    found("feedback.nobody IS NULL", "timestamp"),
    found("feedback.yes > 'a'"),
    send("DELETE", f"traces/{ONE}/assessments/{{a}}"),
    send("DELETE", f"traces/{ONE}/assessments/{{a}}"),
    send("GET", f"traces/{ONE}/assessments/{{a}}"),
]

OLD = [
    post(
        "traces",
        {
            "experiment_id": "{e}",
            "timestamp_ms": 1000,
            "request_metadata": [{"key": "a", "value": "b"}],
            "tags": [{"key": "t", "value": "u"}, {"key": "mlflow.traceName", "value": "nm"}],
        },
        r="trace_info.request_id",
    ),
    Exchange(
        "PATCH",
        V2 + "traces/{r}",
        {
            "timestamp_ms": 2500,
            "status": "OK",
            "request_metadata": [{"key": "c", "value": "d"}],
            "tags": [{"key": "t", "value": "w"}],
        },
    ),
    Exchange("PATCH", V2 + "traces/{r}", {"timestamp_ms": 2500, "status": "nonsense"}).but(
        "500 in MLflow"
    ),
    Exchange("PATCH", V2 + "traces/nope", {"timestamp_ms": 2500, "status": "OK"}),
    post("traces", {"timestamp_ms": 1000}).but("500 in MLflow"),
    post("traces", {"experiment_id": "777", "timestamp_ms": 1000}),
    get("traces/{r}/info"),
    get("traces?experiment_ids={e}&order_by=timestamp_ms%20ASC&filter=tags.t%20%3D%20'w'"),
]

LINKING = [
    post("runs/create", {"experiment_id": "{e}", "start_time": 1}, l="run.info.run_id").but(
        "outputs are there, empty"
    ),
    post("traces/link-to-run", {"trace_ids": [ONE, "nope"], "run_id": "{l}"}),
    post("traces/link-to-run", {"trace_ids": [ONE]}),
    post("traces/link-to-run", {"trace_ids": [ONE] * 101, "run_id": "{l}"}),
    found("run_id = '{l}'"),
    post(
        "traces/link-prompts",
        {"trace_id": ONE, "prompt_versions": [{"name": "p", "version": "1"}]},
    ),
    post(
        "traces/link-prompts",
        {"trace_id": "nope", "prompt_versions": [{"name": "p", "version": "1"}]},
    ),
    found("prompt = 'p/1'"),
    found("prompt = 'p'"),
    found("prompt LIKE 'p%'"),
]

DELETING = [
    post("traces/delete-traces", {"experiment_id": "{e}", "request_ids": [TWO, "nope"]}),
    send("GET", f"traces/{TWO}"),
    send("POST", "traces/delete-traces", {"experiment_id": "{e}", "max_timestamp_millis": 2000}),
    post("traces/delete-traces", {"experiment_id": "{e}"}),
    post("traces/delete-traces", {}),
    post(
        "traces/delete-traces",
        {"experiment_id": "{e}", "request_ids": [ONE], "max_timestamp_millis": 5},
    ),
    post(
        "traces/delete-traces",
        {"experiment_id": "{e}", "max_timestamp_millis": 9999999999999, "max_traces": 0},
    ),
    post(
        "traces/delete-traces",
        {"experiment_id": "{e}", "max_timestamp_millis": 9999999999999, "max_traces": 1},
    ),
    found(),
]

REFUSED = [
    told(ONE, **FIRST),
    Exchange("PATCH", V3 + f"traces/{ONE}/tags", {"key": "mlflow.artifactLocation", "value": "v"}),
    Exchange("DELETE", V3 + f"traces/{ONE}/tags", {"key": "mlflow.artifactLocation"}),
    judged("", feedback={"value": 1}).but("an assessment has a name"),
    post("traces/link-to-run", {"trace_ids": [ONE], "run_id": "nope"}).but("there is no such run"),
    told(TWO, request_time="soon").but("refused by the name of the field"),
    told(""),
    told("../up"),
]

DATASETS = [
    post(
        "runs/log-inputs",
        {
            "run_id": "{l}",
            "datasets": [
                {
                    "tags": [{"key": "mlflow.data.context", "value": "training"}],
                    "dataset": {"name": "d", "digest": "1", "source_type": "s", "source": "x"},
                },
                {"dataset": {"name": "d", "digest": "2", "source_type": "s", "source": "x"}},
            ],
        },
    ),
    *(
        Exchange("POST", "ajax-api/2.0/mlflow/experiments/search-datasets", body)
        for body in (
            {"experiment_ids": ["{e}"]},
            {"experiment_ids": ["777"]},
            {"experiment_ids": []},
            {"experiment_ids": ["{e}"] * 21},
            {},
        )
    ),
]

TRACES = [
    *TELLING,
    *EXPORTING,
    *SEARCHING,
    *TAGGING,
    *JUDGING,
    *OLD,
    *LINKING,
    *DATASETS,
    *DELETING,
    *REFUSED,
]
