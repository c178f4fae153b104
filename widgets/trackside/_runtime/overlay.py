"""Environments for what components have installed: each made once, then used by many tasks.

An environment lies over the packages of the interpreter, so only what is missing there is
installed. Whoever makes one holds its lock alone, whoever uses it shares the lock, and the kernel
gives it back when they end, however they end. A file that is written last says that it is whole:
what was left half made is made anew.
"""

from __future__ import annotations

import collections
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import site
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from . import failure
from .files import write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .run import Task

MAX_AGE = 30 * 86400.0
MAX_BYTES = 20 * 2**30

_WHOLE = "trackside.json"
_LOCK = ".lock"
_PASSWORD = re.compile(r"//[^/@\s]+@")
_KEPT_LINES = 200
_TOLD_LINES = 5
# Where the user's own settings would have pip install instead.
_ELSEWHERE = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV")


class Environment(NamedTuple):
    """One that is there, whole or not: where, when it was last used, its size in bytes."""

    path: Path
    used: float
    size: int


def enter(task: Task, folder: Path) -> None:
    """Go on in the environment of a task; returns only if this process runs in it already."""
    if Path(sys.prefix).resolve().parent == folder.resolve():
        return
    path = folder / _key(task.packages, task.pip_options)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _usable(task, path)
    # It is held as long as the program lives that this process becomes.
    os.set_inheritable(lock, True)  # noqa: FBT003  (positional only)
    os.utime(str(path / _WHOLE))
    os.environ["PATH"] = os.pathsep.join(
        part for part in (str(path / "bin"), os.environ.get("PATH", "")) if part
    )
    python = str(path / "bin" / "python")
    start = str(Path(__file__).resolve().with_name("bootstrap.py"))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(python, [python, "-u", start, str(task.launch_file)])  # noqa: S606


def found(folder: Path) -> Iterator[Environment]:
    """Go through the environments of a folder."""
    try:
        paths = [path for path in folder.iterdir() if path.is_dir()]
    except FileNotFoundError:
        return
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            whole = path / _WHOLE
            if whole.exists():
                size = int(json.loads(whole.read_text(encoding="utf-8"))["size"])
                yield Environment(path, whole.stat().st_mtime, size)
            else:
                yield Environment(path, path.stat().st_mtime, _size(path))


def prune(folder: Path, *, max_age: float = MAX_AGE, max_bytes: int = MAX_BYTES) -> list[str]:
    """Remove what was not used for long, then the longest unused until the rest is small enough.

    What a task uses at this moment stays.

    Parameters
    ----------
    folder
        The folder of environments.
    max_age
        In seconds since the last use.
    max_bytes
        How much all may take.

    Returns
    -------
    list of str
        The names of those that were removed.
    """
    there = sorted(found(folder), key=lambda one: one.used)
    total = sum(one.size for one in there)
    now = time.time()
    removed = []
    for one in there:
        if (total > max_bytes or now - one.used > max_age) and remove(one.path):
            total -= one.size
            removed.append(one.path.name)
    return removed


def remove(path: Path) -> bool:
    """Remove an environment that nobody uses, and tell whether it is gone."""
    lock = _opened(path)
    try:
        if not _locked(lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return False
        with contextlib.suppress(FileNotFoundError):
            (path / _WHOLE).unlink()
        shutil.rmtree(str(path), ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            _lock_file(path).unlink()
        return True
    finally:
        os.close(lock)


def _key(packages: Sequence[str], options: Sequence[str]) -> str:
    made_of = [sys.executable, sys.version, list(packages), list(options)]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:32]


def _usable(task: Task, path: Path) -> int:
    """Return a shared lock of an environment that is whole."""
    while True:
        lock = _opened(path)
        try:
            _locked(lock, fcntl.LOCK_SH)
            if _is_current(lock, path) and (path / _WHOLE).exists():
                return lock
            if not _locked(lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
                print("Another task is installing the same packages.", flush=True)  # noqa: T201
                _locked(lock, fcntl.LOCK_EX)
            if _is_current(lock, path) and not (path / _WHOLE).exists():
                _make(task, path, lock)
        except BaseException:
            os.close(lock)
            raise
        # Looked at again: it is not one step from a lock of one's own to a shared one.
        os.close(lock)


def _make(task: Task, path: Path, lock: int) -> None:
    shutil.rmtree(str(path), ignore_errors=True)
    named = _PASSWORD.sub("//***@", ", ".join(task.packages))
    print(f"Installing {named}", flush=True)  # noqa: T201
    code, lines = _told([sys.executable, "-m", "venv", "--without-pip", str(path)], lock)
    if code:
        _give_up(task, f"No environment for {named} could be made", lines)
    _lay_over(path)
    python = str(path / "bin" / "python")
    if importlib.util.find_spec("pip") is None:
        code, lines = _told([python, "-m", "ensurepip"], lock)
        if code:
            _give_up(task, f"There is no pip to install {named} with", lines)
    code, lines = _told(
        [
            *(python, "-m", "pip", "install", "--progress-bar=off", "--no-warn-script-location"),
            *task.pip_options,
            *task.packages,
        ],
        lock,
    )
    if code:
        _give_up(task, f"pip could not install {named}", lines)
    write_json(
        path / _WHOLE,
        {"python": sys.executable, "packages": list(task.packages), "size": _size(path)},
    )
    prune(path.parent)


def _lay_over(path: Path) -> None:
    """Let the environment see what the interpreter has, after its own packages."""
    below = [*site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        below.append(site.getusersitepackages())
    (own,) = path.glob("lib/python*/site-packages")
    # Added as sites, not as mere folders: what is installed for editing counts too.
    lines = [f"import site; site.addsitedir({folder!r})\n" for folder in below]
    (own / "_below.pth").write_text("".join(lines), encoding="utf-8")


def _told(command: Sequence[str], lock: int) -> tuple[int, Sequence[str]]:
    """Run a command, its output in the log of the job; return its exit code and last lines.

    It has the lock as well: where only this process is killed, nobody else writes beside it.
    """
    env = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    env.update(PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    lines: collections.deque[str] = collections.deque(maxlen=_KEPT_LINES)
    with subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=(lock,),
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                sys.stdout.write(line)
                sys.stdout.flush()
                lines.append(line.rstrip())
        except BaseException:
            process.kill()
            raise
    return process.returncode, lines


def _give_up(task: Task, what: str, lines: Sequence[str]) -> NoReturn:
    said = [line for line in lines if line.startswith("ERROR:")] or [line for line in lines if line]
    why = " ".join(
        line[len("ERROR:") :].strip() if line.startswith("ERROR:") else line
        for line in said[-_TOLD_LINES:]
    )
    failure.end(
        task,
        f"{what}: {why or 'it did not say why.'}",
        "Check packages_to_install, and that this machine reaches its package index.",
    )


def _opened(path: Path) -> int:
    return os.open(str(_lock_file(path)), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock_file(path: Path) -> Path:
    return path.with_name(path.name + _LOCK)


def _locked(lock: int, how: int) -> bool:
    try:
        fcntl.flock(lock, how)
    except BlockingIOError:
        return False
    return True


def _is_current(lock: int, path: Path) -> bool:
    """Whether the lock is still that of the path: with an environment its lock is removed."""
    try:
        return os.path.samestat(os.fstat(lock), _lock_file(path).stat())
    except FileNotFoundError:
        return False


def _size(path: Path) -> int:
    total = 0
    for parent, _, names in os.walk(str(path)):
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(parent, name).lstat().st_size
    return total
