"""Which files of a job become artifacts of its run."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from trackside._bundle import Bundle
from trackside_server.jobs import outputs
from trackside_server.tracking.artifacts import Artifacts


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def keep(tmp_path, work):
    """Collect the outputs, and return what was kept and the artifacts."""

    def collect(brought=None):
        bundle = Bundle.build(brought or {})
        artifacts = Artifacts(tmp_path / "art")
        log = logging.getLogger("test")
        kept = outputs.collect(work, bundle.manifest, artifacts, "1/run/artifacts", log)
        root = tmp_path / "art/1/run/artifacts"
        found = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file()
        }
        return kept, found

    return collect


def write(folder, name, content=b"x"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_new_and_changed_files_are_kept_and_the_others_not(work, keep):
    brought = {"same.csv": b"1", "changed.csv": b"1", "train.py": b"print()"}
    for name, content in brought.items():
        write(work, name, content)
    write(work, "changed.csv", b"2")
    write(work, "models/best.pt", b"weights")
    kept, found = keep(brought)
    assert found == {"outputs/changed.csv": b"2", "outputs/models/best.pt": b"weights"}
    assert (kept.kept, kept.left_out) == (2, 0)


@pytest.mark.parametrize(
    "name",
    [".hidden", ".cache/x", "__pycache__/a.pyc", "mlruns/0/meta.yaml", "__trackside__/entry.json"],
)
def test_caches_and_hidden_files_are_no_outputs(work, keep, name):
    write(work, name)
    assert keep()[1] == {}


def test_links_are_not_followed(work, keep, tmp_path):
    write(tmp_path, "secret/key", b"private")
    (work / "link").symlink_to(tmp_path / "secret/key")
    (work / "folder").symlink_to(tmp_path / "secret")
    assert keep()[1] == {}


def test_there_are_bounds_and_small_files_come_first(work, keep, monkeypatch):
    monkeypatch.setattr(outputs, "MAX_BYTES", 100)
    write(work, "a-giant.bin", b"x" * 1000)
    write(work, "small.txt", b"x" * 50)
    kept, found = keep()
    assert list(found) == ["outputs/small.txt"]
    assert (kept.kept, kept.left_out) == (1, 1)
    monkeypatch.setattr(outputs, "MAX_FILES", 0)
    assert keep()[0].kept == 0


def test_a_name_that_no_artifact_can_have_is_left_out(work, keep):
    write(work, "what?.txt")
    kept, found = keep()
    assert (kept.left_out, found) == (1, {})


def test_an_artifact_in_the_way_of_one_file_costs_the_others_nothing(work, keep, tmp_path, caplog):
    write(tmp_path, "art/1/run/artifacts/outputs/models", b"a file")
    write(tmp_path, "art/1/run/artifacts/outputs/a.txt/b", b"in a folder")
    write(work, "models/best.pt")
    write(work, "a.txt")
    write(work, "z.txt", b"kept")
    kept, found = keep()
    assert (kept.kept, kept.left_out) == (1, 2)
    assert found["outputs/z.txt"] == b"kept"
    assert found["outputs/models"] == b"a file"
    assert "models/best.pt is no artifact" in caplog.text
    assert not [name for name in found if "/." in name]


def test_a_file_that_cannot_be_read_costs_the_others_nothing(work, keep, monkeypatch, caplog):
    write(work, "private.csv", b"1")
    write(work, "z.txt", b"kept")
    whole = Path.open

    def refuse(path, *arguments, **options):
        if path.name == "private.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return whole(path, *arguments, **options)

    def no_links(*_):
        raise OSError("no hard links here")

    bundle = {"private.csv": b"1"}
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(outputs.os, "link", no_links)
    kept, found = keep(bundle)
    assert (kept.kept, kept.left_out) == (1, 1)
    assert found == {"outputs/z.txt": b"kept"}
    assert "private.csv is no artifact" in caplog.text


def test_keeping_twice_keeps_once(work, keep):
    write(work, "model.txt", b"weights")
    keep()
    kept, found = keep()
    assert kept.kept == 1
    assert found == {"outputs/model.txt": b"weights"}


def test_without_hard_links_files_are_copied(work, keep, monkeypatch):
    def refuse(*_):
        raise OSError("no hard links here")

    monkeypatch.setattr(outputs.os, "link", refuse)
    write(work, "model.txt", b"weights")
    assert keep()[1] == {"outputs/model.txt": b"weights"}
