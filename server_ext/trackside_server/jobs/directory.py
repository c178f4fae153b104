"""The folder of one job: what lies in it, who writes it and who reads it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import time
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_RESULTS = ("result.json", "result.pkl")


class JobDirectory:
    """The folder ``<root>/jobs/<job_id>``, readable by its owner only.

    Parameters
    ----------
    root
        The root of the store.
    job_id
        The job.
    """

    def __init__(self, root: Path, job_id: str) -> None:
        self.path = jobs_folder(root) / job_id

    @property
    def log(self) -> Path:
        """What the job prints, written by the job's processes themselves."""
        return self.path / "output.log"

    def rank_log(self, rank: int) -> Path:
        """Name the log of one of several pods that work together; that of rank 0 is `log`."""
        return self.path / f"output-{rank}.log" if rank else self.log

    @property
    def times(self) -> Path:
        """When the log had which size, written by the supervisor."""
        return self.path / "output.times"

    @property
    def spool(self) -> Path:
        """Points that the job logged and that no server acknowledged yet."""
        return self.path / "spool"

    @property
    def work(self) -> Path:
        """The job's working directory: its own copy of the bundle."""
        return self.path / "work"

    @property
    def private(self) -> Path:
        """Values of secret environment variables; removed when the job ends."""
        return self.path / "private.json"

    @property
    def failure(self) -> Path:
        """The exception that ended the job, written by its bootstrap."""
        return self.path / "failure.json"

    @property
    def environment(self) -> Path:
        """The Python and packages that the job saw, written by its bootstrap."""
        return self.path / "environment.json"

    @property
    def provenance(self) -> Path:
        """The same as it is kept with the run, written by the server."""
        return self.path / "provenance.json"

    @property
    def notebook(self) -> Path:
        """The notebook as executed, written by the bootstrap."""
        return self.path / "notebook.ipynb"

    @property
    def arrival(self) -> Path:
        """Whether the outputs of a container on the cluster are here, and why not."""
        return self.path / "arrival.json"

    @property
    def cancel(self) -> Path:
        """Who wants the job to end, written by the server for the supervisor."""
        return self.path / "cancel.json"

    @property
    def diary(self) -> Path:
        """What went wrong in the supervisor itself."""
        return self.path / "supervisor.log"

    @property
    def result(self) -> Path | None:
        """What the job's function returned, None as long as there is nothing."""
        for name in _RESULTS:
            if (self.path / name).is_file():
                return self.path / name
        return None

    def launch(self, attempt: int) -> Path:
        """Name the file that says what an attempt runs; it holds no secrets."""
        return self.path / f"launch-{attempt}.json"

    def status(self, attempt: int) -> Path:
        """Name the file in which its supervisor says how an attempt is."""
        return self.path / f"status-{attempt}.json"

    def lock(self, attempt: int) -> Path:
        """Name the file that the supervisor of an attempt locks: there is never a second one."""
        return self.path / f"attempt-{attempt}.lock"

    def make(self) -> None:
        """Make the folder."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.mkdir(mode=0o700, exist_ok=True)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)

    def age(self) -> float:
        """Return the seconds since something was made in the folder."""
        try:
            return time.time() - self.path.stat().st_mtime
        except OSError:
            return 0.0

    def log_size(self) -> int:
        """Return the size of the log in bytes."""
        try:
            return self.log.stat().st_size
        except OSError:
            return 0

    def has_spool(self) -> bool:
        """Tell whether there is something that the job logged and no server acknowledged."""
        return any(self.spool.glob("*.jsonl"))

    def read_failure(self, attempt: int) -> dict[str, Any] | None:
        """Return the exception that ended an attempt."""
        kept = self.path / f"failure-{attempt}.json"
        return read_json(kept if kept.exists() else self.failure)

    def put_aside(self, attempt: int) -> None:
        """Move away what an attempt left that would be mistaken for the next one's."""
        with contextlib.suppress(FileNotFoundError):
            self.failure.replace(self.path / f"failure-{attempt}.json")
        for name in _RESULTS:
            with contextlib.suppress(FileNotFoundError):
                (self.path / name).unlink()

    def tidy(self) -> None:
        """Remove what nobody needs after the end, the secrets first."""
        for file in (self.private, self.cancel, *self.path.glob("attempt-*.lock")):
            with contextlib.suppress(FileNotFoundError):
                file.unlink()


def jobs_folder(root: Path) -> Path:
    """Return the folder that holds the folders of all jobs."""
    return root / "jobs"


def list_folders(root: Path) -> list[str]:
    """Name the jobs that have a folder."""
    try:
        return [path.name for path in jobs_folder(root).iterdir() if path.is_dir()]
    except FileNotFoundError:
        return []


def safe_name(folder: Path, name: str) -> Path | None:
    """Return the file of this name below a folder, None when the name leads out of it."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        return None
    found = folder.joinpath(*path.parts)
    return found if found.resolve().is_relative_to(folder.resolve()) else None


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a file that another process replaces as a whole; None when there is none to read."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return parse_json(content)


def parse_json(content: bytes) -> dict[str, Any] | None:
    """Read the object that such a file holds; None when there is none to read."""
    try:
        text = content.decode("utf-8", "replace")
        value = json.loads(text)
        if "\\ud" in text.lower():
            # Halves of surrogate pairs, as in the names of files that are no UTF-8: neither the
            # store nor an answer can hold them, and a job that they come from has to end too.
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Replace a file as a whole; only its owner can read it."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(value, file)
        aside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise
