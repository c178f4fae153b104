"""What comes from MLflow, whatever it is kept in."""

from __future__ import annotations

import os
import shutil
import sqlite3

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.imports.sources import open_source, place
from trackside_server.imports.tally import Tally
from trackside_server.tracking.base import now_ms

from .conftest import content


class Strict(Tally):
    """Accepts no complaint."""

    def complain(self, *words):
        pytest.fail(f"the source complains: {words}")


def _expected(source):
    opened = open_source(place(str(source), {}), None, Strict())
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


def test_a_name_that_is_not_in_the_source_is_told_and_nothing_comes(source, here, sync):
    sentence = sync(here.refused(source, experiments=("gone", "nosuch")))
    assert sentence == "There is no experiment 'nosuch' in the source."
    assert list(sync(here.content())) == ["registered", "Default"]


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


def test_one_damaged_thing_in_a_folder_costs_nothing_but_itself(own_copy, here, sync):
    runs = sorted(path.parent for path in own_copy.glob("*/*/meta.yaml") if _is_run(path.parent))
    _append(runs[0] / "meta.yaml", "start_time: soon")
    _append(runs[1] / "meta.yaml", "end_time: [1]")
    _append(runs[2] / "meta.yaml", f"start_time: {10**30}")
    (runs[3] / "metrics").mkdir(exist_ok=True)
    (runs[3] / "metrics" / "odd").write_text(f"1 1 {10**30}\n2 nan 2\n3 inf 3\nx y z\n4 4 4\n")
    (runs[3] / "tags" / "größe ☃").write_text("x" * 3_000_000)
    (runs[3] / "tags" / os.fsdecode(b"latin-\xff")).write_text("1")
    (runs[4] / "meta.yaml").unlink()
    for trace in own_copy.glob("*/traces/*/trace_info.yaml"):
        trace.write_text("trace_id: x\nrequest_time: [1]\n")
    version = next(own_copy.glob("models/*/version-*/meta.yaml"))
    version.write_text("version: abc\n")
    shutil.copytree(runs[0].parent, own_copy / "77").joinpath("meta.yaml").unlink()

    progress, problems = sync(here.bring(own_copy))
    told = "\n".join(problems)
    for damaged in (*(run.name for run in runs[:3]), runs[4].name, "Experiment 77", "Trace", "abc"):
        assert damaged in told
    assert progress["counts"]["runs"] == {"new": 2, "changed": 0, "same": 0, "skipped": 1}
    [run] = [
        run
        for experiment in sync(here.content()).values()
        for run_id, run in experiment.get("runs", {}).items()
        if run_id == runs[3].name
    ]
    assert {point[0] for point in run["curves"]["odd"]} == {2, 3, 4}
    assert len(run["tags"]["größe ☃"]) == 3_000_000


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE runs SET start_time = 'abc' WHERE run_uuid IN (SELECT run_uuid FROM runs LIMIT 1)",
        "UPDATE runs SET end_time = 'abc' WHERE run_uuid IN (SELECT run_uuid FROM runs LIMIT 1)",
        "UPDATE params SET value = x'ff00'",
        "UPDATE metrics SET step = 'abc' WHERE rowid IN (SELECT rowid FROM metrics LIMIT 1)",
        "UPDATE metrics SET value = 'abc' WHERE rowid IN (SELECT rowid FROM metrics LIMIT 1)",
        "UPDATE experiments SET creation_time = 'abc' WHERE experiment_id = 1",
        "UPDATE experiments SET name = '' WHERE experiment_id = 1",
        "UPDATE spans SET content = '{broken' WHERE rowid IN (SELECT rowid FROM spans LIMIT 1)",
        "UPDATE spans SET content = '[1]' WHERE rowid IN (SELECT rowid FROM spans LIMIT 1)",
        "UPDATE assessments SET value = '{x'",
        "UPDATE trace_info SET timestamp_ms = 'abc'",
        "UPDATE logged_models SET status = 'abc'",
        "UPDATE logged_model_metrics SET metric_value = 'abc'",
        "UPDATE model_versions SET creation_time = 'abc' WHERE version = 1",
        "UPDATE registered_model_aliases SET version = 'x'",
    ],
    ids=lambda damage: damage.split(" WHERE")[0][7:],
)
def test_one_damaged_row_in_a_database_costs_nothing_but_its_thing(
    sources, here, sync, tmp_path, damage
):
    copy = shutil.copy(sources["new"], tmp_path / "mlflow.db")
    with sqlite3.connect(copy) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        assert database.execute(damage).rowcount
    database.close()
    _, problems = sync(here.bring(copy, artifacts="none"))
    assert problems
    content = sync(here.content())
    assert len(content["registered"]) >= 1
    assert sum(len(experiment.get("runs", ())) for experiment in content.values()) >= 1


def test_what_was_deleted_long_ago_lies_in_the_trash_since_its_import(own_copy, here, sync):
    for meta in own_copy.glob("*/*/meta.yaml"):
        if _is_run(meta.parent):
            _append(meta, "lifecycle_stage: deleted\ndeleted_time: 1000")
    begun = now_ms()
    sync(here.bring(own_copy))

    def times(connection):
        rows = connection.execute(
            "SELECT deleted_at FROM runs UNION ALL SELECT deleted_at FROM experiments WHERE id >= 0"
        )
        return [row[0] for row in rows if row[0] is not None]

    found = here.store.read_now(times)
    assert len(found) >= 5
    assert min(found) >= begun


def _is_run(folder):
    return len(folder.name) == 32


def _append(path, line):
    path.write_text(f"{path.read_text()}{line}\n")


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
    found = place("postgresql://me@db/mlflow?password=s%40cret&sslmode=require", {})
    assert found.shown == "postgresql://me@db/mlflow?sslmode=require"
    assert found.secrets == {"password": "s@cret"}
    with pytest.raises(InvalidInput):
        place("postgresql://db/mlflow?sslpassword=s3cret", {})
