"""Which files of a job become artifacts of its run."""

from __future__ import annotations

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
        kept = outputs.collect(
            work, bundle.manifest, Artifacts(tmp_path / "art"), "1/run/artifacts"
        )
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
