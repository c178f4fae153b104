"""Traces a small application, reads back what it did, judges it and deletes it."""

import contextlib
import json
import sys
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import SpanType

OLD = mlflow.__version__.startswith("2.")
client = MlflowClient()
experiment = mlflow.set_experiment(f"traced {mlflow.__version__} {sys.argv[1]}").experiment_id


@mlflow.trace(span_type=SpanType.RETRIEVER)
def look_up(question):
    return [f"page about {question}"]


@mlflow.trace(span_type=SpanType.TOOL)
def break_down(question):
    raise ValueError(f"no answer to {question}")


@mlflow.trace
def answer(question):
    pages = look_up(question)
    with mlflow.start_span("think", span_type=SpanType.LLM, attributes={"model": "small"}) as span:
        span.set_inputs({"pages": pages})
        span.add_event(mlflow.entities.SpanEvent("thought", attributes={"depth": 2}))
        span.set_outputs({"said": "forty-two"})
    with contextlib.suppress(ValueError):
        break_down(question)
    return {"answer": "forty-two", "unicode": "grün 🌱"}


def found(**wanted):
    wanted = {"experiment_ids": [experiment], **wanted}
    if not OLD:
        wanted["locations"] = wanted.pop("experiment_ids")
    return client.search_traces(**wanted)


def settled(count):
    """Wait for what the client sends in the background."""
    if hasattr(mlflow, "flush_trace_async_logging"):
        mlflow.flush_trace_async_logging()
    deadline = time.monotonic() + 30
    while len(found(max_results=100)) < count and time.monotonic() < deadline:
        time.sleep(0.05)


with mlflow.start_run() as run:
    answer("life")
with contextlib.suppress(ValueError):
    break_down("nothing")
settled(2)

newest, first = found()
whole = client.get_trace(first.info.request_id if OLD else first.info.trace_id)
trace_id = whole.info.request_id if OLD else whole.info.trace_id
spans = {span.name: span for span in whole.data.spans}
client.set_trace_tag(trace_id, "reviewed", "yes")
client.set_trace_tag(trace_id, "gone", "yes")
client.delete_trace_tag(trace_id, "gone")
by_run = client.search_traces(experiment_ids=[experiment], run_id=run.info.run_id)

seen = {
    "version": mlflow.__version__,
    "names": sorted(spans),
    "nested": spans["look_up"].parent_id == spans["answer"].span_id,
    "types": {name: span.span_type for name, span in spans.items()},
    "inputs": spans["answer"].inputs,
    "outputs": spans["answer"].outputs,
    "attribute": spans["think"].get_attribute("model"),
    "event": [event.name for event in spans["think"].events],
    "failed": str(spans["break_down"].status.status_code.value),
    "exception": [event.name for event in spans["break_down"].events],
    "states": [str(trace.info.status.value) for trace in (first, newest)],
    "by_run": len(by_run),
    "tag": client.get_trace(trace_id).info.tags.get("reviewed"),
    "gone": "gone" in client.get_trace(trace_id).info.tags,
    "filtered": len(found(filter_string="tags.reviewed = 'yes'")),
    "by_status": len(found(filter_string="status = 'ERROR'")),
    "by_name": len(found(filter_string="name = 'answer'")),
    "by_span": len(found(filter_string="span.name = 'think' AND span.type = 'LLM'")),
    "by_text": len(found(filter_string="trace.text LIKE '%forty-two%'")),
    "frame": len(mlflow.search_traces(experiment_ids=[experiment])),
    "ordered": [trace.info.timestamp_ms for trace in found(order_by=["timestamp_ms ASC"])]
    == sorted(trace.info.timestamp_ms for trace in found()),
    "page": len(found(max_results=1)),
}

if not OLD:
    from mlflow.entities import AssessmentSource, Feedback

    source = AssessmentSource("HUMAN", "me")
    feedback = mlflow.log_feedback(
        trace_id=trace_id, name="good", value=True, source=source, rationale="short"
    )
    wanted = mlflow.log_expectation(
        trace_id=trace_id, name="wanted", value={"answer": [42]}, source=source
    )
    failed = mlflow.log_feedback(trace_id=trace_id, name="judge", error=ValueError("no judge"))
    mlflow.update_assessment(
        trace_id, feedback.assessment_id, Feedback(name="good", value=False, source=source)
    )
    corrected = mlflow.override_feedback(
        trace_id=trace_id, assessment_id=feedback.assessment_id, value=True, source=source
    )
    judged = client.get_trace(trace_id).info.assessments
    seen |= {
        "judged": {item.assessment_id: item.valid is not False for item in judged}
        == {
            feedback.assessment_id: False,
            wanted.assessment_id: True,
            failed.assessment_id: True,
            corrected.assessment_id: True,
        },
        "expected": mlflow.get_assessment(trace_id, wanted.assessment_id).value,
        "error": mlflow.get_assessment(trace_id, failed.assessment_id).error.error_message,
        "by_feedback": len(found(filter_string="feedback.good = 'true'")),
        "by_attribute": len(found(filter_string="span.attributes.model LIKE '%small%'")),
        "listed": len(mlflow.search_traces(locations=[experiment], return_type="list")),
        "bare": [len(trace.data.spans) for trace in found(include_spans=False)],
        "preview": whole.info.request_preview,
    }
    mlflow.delete_assessment(trace_id, corrected.assessment_id)
    seen["counts_again"] = mlflow.get_assessment(trace_id, feedback.assessment_id).valid
    client.link_traces_to_run([newest.info.trace_id], run.info.run_id)
    seen["linked"] = len(client.search_traces(locations=[experiment], run_id=run.info.run_id))

ids = [trace_id]
deleted = {"request_ids" if OLD else "trace_ids": ids}
seen["deleted"] = client.delete_traces(experiment, **deleted)
seen["left"] = len(found())
seen["swept"] = client.delete_traces(experiment, max_timestamp_millis=2**45)
print(json.dumps(seen))
