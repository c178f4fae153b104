"""Experiments, registered models and runs as objects of Python, read from a real server."""

from __future__ import annotations

import pytest

import trackside as ts
from trackside._client import get_client
from trackside._display.bundle import MIME
from trackside._run import get_runs


@pytest.fixture(scope="module")
def run_ids(server):
    client = get_client()

    def create(experiment, name, lr):
        body = {"experiment_id": experiment, "run_name": name, "start_time": 1_000}
        run_id = client.mlflow("POST", "runs/create", body)["run"]["info"]["run_id"]
        points = [{"key": "loss", "value": lr / n, "step": n, "timestamp": n} for n in (1, 2, 3)]
        params = [{"key": "lr", "value": str(lr)}]
        body = {"run_id": run_id, "metrics": points, "params": params}
        client.mlflow("POST", "runs/log-batch", body)
        return run_id

    def experiment(name):
        return client.mlflow("POST", "experiments/create", {"name": name})["experiment_id"]

    one, other = experiment("digits"), experiment("other")
    ids = [create(one, "a", 0.3), create(other, "b", 0.6), create(one, "c", 0.9)]
    client.mlflow("POST", "registered-models/create", {"name": 'it\'s "digits"'})
    client.mlflow("POST", "registered-models/create", {"name": "clf", "description": "the best"})
    for run_id in ids[:2]:
        body = {"name": "clf", "source": f"runs:/{run_id}/model", "run_id": run_id}
        client.mlflow("POST", "model-versions/create", body)
    body = {"name": "clf", "alias": "champion", "version": "2"}
    client.mlflow("POST", "registered-models/alias", body)
    return ids


def test_runs_of_several_experiments_are_read_in_the_order_asked_for(run_ids):
    wanted = [run_ids[2], run_ids[1], run_ids[0], run_ids[2]]
    assert [run.id for run in get_runs(get_client(), wanted)] == wanted
    with pytest.raises(ts.TracksideError) as caught:
        get_runs(get_client(), [run_ids[0], "nothing' or 1=1"])
    assert caught.value.status in (400, 404)


def test_an_experiment_gives_its_runs_and_shows_itself_as_their_table(run_ids):
    found = ts.experiment("digits")
    assert found.runs(order_by="metrics.loss")["run_id"].tolist() == [run_ids[0], run_ids[2]]
    data = found._repr_mimebundle_()
    assert data[MIME]["experiment_id"] == found.id
    assert "<svg" in data["text/html"]
    assert "Experiment digits" in data["text/plain"]
    assert ts.experiment(found.id) == found
    assert {"digits", "other"} <= set(ts.experiments()["name"])
    with pytest.raises(ts.TracksideError, match="There is no experiment 'nothing'"):
        ts.experiment("nothing")


def test_a_model_gives_its_versions_the_newest_first_with_their_aliases(run_ids):
    found = ts.model("clf")
    assert found.aliases == {"champion": "2"}
    versions = found.versions
    assert [(version.version, version.aliases) for version in versions] == [
        ("2", ("champion",)),
        ("1", ()),
    ]
    assert versions[1].run_id == run_ids[0]
    assert "the best" in found._repr_mimebundle_()["text/html"]
    assert set(ts.models()["name"]) >= {"clf", 'it\'s "digits"'}
    with pytest.raises(
        ts.TracksideError, match=r"There is no registered model 'x'. There is .*clf"
    ):
        ts.model("x")


def test_anything_is_shown_by_itself_by_its_name_and_in_lists(run_ids, capsys):
    for what in (
        ts.experiment("digits"),
        "digits",
        ts.runs("digits"),
        run_ids,
        [run_ids[0], ts.runs("other")["run_id"][0]],
    ):
        ts.show(what)
        assert "RUNNING" in capsys.readouterr().out
    ts.show("clf")
    assert "champion" in capsys.readouterr().out
    ts.show(run_ids[0])
    assert f"run {run_ids[0]}" in capsys.readouterr().out


def test_what_cannot_be_shown_is_said(run_ids):
    with pytest.raises(ts.TracksideError, match="no job, run, pipeline run, experiment"):
        ts.show("nothing")
    with pytest.raises(ts.TracksideError, match="A float cannot be shown"):
        ts.show(1.5)
    with pytest.raises(ts.TracksideError, match="A Model cannot be shown"):
        ts.show([run_ids[0], "clf"])
