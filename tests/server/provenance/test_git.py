from __future__ import annotations

import subprocess

import pytest

from trackside_server.provenance import git

GIT = (
    "git",
    *("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"),
)


@pytest.fixture(autouse=True)
def _all_the_time_it_takes(monkeypatch):
    """The limit is for large repositories, and a busy machine is slow with small ones."""
    monkeypatch.setattr(git, "TIMEOUT", 60.0)


@pytest.fixture
def run(tmp_path):
    def run(*arguments):
        subprocess.run([*GIT, *arguments], cwd=tmp_path, check=True, capture_output=True)

    run("init", "--quiet", "--initial-branch=main")
    return run


@pytest.fixture
def repository(tmp_path, run):
    (tmp_path / "train.py").write_text("lr = 0.1\n")
    (tmp_path / "digits.ipynb").write_text("{}\n")
    run("add", ".")
    run("commit", "--quiet", "--message=First")
    return tmp_path


def test_a_clean_repository_has_a_commit_and_no_difference(repository):
    state = git.inspect(repository)
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=repository, text=True)
    assert state.commit == head.strip()
    assert state.branch == "main"
    assert (state.remote, state.changed, state.diff) == (None, (), "")


def test_it_is_found_from_a_folder_below(repository):
    (repository / "sub").mkdir()
    assert git.inspect(repository / "sub").root == str(repository)


def test_the_difference_can_be_applied_to_the_commit(repository, run):
    (repository / "train.py").write_text("lr = 0.2\n")
    (repository / "sub ä").mkdir()
    (repository / "sub ä" / "new.py").write_text("x = 1\n")
    run("add", "sub ä/new.py")
    state = git.inspect(repository)
    assert set(state.changed) == {"train.py", "sub ä/new.py"}
    assert state.left_out == ()
    run("reset", "--quiet", "--hard")
    (repository / "x.diff").write_text(state.diff)
    run("apply", "x.diff")
    assert (repository / "train.py").read_text() == "lr = 0.2\n"
    assert (repository / "sub ä" / "new.py").read_text() == "x = 1\n"


def test_untracked_notebook_binary_and_secret_files_are_named_but_not_kept(repository, run):
    for name, content in {
        "digits.ipynb": b'{"outputs": 1}\n',
        "data.bin": b"\0\1\2" * 100,
        ".env": b"X=not for you\n",
    }.items():
        (repository / name).write_bytes(content)
        run("add", name)
    (repository / "scratch.py").write_text("1\n")
    state = git.inspect(repository)
    assert set(state.changed) == {"digits.ipynb", "data.bin", ".env", "scratch.py"}
    assert set(state.left_out) == set(state.changed)
    assert state.diff == ""


def test_a_large_change_leaves_room_for_the_small_ones(repository, run):
    (repository / "a_table.csv").write_text("1,2,3\n" * 100_000)
    (repository / "train.py").write_text("lr = 0.2\n")
    run("add", ".")
    state = git.inspect(repository)
    assert "lr = 0.2" in state.diff
    assert len(state.diff) < git.MAX_DIFF
    assert state.left_out == ("a_table.csv",)


def test_secrets_do_not_reach_the_difference(repository):
    (repository / "train.py").write_text('password = "hunter2"\n')
    state = git.inspect(repository)
    assert "hunter2" not in state.diff
    assert 'password = "[redacted]"' in state.diff


def test_the_remote_is_told_without_its_credentials(repository, run):
    run("remote", "add", "origin", "https://ada:hunter2@example.org/a/b.git")
    assert git.inspect(repository).remote == "https://example.org/a/b.git"


def test_before_the_first_commit_there_is_a_branch_and_no_commit(tmp_path, run):
    (tmp_path / "new.py").write_text("1\n")
    state = git.inspect(tmp_path)
    assert (state.commit, state.branch, state.changed) == (None, "main", ("new.py",))


def test_a_detached_head_has_a_commit_and_no_branch(repository, run):
    run("checkout", "--quiet", "--detach")
    state = git.inspect(repository)
    assert state.commit
    assert state.branch is None


def test_renamed_and_deleted_files_are_told(repository, run):
    run("mv", "train.py", "fit.py")
    (repository / "digits.ipynb").unlink()
    assert set(git.inspect(repository).changed) == {"fit.py", "digits.ipynb"}


def test_outside_a_repository_there_is_no_answer(tmp_path):
    assert git.inspect(tmp_path) is None
    assert git.inspect(tmp_path / "missing") is None


def test_without_git_there_is_no_answer(repository, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert git.inspect(repository) is None


def test_a_git_that_hangs_is_given_up(repository, tmp_path, monkeypatch):
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nsleep 600 & wait\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:/usr/bin:/bin")
    monkeypatch.setattr(git, "TIMEOUT", 0.2)
    assert git.inspect(repository) is None


def test_programs_named_by_the_repository_are_not_run(repository, run):
    trap = repository / ".git" / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {repository}/sprung\n")
    trap.chmod(0o755)
    run("config", "core.fsmonitor", str(trap))
    run("config", "diff.external", str(trap))
    run("config", "diff.x.textconv", str(trap))
    (repository / ".git" / "info" / "attributes").write_text("*.py diff=x\n")
    (repository / "train.py").write_text("lr = 0.2\n")
    assert "lr = 0.2" in git.inspect(repository).diff
    assert not (repository / "sprung").exists()
