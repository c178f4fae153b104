"""What comes from MLflow, whatever it is kept in."""

from __future__ import annotations

import shutil
import sqlite3

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.imports.sources import open_source, place

from .conftest import content


def _complain(*words):
    pytest.fail(f"the source complains: {words}")


def _expected(source):
    opened = open_source(place(str(source), {}), None, _complain)
    try:
        found = content(opened)
    finally:
        opened.close()
    # Spans that lie in a file are found by reading it.
    return found


def test_everything_comes_along(source, here, sync):
    progress, problems = sync(here.bring(source))
    assert problems == []
    assert progress["counts"]["runs"] == {"new": 6, "changed": 0, "same": 0, "skipped": 0}
    expected, found = _expected(source), sync(here.content())
    assert found["registered"] == expected["registered"]
    for name, experiment in expected.items():
        if name != "registered":
            for part, value in experiment.items():
                assert found[name][part] == value, (name, part)
    assert {"vision", "gone", "Default"} <= found.keys()
    assert found["gone"]["deleted"]
    states = {run["name"]: run["status"] for run in found["vision"]["runs"].values()}
    assert states["failed"] == "FAILED"
    assert states["still running"] == "RUNNING"


def test_the_files_of_runs_and_versions_come_along(source, here, sync):
    sync(here.bring(source))

    def uris(connection):
        run = connection.execute("SELECT artifact_uri FROM runs WHERE name = 'first'").fetchone()
        version = connection.execute(
            "SELECT location FROM model_versions v JOIN registered_models m ON m.id = v.model "
            "WHERE m.name = 'echo'"
        ).fetchone()
        return run[0], version[0]

    run, version = (uri.removeprefix("mlflow-artifacts:/") for uri in here.store.read_now(uris))
    with here.tracking.artifacts.open(f"{run}/a/b.txt") as file:
        assert file.read() == b"hello"
    with here.tracking.artifacts.open(f"{version}/MLmodel") as file:
        assert b"python_function" in file.read()


def test_a_second_import_changes_nothing(source, here, sync):
    sync(here.bring(source))
    before = sync(here.content())

    def revisions(connection):
        return [tuple(row) for row in connection.execute("SELECT id, revision FROM runs")]

    seen = here.store.read_now(revisions)
    progress, problems = sync(here.bring(source))
    assert problems == []
    for counts in progress["counts"].values():
        assert counts["new"] == counts["changed"] == counts["skipped"] == 0
    assert (progress["points"], progress["files"]) == (0, 0)
    assert here.store.read_now(revisions) == seen
    assert sync(here.content()) == before


def test_only_what_is_new_comes_with_the_next_import(own_copy, here, sync):
    sync(here.bring(own_copy))
    (run,) = (path.parents[1] for path in own_copy.glob("*/*/metrics/loss") if _first(path))
    with (run / "metrics" / "loss").open("a") as file:
        file.write("1700000000000 7.5 99\n")
    (run / "tags" / "later").write_text("yes")
    shutil.copytree(run, run.with_name("b" * 32))
    progress, problems = sync(here.bring(own_copy))
    assert problems == []
    assert progress["counts"]["runs"] == {"new": 1, "changed": 1, "same": 5, "skipped": 0}
    found = sync(here.content())["vision"]["runs"]
    assert len(found[run.name]["curves"]["loss"]) == 51
    assert found[run.name]["tags"]["later"] == "yes"
    assert found["b" * 32]["params"] == found[run.name]["params"]


def _first(path):
    return (path.parents[1] / "params" / "lr").exists()


def test_a_look_brings_nothing(source, here, sync):
    before = sync(here.content())
    progress, _ = sync(here.bring(source, dry_run=True))
    assert progress["counts"]["runs"]["new"] == 6
    assert progress["counts"]["registered_models"]["new"] == 2
    assert sync(here.content()) == before


def test_a_prefix_keeps_things_of_the_same_name_apart(sources, here, sync):
    sync(here.bring(sources["files"]))
    _, problems = sync(here.bring(sources["new"], prefix="new/"))
    assert problems == []
    found = sync(here.content())
    assert {"vision", "new/vision"} <= found.keys()
    assert {"echo", "new-echo"} <= found["registered"].keys()


def test_versions_that_are_taken_stay_and_are_told(sources, here, sync):
    sync(here.bring(sources["files"]))
    before = sync(here.content())["registered"]["echo"]["versions"]
    _, problems = sync(here.bring(sources["new"]))
    assert any("Version 1 of 'echo' exists here already" in problem for problem in problems)
    assert sync(here.content())["registered"]["echo"]["versions"] == before


def test_only_the_experiments_that_are_named_come(sources, here, sync):
    progress, _ = sync(here.bring(sources["new"], experiments=("gone",)))
    assert progress["counts"]["runs"]["new"] == 1
    assert "registered_models" not in progress["counts"]


def test_another_run_with_the_same_id_is_left_and_told(own_copy, here, sync):
    sync(here.bring(own_copy))
    other = own_copy.with_name("other")
    shutil.copytree(own_copy, other)
    (param,) = other.glob("*/*/params/lr")
    param.write_text("0.5")
    progress, problems = sync(here.bring(other))
    assert progress["counts"]["runs"]["skipped"] == 1
    assert any("exists here already with other content" in problem for problem in problems)
    run = param.parents[1].name
    assert sync(here.content())["vision"]["runs"][run]["params"]["lr"] == "0.1"


def test_a_copy_of_a_source_adds_nothing(own_copy, here, sync):
    sync(here.bring(own_copy))
    before = sync(here.content())
    other = shutil.copytree(own_copy, own_copy.with_name("moved"))
    _, problems = sync(here.bring(other))
    assert problems == []
    assert sync(here.content()) == before


def test_damaged_things_are_told_and_the_rest_comes(own_copy, here, sync):
    metas = [path for path in own_copy.glob("*/*/meta.yaml") if len(path.parent.name) == 32]
    metas[0].write_text("run_id: [")
    metas[1].write_text("")
    progress, problems = sync(here.bring(own_copy))
    assert len([problem for problem in problems if "damaged" in problem]) == 2
    assert progress["counts"]["runs"]["new"] == 4


def test_an_old_database_lacks_what_came_later(sources, here, sync, tmp_path):
    old = shutil.copy(sources["old"], tmp_path / "mlflow.db")
    with sqlite3.connect(old) as database:
        for table in ("trace_tags", "trace_request_metadata", "trace_info", "input_tags", "inputs"):
            database.execute(f"DROP TABLE {table}")
        database.execute("DROP TABLE registered_model_aliases")
        database.execute("ALTER TABLE model_versions DROP COLUMN storage_location")
        database.execute("ALTER TABLE runs DROP COLUMN deleted_time")
    database.close()
    progress, _ = sync(here.bring(old))
    assert progress["counts"]["runs"]["new"] == 6
    assert sync(here.content())["registered"]["echo"]["aliases"] == {}


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("/nowhere/mlruns", "There is no file or folder"),
        ("sqlite:////nowhere/x.db", "There is no file or folder"),
    ],
)
def test_what_is_not_there_is_told(source, sentence, here, sync):
    assert sentence in sync(here.refused(source))


def test_other_files_and_folders_are_told_apart(tmp_path, here, sync):
    (tmp_path / "notes.db").write_text("not a database at all")
    (tmp_path / "empty").mkdir()
    sqlite3.connect(tmp_path / "other.db").close()
    with sqlite3.connect(tmp_path / "other.db") as database:
        database.execute("CREATE TABLE x (y)")
    database.close()
    assert "SQLite" in sync(here.refused(tmp_path / "notes.db"))
    assert "no folder of MLflow" in sync(here.refused(tmp_path / "empty"))
    assert "no database of MLflow" in sync(here.refused(tmp_path / "other.db"))


@pytest.mark.parametrize("source", ["mlruns", "ftp://host/x", "sqlite:///x.db", "s3://bucket/x"])
def test_a_place_that_cannot_be_read_is_refused_at_once(source):
    with pytest.raises(InvalidInput):
        place(source, {})


def test_a_password_is_taken_out_of_an_address():
    found = place("postgresql+psycopg2://me:s%40cret@db:5433/mlflow", {})
    assert (found.kind, found.shown) == ("postgres", "postgresql://me@db:5433/mlflow")
    assert found.secrets == {"username": "me", "password": "s@cret"}
    assert "s@cret" not in repr(found)
