"""The widgets of runs and models: what is selected in them is there in Python, and back."""

from __future__ import annotations

import time

import ipywidgets as widgets
import pytest

import trackside as ts
from trackside._client import get_client
from trackside._display.find import find
from trackside._widget import VIEW, widget_view
from trackside._widget.base import BUILT

pytestmark = pytest.mark.skipif(
    not BUILT, reason="the front end of the widgets is not built (jlpm build)"
)


def create(experiment_id, name, lr):
    client = get_client()
    body = {"experiment_id": experiment_id, "run_name": name, "start_time": 1_000}
    run_id = client.mlflow("POST", "runs/create", body)["run"]["info"]["run_id"]
    values = [("loss", lr / step, step) for step in (1, 2, 3)] + [("bad", float("inf"), 1)]
    points = [
        {"key": key, "value": str(value), "step": step, "timestamp": step}
        for key, value, step in values
    ]
    params = [{"key": "lr", "value": str(lr)}]
    client.mlflow("POST", "runs/log-batch", {"run_id": run_id, "metrics": points, "params": params})
    return run_id


@pytest.fixture(scope="module")
def digits(server):
    client = get_client()
    experiment_id = client.mlflow("POST", "experiments/create", {"name": "digits"})["experiment_id"]
    return experiment_id, [create(experiment_id, f"run-{n}", n / 10) for n in range(1, 8)]


@pytest.fixture
def open_widget(server):
    """Open widgets, play the part of their front end, and close them."""
    opened = []

    def make(kind, *args, **options):
        widget = kind(*args, **options)
        widget.sent = []
        widget.send = widget.sent.append
        opened.append(widget)
        return widget

    yield make
    for widget in opened:
        widget.close()


def ask(widget, name, **question):
    widget._asked(widget, {"ask": name, "id": 7, **question}, [])
    answer = widget.sent.pop()
    assert (answer["answer"], answer["id"]) == (name, 7)
    return answer


def until(condition):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_rows_come_in_windows_with_their_curves_and_nothing_else_travels(digits, open_widget):
    widget = open_widget(ts.RunsWidget, experiment="digits", order_by="metrics.loss DESC")
    assert widget.columns == []
    assert "metrics.loss" in widget.chosen
    assert "params.lr" in widget.chosen
    assert "run-1" not in str(widget.get_state())
    answer = ask(widget, "rows", offset=2, limit=3)
    assert [row["run_name"] for row in answer["rows"]] == ["run-5", "run-4", "run-3"]
    assert answer["total"] == widget.total == 7
    curve = answer["curves"][answer["rows"][0]["run_id"]]
    assert curve == pytest.approx([0.5, 0.25, 0.5 / 3])
    assert ask(widget, "rows", offset=0, limit=100_000)["rows"][6]["run_name"] == "run-1"


def test_selecting_in_the_view_gives_the_runs_in_python_and_back(digits, open_widget):
    _, ids = digits
    widget = open_widget(ts.RunsWidget, ts.runs("digits"), selected=ids[:1])
    assert [run.name for run in widget.value] == ["run-1"]
    seen = []
    widget.observe(lambda change: seen.append([run.name for run in change["new"]]), "value")
    # As it comes from the front end.
    widget.set_state({"selected": [ids[2], ids[1]]})
    assert seen == [["run-3", "run-2"]]
    assert widget.value[0].metrics["loss"] == pytest.approx(0.1)
    widget.selected = []
    assert widget.value == []
    with pytest.raises(ts.TracksideError, match="Give one of both"):
        ts.RunsWidget()


def test_a_filter_that_cannot_be_read_is_told_and_the_next_one_works(digits, open_widget):
    widget = open_widget(ts.RunsWidget, experiment="digits")
    widget.set_state({"filter": "metrics.loss <"})
    assert widget.message
    widget.set_state({"filter": "params.lr = '0.2'"})
    assert widget.message == ""
    assert [row["run_name"] for row in ask(widget, "rows", offset=0, limit=9)["rows"]] == ["run-2"]
    widget.columns = ["metrics.bad", "params.lr"]
    (row,) = ask(widget, "rows", offset=0, limit=9)["rows"]
    assert set(row["metrics"]) == {"bad"}
    assert not isinstance(row["metrics"]["bad"], float) or row["metrics"]["bad"] < float("inf")


def test_new_runs_of_the_experiment_are_told_to_the_view(digits, open_widget):
    experiment_id, _ = digits
    widget = open_widget(ts.RunsWidget, experiment="digits")
    # The first news are a fresh start.
    until(lambda: widget.revision > 1)
    ask(widget, "rows", offset=0, limit=1)
    before, total = widget.revision, widget.total
    create(experiment_id, "newcomer", 0.9)
    until(lambda: widget.revision > before)
    ask(widget, "rows", offset=0, limit=1)
    assert widget.total == total + 1


def test_other_runs_are_shown_when_they_are_set(digits, open_widget):
    _, ids = digits
    widget = open_widget(ts.RunsWidget, ids[:2])
    assert widget.runs == tuple(ids[:2])
    before = widget.revision
    widget.runs = ts.runs("digits", filter="params.lr = '0.1'")
    assert widget.revision > before
    assert [row["run_name"] for row in ask(widget, "rows", offset=0, limit=9)["rows"]] == ["run-1"]


def test_a_run_gives_its_card_and_its_curves_and_follows_what_is_logged(digits, open_widget):
    _, ids = digits
    widget = open_widget(ts.RunWidget, ids[0])
    assert widget.run["run_name"] == "run-1"
    assert widget.value.params == {"lr": "0.1"}
    assert widget.metrics[0] == "loss"
    points = ask(widget, "curves")["curves"]["loss"]
    assert [point["step"] for point in points] == [1, 2, 3]
    body = {"run_id": ids[0], "key": "loss", "value": 0.001, "timestamp": 9, "step": 9}
    get_client().mlflow("POST", "runs/log-metric", body)
    until(lambda: widget.run["metrics"]["loss"] == 0.001)
    widget.run_id = ids[1]
    assert widget.value.name == "run-2"


def test_a_comparison_says_what_differs_and_draws_the_metric_that_is_chosen(digits, open_widget):
    _, ids = digits
    widget = open_widget(ts.CompareWidget, ids[1:4])
    assert [head["run_name"] for head in widget.heads] == ["run-2", "run-3", "run-4"]
    assert widget.sentence
    assert {"kind": "params", "key": "lr", "values": ["0.2", "0.3", "0.4"]} in widget.rows
    widget.set_state({"metric": "loss"})
    assert set(ask(widget, "curves")["curves"]) == set(ids[1:4])
    widget.runs = ids[:2]
    assert len(widget.heads) == len(widget.value) == 2
    with pytest.raises(ts.TracksideError, match="Give 2 to 20"):
        ts.CompareWidget(ids[:1])


def test_selecting_a_version_gives_it_in_python(digits, open_widget):
    _, ids = digits
    client = get_client()
    client.mlflow("POST", "registered-models/create", {"name": "clf"})
    for run_id in ids[:2]:
        body = {"name": "clf", "source": f"runs:/{run_id}/model", "run_id": run_id}
        client.mlflow("POST", "model-versions/create", body)
    widget = open_widget(ts.ModelWidget, "clf")
    assert [item["version"] for item in widget.versions] == ["2", "1"]
    assert widget.value is None
    widget.set_state({"selected": "1"})
    assert widget.value.run_id == ids[0]
    body = {"name": "clf", "alias": "champion", "version": "1"}
    client.mlflow("POST", "registered-models/alias", body)
    ask(widget, "refresh")
    assert widget.value.aliases == ("champion",)


def test_anything_is_shown_as_its_widget_where_nothing_else_would_be_live(digits):
    _, ids = digits
    get_client().mlflow("POST", "registered-models/create", {"name": "its-widget"})
    things = (
        (ts.experiment("digits"), "runs"),
        (find(ids), "runs"),
        (find(ids[0]), "run"),
        (ts.compare(ids[:2]), "compare"),
        (ts.model("its-widget"), "model"),
    )
    try:
        for what, module in things:
            model_id = widget_view(what)[VIEW]["model_id"]
            assert type(widgets.widget._instances[model_id]).__module__.endswith(module)
    finally:
        widgets.Widget.close_all()


def test_a_question_that_nobody_knows_is_not_answered(digits, open_widget):
    widget = open_widget(ts.RunWidget, digits[1][0])
    for content in (None, {"ask": "close"}, {"ask": ["rows"]}, "rows"):
        widget._asked(widget, content, [])
    assert widget.sent == []
