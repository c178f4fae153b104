"""Running an entry point of a project as a job."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside._capture.files import add_explicit
from trackside._capture.model import Capture, Param
from trackside._errors import TracksideError
from trackside._mlproject import arguments, reading, template
from trackside._submit import send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside._job import Job
    from trackside._mlproject.model import EntryPoint, Project

_SCRIPT = "__trackside__/mlproject.py"
_FACTS = "__trackside__/mlproject.json"
_MANAGERS = ("virtualenv", "local")


def run_project(
    folder: str | Path = ".",
    *,
    entry_point: str = "main",
    params: Mapping[str, Any] | None = None,
    env_manager: str = "virtualenv",
    **options: Any,
) -> Job:
    """Run an entry point of an MLproject folder as a job, and return at once.

    The folder travels with the job. Parameters are logged as the run's params.

    Parameters
    ----------
    folder
        The folder with the file ``MLproject``.
    entry_point
        The entry point, or a ``.py`` or ``.sh`` file in the folder.
    params
        Values for its parameters; what it does not declare is passed on as ``--name value``.
    env_manager
        ``"virtualenv"`` makes the environment of the project's ``python_env``, once; ``"local"``
        runs it with the Python and the packages that are here.
    **options
        Those of `submit`, such as ``gpus``, ``time_limit`` and ``experiment``.

    Returns
    -------
    Job
        To wait for, follow or cancel.

    Raises
    ------
    TracksideError
        When the project cannot be read, a parameter is missing or mistyped, or the server refuses
        the job.
    """
    if "://" in str(folder) or str(folder).startswith("git@"):
        raise TracksideError(
            f"{folder} is no folder.",
            f"Clone it first: git clone {str(folder).partition('#')[0]}, look at it, and run the"
            " folder.",
        )
    if env_manager not in _MANAGERS:
        raise TracksideError(f"env_manager is one of {', '.join(_MANAGERS)}, not {env_manager!r}.")
    is_local = env_manager == "local"
    project = reading.read(Path(folder).expanduser().absolute(), local=is_local)
    entry = reading.entry_point(project, entry_point)
    values = arguments.complete(project, entry, params or {})
    captured = _captured(project, entry, local=is_local)
    options.setdefault("experiment", project.name)
    return send(captured, {**options, "params": values})


def _captured(project: Project, entry: EntryPoint, *, local: bool) -> Capture:
    declared = [parameter.name for parameter in entry.parameters]
    script, order = template.script(entry.command, declared)
    required = None if local else project.requirements
    facts = {
        "name": entry.name,
        "script": script,
        "order": order,
        "declared": declared,
        "python": required.python if required else None,
        "packages": list(required.packages) if required else None,
    }
    label = f"{entry.name} of {project.name}"
    capture = Capture(kind="script", label=label, path=project.folder / reading.FILE)
    add_explicit(capture, ["."], project.folder)
    capture.add(_SCRIPT, Path(__file__).with_name("launcher.py").read_bytes())
    capture.add(_FACTS, json.dumps(facts, sort_keys=True).encode())
    capture.params = [Param(p.name, p.default) for p in entry.parameters]
    capture.entry = {"kind": "script", "source": _SCRIPT}
    return capture
