"""How far windows reach on an MLflow server that is slow, or whose tokens do not count."""

from __future__ import annotations

import pytest

from trackside_server.table.entities import Question, Shown, Span
from trackside_server.table.upstream import roots
from trackside_server.table.upstream.source import ServedRuns

RUNS = 40_000
PARENT = "mlflow.parentRunId"


class Server:
    """Keeps runs of which each thousandth is at the top; a page takes it 1.5 seconds."""

    def __init__(self):
        self.uri = "http://mlflow"
        self.address = self
        self.client = self
        self.news = None
        self.now = 0.0
        self.asked = 0

    async def json(self, method, path, body, **more):
        self.asked += 1
        if "run_id IN" in body["filter"]:
            return {"runs": [_run(at) for at in range(0, RUNS, 1000) if _id(at) in body["filter"]]}
        if "LIKE" in body["filter"]:
            return {}
        self.now += 1.5
        start = int(body.get("page_token", "0").strip("x"))
        end = min(start + body["max_results"], RUNS)
        token = {"next_page_token": f"x{end}"} if end < RUNS else {}
        return {"runs": [_run(at) for at in range(start, end)], **token}


def _id(at):
    return f"'run{at}'"


def _run(at):
    parent = at // 1000 * 1000
    tags = [] if at == parent else [{"key": PARENT, "value": f"run{parent}"}]
    info = {"run_id": f"run{at}", "experiment_id": "0", "status": "FINISHED", "start_time": 1}
    return {"info": {**info, "artifact_uri": "x"}, "data": {"tags": tags}}


@pytest.mark.parametrize("roots_only", [True, False])
async def test_a_window_far_down_is_reached_by_asking_again(monkeypatch, roots_only):
    server = Server()
    monkeypatch.setattr(roots, "monotonic", lambda: server.now)
    runs = ServedRuns(server)
    question = Question(("0",), roots=roots_only)
    span = Span(35 if roots_only else 35_000, 5)
    windows = [await runs.window(question, Shown(), Span(0, 5))]
    while not windows[-1].rows or windows[-1].offset == 0:
        before = server.asked
        windows.append(await runs.window(question, Shown(), span))
        assert windows[-1].has_more or windows[-1].rows
        assert server.asked - before <= 25
        assert len(windows) < 10
    assert [row["run_id"] for row in windows[-1].rows] == [
        f"run{at * 1000 if roots_only else at}" for at in range(span.offset, span.offset + 5)
    ]


async def test_a_walk_that_nobody_went_on_with_is_begun_anew(monkeypatch):
    server = Server()
    monkeypatch.setattr(roots, "monotonic", lambda: server.now)
    runs = ServedRuns(server)
    question = Question(("0",), roots=True)
    await runs.window(question, Shown(), Span(1, 2))
    asked = server.asked
    await runs.window(question, Shown(), Span(1, 2))
    assert server.asked == asked
    server.now += 11
    await runs.window(question, Shown(), Span(1, 2))
    assert server.asked > asked
