"""What goes back to MLflow is read by MLflow."""

from __future__ import annotations

import json
import shutil

import pytest
from tests.mlflow_clients import LAST_OF_2, NEWEST
from tests.mlflow_server import mlflow_server

from .conftest import SCRIPTS, environment


def _read(client, folder, uri):
    return client.run(SCRIPTS / "read.py", env=environment(folder, uri))


@pytest.mark.parametrize("client", [LAST_OF_2, NEWEST], ids=lambda client: client.version)
def test_mlflow_reads_a_folder_as_it_read_the_source(own_copy, here, sync, tmp_path, client):
    sync(here.bring(own_copy))
    _, problems = sync(here.send(tmp_path / "out"))
    assert problems == []
    there = _read(client, tmp_path, str(tmp_path / "out"))
    assert there == _read(client, tmp_path, str(own_copy))


def test_a_round_trip_through_a_folder_changes_nothing(source, here, there, sync, tmp_path):
    sync(here.bring(source))
    sync(here.send(tmp_path / "out"))
    _, problems = sync(there.bring(tmp_path / "out"))
    assert problems == []
    assert sync(there.content()) == sync(here.content())


def test_a_second_export_writes_nothing(source, here, sync, tmp_path):
    sync(here.bring(source))
    out = tmp_path / "out"
    sync(here.send(out))
    before = {path: path.stat().st_mtime_ns for path in out.rglob("meta.yaml")}
    progress, problems = sync(here.send(out))
    assert problems == []
    assert progress["counts"]["runs"] == {"new": 0, "changed": 0, "same": 6, "skipped": 0}
    assert {path: path.stat().st_mtime_ns for path in out.rglob("meta.yaml")} == before


def test_what_somebody_else_wrote_is_left_and_told(own_copy, here, sync):
    sync(here.bring(own_copy))
    (meta,) = (path.parents[1] / "meta.yaml" for path in own_copy.glob("*/*/params/lr"))
    before = meta.read_text()
    progress, problems = sync(here.send(own_copy))
    assert progress["counts"]["runs"]["skipped"] == 6
    assert "was not written by an export" in problems[0]
    assert meta.read_text() == before


def test_only_what_is_chosen_goes(sources, here, sync, tmp_path):
    sync(here.bring(sources["new"]))
    one, _ = sync(here.send(tmp_path / "one", experiments=("gone",)))
    assert one["counts"]["runs"]["new"] == 1
    model, _ = sync(here.send(tmp_path / "model", models=("echo",), artifacts="none"))
    assert (model["counts"]["runs"]["new"], model["counts"]["models"]["new"]) == (1, 1)
    assert model["counts"]["registered_models"]["new"] == 1
    assert model["files"] == 0


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"experiments": ("gone", "nosuch")}, "There is no experiment 'nosuch' here."),
        ({"models": ("echo", "nosuch")}, "There is no registered model 'nosuch' here."),
        ({"runs": ("0" * 32,)}, f"There is no run '{'0' * 32}' here."),
    ],
)
def test_a_name_that_is_not_there_is_told_and_nothing_is_written(
    sources, here, sync, tmp_path, chosen, sentence
):
    sync(here.bring(sources["new"]))
    assert sync(here.not_sent(tmp_path / "to", **chosen)) == sentence
    assert not (tmp_path / "to").exists()


def test_a_running_server_takes_everything(sources, here, sync, tmp_path):
    sync(here.bring(sources["new"]))
    database = f"sqlite:///{tmp_path / 'mlflow.db'}"
    env = environment(tmp_path, database)
    with mlflow_server(tmp_path, database, tmp_path / "artifacts", env) as url:
        _, problems = sync(here.send(url))
        assert problems == []
        again, problems = sync(here.send(url))
        assert problems == []
        assert again["counts"]["runs"] == {"new": 0, "changed": 0, "same": 6, "skipped": 0}
        there = _read(NEWEST, tmp_path, url)
    original = shutil.copytree(sources["new"].parent, tmp_path / "original")
    expected = _read(NEWEST, tmp_path, f"sqlite:///{original / 'mlflow.db'}")
    assert json.dumps(there, sort_keys=True) == json.dumps(expected, sort_keys=True)
