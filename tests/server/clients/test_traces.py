"""A traced application, with both clients: what it did is found, judged and deleted."""

from __future__ import annotations

import pytest

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


@pytest.mark.timeout(180)
@pytest.mark.parametrize("background", ["true", "false"])
def test_a_traced_application_is_found_judged_and_deleted(journey, mlflow_client, background):
    seen = journey("traces", background, MLFLOW_ENABLE_ASYNC_TRACE_LOGGING=background)
    assert seen.pop("version") == mlflow_client.version
    assert seen == ({**BOTH, **NEW} if mlflow_client.version.startswith("3") else BOTH)
