"""Carry out one attempt of a job and leave behind what the server reads."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from . import environment, stopping
from .files import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

_TERMINATED = 128 + signal.SIGTERM
_INTERRUPTED = 128 + signal.SIGINT


class Task:
    """What is to be run: the entry of the bundle with what this attempt adds to it.

    Parameters
    ----------
    launch_file
        The ``launch-<n>.json`` in the job's folder.
    """

    def __init__(self, launch_file: Path) -> None:
        launch = read_json(launch_file)
        self.launch_file = launch_file.resolve()
        self.job_dir = launch_file.resolve().parent
        self.work = self.job_dir / "work"
        if launch.get("cwd"):
            self.work = type(self.work)(launch["cwd"])
        entry = read_json(self.work / "__trackside__" / "entry.json")
        self.kind: str = entry["kind"]
        self.source: str | None = entry.get("source")
        self.preamble: str | None = entry.get("preamble")
        self.function: str | None = entry.get("function")
        self.lazy_annotations = bool(entry.get("lazy_annotations"))
        self.params: dict[str, Any] = launch.get("params") or {}
        self.executable: list[str] = [str(path) for path in entry.get("executable") or ()]
        self.packages: list[str] = [str(item) for item in entry.get("packages") or ()]
        self.pip_options: list[str] = [str(item) for item in entry.get("pip_options") or ()]
        # Files whose frames say nothing to the user.
        self.hidden: tuple[str, ...] = ()
        self.arguments: list[str] = [str(item) for item in launch.get("arguments") or ()]
        self.label: str = launch.get("label") or entry.get("label") or self.source or self.kind
        self.grace = float(launch.get("grace") or 0)
        self.first_line = int(launch.get("first_line") or 1)

    @property
    def cell_name(self) -> str:
        """The file name under which the cell is compiled, as tracebacks show it."""
        return f"<{self.label}>"


def run(launch_file: Path) -> int:
    """Run the job and return its exit code."""
    task = Task(launch_file)
    os.chdir(task.work)
    for stale in ("failure.json", "result.json", "result.pkl"):
        # What an earlier attempt left must not be taken for this one's.
        with contextlib.suppress(FileNotFoundError):
            (task.job_dir / stale).unlink()
    # A full disk may cost the record, and not the job.
    with contextlib.suppress(OSError):
        write_json(task.job_dir / "environment.json", environment.describe())
    if os.environ.get("MPLBACKEND", "").startswith("module://"):
        del os.environ["MPLBACKEND"]  # The notebook's own way of drawing needs its kernel.
    stopping.install(_end)
    try:
        _dispatch(task)
    except SystemExit as error:
        return _exit_code(task, error)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)  # noqa: T201
        return _INTERRUPTED
    except BaseException as error:  # noqa: BLE001  (whatever ends the user's code is reported)
        from . import failure

        failure.report(task, error)
        return 1
    return 0


def _dispatch(task: Task) -> None:
    if task.kind == "notebook":
        from . import notebook

        notebook.run(task)
    elif task.kind == "command":
        from . import command

        command.run(task)
    elif task.kind == "container":
        from . import container

        container.run(task)
    elif task.kind == "component":
        from . import component

        component.run(task)
    else:
        from . import code

        {"cell": code.run_cell, "function": code.run_function, "script": code.run_script}[
            task.kind
        ](task)


def _exit_code(task: Task, error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    # sys.exit("text") is how scripts say why they stop.
    print(error.code, file=sys.stderr)  # noqa: T201
    from . import failure

    failure.record(task, error, message=str(error.code))
    return 1


def _end(_was_lost: bool, _frame: object) -> None:
    """End the program through its `finally` blocks and exit handlers."""
    raise SystemExit(_TERMINATED)
