"""Runs as tables, with pandas and without."""

from __future__ import annotations

import sys

import pytest

from trackside import TracksideError
from trackside._run import Run
from trackside._tables import Table, frame, history, run_names, run_rows


def make_run(number: int, **changes) -> Run:
    values = {
        "id": f"{number:032x}",
        "name": f"digits-{number}",
        "experiment_id": "1",
        "status": "FINISHED",
        "start_time": 1_700_000_000_000,
        "end_time": 1_700_000_042_000,
        "params": {"lr": "0.01", "optimizer": "adam"},
        "metrics": {"loss": 0.25},
        "tags": {"mlflow.user": "u", "team": "vision"},
    }
    return Run(**{**values, **changes})


@pytest.fixture
def without_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)


def test_a_frame_has_a_row_for_each_run_and_columns_named_as_in_filters():
    found = frame(run_rows([make_run(1), make_run(2)], {"1": "digits"}))
    assert list(found.columns) == [
        "name",
        "status",
        "started",
        "duration",
        "metrics.loss",
        "params.lr",
        "params.optimizer",
        "tags.team",
        "experiment",
        "run_id",
    ]
    assert found["duration"].tolist() == [42.0, 42.0]
    assert found["experiment"].tolist() == ["digits", "digits"]
    assert str(found["started"].dtype).startswith("datetime64")


def test_params_that_are_numbers_in_every_run_are_numbers_so_that_they_sort_and_plot():
    runs = [make_run(1, params={"lr": "0.1", "layers": "2"}), make_run(2, params={"lr": "1e-3"})]
    found = frame(run_rows(runs, {}))
    assert found["params.lr"].tolist() == [0.1, 0.001]
    mixed = [make_run(1, params={"lr": "0.1"}), make_run(2, params={"lr": "auto"})]
    assert frame(run_rows(mixed, {}))["params.lr"].tolist() == ["0.1", "auto"]


def test_no_runs_are_an_empty_frame_with_the_usual_columns():
    found = frame([])
    assert found.empty
    assert "run_id" in found.columns


def test_a_run_that_goes_on_has_its_time_so_far():
    (row,) = run_rows([make_run(1, end_time=None, start_time=0)], {})
    assert row["duration"] > 1_000_000_000


def test_without_pandas_a_table_is_a_list_of_dictionaries_with_columns(without_pandas):
    found = frame(run_rows([make_run(1), make_run(2)], {"1": "digits"}))
    assert type(found) is Table
    assert found[0]["name"] == "digits-1"
    assert found["metrics.loss"] == [0.25, 0.25]
    assert [row["name"] for row in found.head(1)] == ["digits-1"]
    with pytest.raises(KeyError):
        found["metrics.los"]


def test_without_pandas_a_table_shows_as_text_and_as_html(without_pandas):
    found = frame(run_rows([make_run(1, name="<b>x</b>")], {}))
    assert repr(found).splitlines()[0].split()[:4] == ["name", "status", "started", "duration"]
    assert "0:42" in repr(found)
    assert "&lt;b&gt;x&lt;/b&gt;" in found._repr_html_()
    assert repr(Table([])) == "Nothing found."


def test_a_long_table_shows_its_beginning_and_counts_the_rest(without_pandas):
    found = frame(run_rows([make_run(i) for i in range(100)], {}))
    assert "… and 40 more" in repr(found)
    assert len(repr(found).splitlines()) == 62


def test_a_history_has_a_column_for_each_run_and_a_row_for_each_step():
    points = {"a": {0: 1.0, 1: 0.5}, "b": {1: 0.25}}
    found = history(points, {"a": "digits-1", "b": "digits-2"})
    assert list(found.columns) == ["digits-1", "digits-2"]
    assert found.index.tolist() == [0, 1]
    assert found["digits-2"].isna().tolist() == [True, False]


def test_a_history_tells_runs_of_one_name_apart(without_pandas):
    points = {"a" * 32: {0: 1.0}, "b" * 32: {0: 2.0}}
    found = history(points, dict.fromkeys(points, "digits"))
    assert found[0] == {"step": 0, "digits (aaaaaaaa)": 1.0, "digits (bbbbbbbb)": 2.0}


def test_runs_are_told_by_frames_tables_runs_ids_and_lists_of_them():
    runs = [make_run(1), make_run(2)]
    names = {run.id: run.name for run in runs}
    assert run_names(frame(run_rows(runs, {}))) == names
    assert run_names(Table(run_rows(runs, {}))) == names
    assert run_names(runs) == names
    assert run_names(runs[0].id) == {runs[0].id: runs[0].id}
    with pytest.raises(TracksideError, match=r"A float is not a run\."):
        run_names(1.5)
