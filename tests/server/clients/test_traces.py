"""A traced application, with both clients: what it did is found, judged and deleted."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from .conftest import SCRIPTS

V2 = "api/2.0/mlflow"
V3 = "api/3.0/mlflow"
BOTH = {
    "names": ["answer", "break_down", "look_up", "think"],
    "nested": True,
    "types": {
        "answer": "UNKNOWN",
        "look_up": "RETRIEVER",
        "think": "LLM",
        "break_down": "TOOL",
    },
    "inputs": {"question": "life"},
    "outputs": {"answer": "forty-two", "unicode": "grün 🌱"},
    "attribute": "small",
    "event": ["thought"],
    "failed": "ERROR",
    "exception": ["exception"],
    "states": ["OK", "ERROR"],
    "by_run": 1,
    "tag": "yes",
    "gone": False,
    "filtered": 1,
    "by_status": 1,
    "by_name": 1,
    "by_span": 1,
    "by_text": 1,
    "frame": 2,
    "ordered": True,
    "page": 1,
    "deleted": 1,
    "left": 1,
    "swept": 1,
}
NEW = {
    "judged": True,
    "expected": {"answer": [42]},
    "error": "no judge",
    "by_feedback": 1,
    "by_attribute": 1,
    "listed": 2,
    "bare": [0, 0],
    "preview": '{"question": "life"}',
    "counts_again": True,
    "linked": 2,
}


@pytest.mark.parametrize("background", ["true", "false"])
def test_a_traced_application_is_found_judged_and_deleted(journey, mlflow_client, background):
    seen = journey("traces", background, MLFLOW_ENABLE_ASYNC_TRACE_LOGGING=background)
    assert seen.pop("version") == mlflow_client.version
    assert seen == ({**BOTH, **NEW} if mlflow_client.version.startswith("3") else BOTH)


@pytest.mark.parametrize("compression", ["none", "gzip", "deflate"])
def test_an_application_that_knows_opentelemetry_alone_is_traced(server, compression):
    created = server.request(
        "POST", f"trackside/{V2}/experiments/create", {"name": f"shop {compression}"}
    )
    experiment = created.json["experiment_id"]
    script = SCRIPTS / "exporter.py"
    done = subprocess.run(
        [sys.executable, script, server.trackside_url, server.token, experiment, compression],
        env={**os.environ, **server.environment()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert not told["mlflow"]
    whole = server.request("GET", f"trackside/{V3}/traces/get?trace_id={told['trace']}").json[
        "trace"
    ]
    assert len(whole["spans"]) == 601
    assert whole["trace_info"]["state"] == "ERROR"
    assert whole["trace_info"]["tags"]["service.name"] == "shop"
    (root,) = (span for span in whole["spans"] if "parent_span_id" not in span)
    assert (root["kind"], root["events"][0]["name"]) == ("SPAN_KIND_SERVER", "exception")
    assert {"key": "items", "value": {"int_value": 3}} in root["attributes"]
