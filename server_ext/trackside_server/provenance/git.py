"""Asks git about the folder that a run was started from.

Every call has a time limit, changes nothing, and runs no program that the configuration of the
repository names. Without git, outside a repository, or in one that git refuses to trust, there is
no answer and nobody is disturbed.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

from msgspec import Struct

from .redact import is_secret_file, redact, redact_url

# For one call; a handful of them describe a repository.
TIMEOUT = 4.0
MAX_FILES = 300
MAX_FILE = 2 * 1024 * 1024
MAX_DIFF = 1024 * 1024
MAX_FILE_DIFF = 256 * 1024
# Read at most this much of what git says, so that a changed data file cannot fill the memory.
_MAX_OUTPUT = 8 * 1024 * 1024
_NO_COMMIT = "(initial)"
_BEGIN = re.compile(r"^diff --git ", re.MULTILINE)
_SAFE = (
    "--no-optional-locks",
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.quotePath=false"),
    *("-c", "diff.external="),
)


class GitState(Struct, frozen=True):
    """A repository at one moment.

    Attributes
    ----------
    root
        The folder of the work tree.
    commit, branch, remote
        None where there is none: before the first commit, on a detached head, without a remote.
    changed
        Paths that differ from the commit, untracked ones included, relative to the root.
    diff
        What differs in tracked files, without secrets and bounded; notebooks and binary files are
        left out.
    left_out
        Changed paths whose differences are not in ``diff``.
    """

    root: str
    commit: str | None
    branch: str | None
    remote: str | None
    changed: tuple[str, ...]
    diff: str
    left_out: tuple[str, ...]


def inspect(folder: Path) -> GitState | None:
    """Describe the repository that holds ``folder``, None when there is none to be had."""
    root = _git(folder, "rev-parse", "--show-toplevel")
    if not root:
        return None
    headers, tracked, untracked = _read_status(
        _git(folder, "status", "--porcelain=v2", "--branch", "-z") or _brief_status(folder)
    )
    commit = headers.get("branch.oid")
    branch = headers.get("branch.head")
    diff, left_out = "", tracked
    if commit != _NO_COMMIT and tracked:
        diff, left_out = _diff(Path(root.rstrip("\n")), tracked)
    return GitState(
        root=root.rstrip("\n"),
        commit=None if commit == _NO_COMMIT else commit,
        branch=None if branch == "(detached)" else branch,
        remote=_remote(folder, headers.get("branch.upstream", "").partition("/")[0]),
        changed=(*tracked, *untracked),
        diff=diff,
        left_out=(*left_out, *untracked),
    )


def _brief_status(folder: Path) -> str:
    # In a very large work tree only the look at every file takes too long.
    commit = _git(folder, "rev-parse", "--quiet", "--verify", "HEAD") or _NO_COMMIT
    branch = _git(folder, "symbolic-ref", "--quiet", "--short", "HEAD") or "(detached)"
    return f"# branch.oid {commit.strip()}\0# branch.head {branch.strip()}\0"


def _remote(folder: Path, upstream: str) -> str | None:
    names = (_git(folder, "remote") or "").split()
    for name in (upstream, "origin", *names):
        if name in names:
            url = _git(folder, "remote", "get-url", "--", name)
            return redact_url(url.strip()) if url else None
    return None


def _read_status(status: str) -> tuple[dict[str, str], list[str], list[str]]:
    headers: dict[str, str] = {}
    tracked: list[str] = []
    untracked: list[str] = []
    entries = iter(status.split("\0"))
    for entry in entries:
        kind = entry[:2]
        if kind == "# ":
            name, _, value = entry[2:].partition(" ")
            headers[name] = value
        elif kind == "1 ":
            tracked.append(entry.split(" ", 8)[8])
        elif kind == "2 ":
            tracked.append(entry.split(" ", 9)[9])
            next(entries, None)  # the name before the renaming
        elif kind == "u ":
            tracked.append(entry.split(" ", 10)[10])
        elif kind == "? ":
            untracked.append(entry[2:])
    return headers, tracked, untracked


def _diff(root: Path, tracked: list[str]) -> tuple[str, list[str]]:
    wanted = [path for path in tracked if _is_wanted(root, path)][:MAX_FILES]
    if not wanted:
        return "", tracked
    output = _git(
        root,
        "diff",
        *("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--submodule=short"),
        *("--src-prefix=a/", "--dst-prefix=b/"),
        *("HEAD", "--", *(f":(top,literal){path}" for path in wanted)),
    )
    pieces: list[str] = []
    kept: set[str] = set()
    size = 0
    # Lines of content begin with a space, a sign or @, so this line begins a file.
    for piece in _BEGIN.split(output or ""):
        names = piece.partition("\n")[0]
        # "a/name b/name", without renames twice the same.
        path = names[2 : len(names) // 2]
        # A piece is taken whole or not at all, so that what is kept applies.
        if path not in wanted or len(piece) > MAX_FILE_DIFF or size + len(piece) > MAX_DIFF:
            continue
        if "\nBinary files " in piece[:2000]:
            continue
        pieces.append(redact(f"diff --git {piece}"))
        kept.add(path)
        size += len(piece)
    return "".join(pieces), [path for path in tracked if path not in kept]


def _is_wanted(root: Path, path: str) -> bool:
    # The changes of a notebook are mostly pictures; the cell that ran is kept anyway.
    if path.endswith(".ipynb") or is_secret_file(path):
        return False
    try:
        return (root / path).lstat().st_size <= MAX_FILE
    except OSError:
        return True  # deleted: what it held is the difference


def _git(folder: Path, *arguments: str) -> str | None:
    environment = {name: v for name, v in os.environ.items() if not name.startswith("GIT_")}
    environment.update(GIT_TERMINAL_PROMPT="0", GIT_OPTIONAL_LOCKS="0", LC_ALL="C")
    try:
        process = subprocess.Popen(
            ["git", *_SAFE, *arguments],  # noqa: S607 - whichever git the user has
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return None
    with process:
        return _output(process)


def _output(process: subprocess.Popen[bytes]) -> str | None:
    assert process.stdout is not None
    # A pipe has no read with a time limit; killing the writers, git and its helpers, ends the read.
    alarm = threading.Timer(TIMEOUT, _kill, [process])
    alarm.start()
    try:
        output = process.stdout.read(_MAX_OUTPUT + 1)
        if len(output) > _MAX_OUTPUT:
            _kill(process)
        elif process.wait() != 0:
            return None
        return output.decode("utf-8", "replace")
    finally:
        alarm.cancel()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
