"""What a task calls files of this machine, and which ones it means.

A process or container here sees them under the paths that they have. The container of a pod has
folders of its own for what goes in and comes out (`jobs.runners.kubernetes.tasks.layout`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trackside_server.jobs.runners.kubernetes.tasks import layout

from .places import task_folder, to_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .context import TaskContext

# What tasks leave lies apart from what they are told: artifacts that Python code makes itself go
# beside the file of outputs.
_OUTPUT_FILE: Final = "executor_output.json"
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_.-]+")


def output_file(context: TaskContext) -> Path:
    """Name the file in which Python code says what it made."""
    return outputs_folder(context) / _OUTPUT_FILE


def outputs_folder(context: TaskContext) -> Path:
    """Name the folder of an attempt's artifacts."""
    return task_folder(context.place, context.path, context.attempt) / layout.OUTPUTS


def parameter_file(context: TaskContext, name: str) -> Path:
    """Name the file that an output parameter may be written into."""
    return task_folder(context.place, context.path, context.attempt) / layout.PARAMETERS / name


def travelling(context: TaskContext) -> dict[str, Path]:
    """Name the input artifacts that lie on this machine, as a pod has them below its inputs.

    Raises
    ------
    ContractError
        A URI is no path that this machine could have.
    """
    found: dict[str, Path] = {}
    for name, items in context.inputs.artifacts.items():
        for artifact in items:
            path = to_path(artifact.uri)
            if path is not None and path not in found.values():
                plain = _NOT_IN_NAMES.sub("-", name)
                found[f"{plain}-{len(found)}/{path.name or 'all'}"] = path
    return found


def told(context: TaskContext, path: Path) -> str:
    """Return what a task calls a file or folder of this machine."""
    if context.in_pod:
        for ours, theirs in _pairs(context):
            if path.is_relative_to(ours):
                return str(theirs / path.relative_to(ours))
    return str(path)


def meant(context: TaskContext, path: Path) -> Path:
    """Return the file or folder of this machine that a task means."""
    if context.in_pod:
        for ours, theirs in _pairs(context):
            if path.is_relative_to(theirs):
                return ours / path.relative_to(theirs)
    return path


def _pairs(context: TaskContext) -> Iterator[tuple[Path, Path]]:
    yield outputs_folder(context), Path(layout.seen(layout.OUTPUTS))
    yield parameter_file(context, "_").parent, Path(layout.seen(layout.PARAMETERS))
    for name, path in travelling(context).items():
        yield path, Path(layout.seen(layout.INPUTS)) / name
