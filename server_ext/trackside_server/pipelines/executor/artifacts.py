"""The artifacts that a task has left."""

from __future__ import annotations

import json
import math
import os
import shutil
import stat
import uuid
from typing import TYPE_CHECKING, Any, Final

from trackside_server.pipelines.ir.model import Container
from trackside_server.pipelines.machine.state import Artifact

from .places import container_writes, inside, is_there, own, to_path, to_uri
from .prelude import recognise
from .reasons import ContractError
from .sight import meant, outputs_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trackside_server.pipelines.ir.model import OutputArtifact, Value

    from .context import TaskContext

_MAX_METADATA: Final = 4 * 2**20
_MAX_LIST: Final = 10_000
_MAX_TEXT: Final = 4000


def collect(context: TaskContext, said: Mapping[str, Any]) -> dict[str, tuple[Artifact, ...]]:
    """Return the declared artifacts; the task's words about one count, where it said some.

    An artifact need have no content: metrics are nothing but metadata.

    Raises
    ------
    ContractError
        What is said of one cannot be read, or it lies where this run may not write.
    """
    return {
        name: tuple(
            _artifact(context, name, spec, index, item)
            for index, item in enumerate(_listed(said.get(name), name))
        )
        for name, spec in context.component.output_artifacts.items()
    }


def artifact_id(context: TaskContext, name: str, index: int = 0) -> str:
    """Return the id of an artifact: the same when the outputs of an attempt are read again."""
    key = json.dumps([context.run.run_id, context.path, context.attempt, name, index])
    return str(uuid.uuid5(uuid.NAMESPACE_OID, key))


def _listed(said: Any, name: str) -> list[Mapping[str, Any]]:
    if said is None:
        return [{}]
    items = said.get("artifacts") if isinstance(said, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _damaged(name, "what the task says of it is no list of artifacts")
    if len(items) > _MAX_LIST:
        raise _damaged(name, f"it has {len(items)} artifacts, and {_MAX_LIST} is the most")
    return items


def _artifact(
    context: TaskContext, name: str, spec: OutputArtifact, index: int, said: Mapping[str, Any]
) -> Artifact:
    metadata = {**spec.metadata, **_metadata(name, said.get("metadata"))}
    uri = _text(name, said, "uri") or str(outputs_folder(context) / name)
    path = _path(context, uri)
    if path is not None:
        path = _brought(context, name, path, _text(name, said, "custom_path"))
        if inside(path, _homes(context)) is None:
            raise ContractError(
                "OUTPUT_OUTSIDE",
                f"Output {name} lies at {str(path)[:200]}, outside of the folder of the run. Write "
                f"it to {name}.path, or set {name}.custom_path to have it copied.",
            )
        uri = to_uri(path)
    return Artifact(
        artifact_id(context, name, index),
        _text(name, said, "name") or name,
        spec.type,
        uri,
        metadata,
    )


def _brought(context: TaskContext, name: str, path: Path, custom: str) -> Path:
    """Bring what was written at a place of the task's choice to where the artifact belongs."""
    if not custom:
        return path
    source = _path(context, custom)
    if source is None:
        raise _damaged(name, "its custom_path is no path")
    if inside(source, _homes(context)) is not None:
        # Large folders stay where they are.
        return source
    target = outputs_folder(context) / name
    if path != target or is_there(target):
        return path
    if not _is_python(context):
        # The path is one in the container. What lies there on this machine may be anybody's.
        raise ContractError(
            "OUTPUT_OUTSIDE",
            f"Output {name} was written to {custom[:200]}, which the container does not share with "
            f"this machine. Write it to {name}.path.",
        )
    if not is_there(source):
        return path
    aside = target.with_name(f".{target.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if source.is_dir():
            shutil.copytree(source, aside, symlinks=True, copy_function=_copy)
        else:
            _copy(source.resolve(), aside)
        aside.rename(target)
    except (OSError, shutil.Error) as error:
        raise _damaged(name, f"{str(source)[:200]} cannot be copied: {error}") from error
    return target


def _path(context: TaskContext, uri: str) -> Path | None:
    path = to_path(uri)
    return None if path is None else meant(context, path)


def _copy(source: str | Path, target: str | Path) -> None:
    """Copy a plain file; of a device there would be no end."""
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as content:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise shutil.SpecialFileError(f"{source} is neither a file nor a folder")
        with open(target, "wb") as copy:  # noqa: PTH123 - copytree gives texts
            shutil.copyfileobj(content, copy)


def _is_python(context: TaskContext) -> bool:
    """Say whether it ran as a process of this machine, with all that the user sees there."""
    executor = context.executor
    return (
        not context.in_pod and isinstance(executor, Container) and recognise(executor) is not None
    )


def _homes(context: TaskContext) -> tuple[Path, ...]:
    """Return where an output may lie: below the run, or where an input does that is passed on.

    Of the run a container sees no more than what its own task is given.
    """
    given = (
        to_path(artifact.uri) for items in context.inputs.artifacts.values() for artifact in items
    )
    writable = (
        own(context.place)
        if _is_python(context)
        else container_writes(context.place, context.path, context.attempt)
    )
    return (*writable, *(path for path in given if path is not None))


def _metadata(name: str, said: Any) -> Mapping[str, Value]:
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise _damaged(name, "its metadata are no object")
    if len(json.dumps(said)) > _MAX_METADATA:
        raise _damaged(name, "its metadata are larger than 4 MB; they belong into the artifact")
    return {key: _finite(value) for key, value in said.items()}


def _finite(value: Value) -> Value:
    """Write as a text what JSON has no number for, such as the first threshold of a ROC curve."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value


def _text(name: str, said: Mapping[str, Any], field: str) -> str:
    value = said.get(field)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise _damaged(name, f"its {field} is no text of at most {_MAX_TEXT} characters")
    return value


def _damaged(name: str, why: str) -> ContractError:
    return ContractError("OUTPUT_UNREADABLE", f"Output {name} cannot be kept: {why}.")
