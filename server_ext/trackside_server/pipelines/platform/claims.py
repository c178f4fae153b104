"""The claim that a ``CreatePVC`` task makes: a pure function of what the task is told."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from trackside_server.cluster.quantities import parse_quantity
from trackside_server.jobs.runners.kubernetes.names import MANAGED_BY, MANAGER, PREFIX
from trackside_server.pipelines.executor.reasons import ContractError
from trackside_server.pipelines.ir.model import Container
from trackside_server.pipelines.ir.values import told

from .words import MODES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.executor.context import TaskContext
    from trackside_server.pipelines.ir.model import Importer, Value

# What kfp-kubernetes names instead of an image, for who runs the pipeline to do the work itself.
CREATE: Final = "argostub/createpvc"
DELETE: Final = "argostub/deletepvc"

CODE: Final = "BAD_VOLUME"
RUN: Final = f"{PREFIX}pipeline-run"
TASK: Final = f"{PREFIX}pipeline-task"
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\Z")
_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]+")
_SLUG: Final = 30


def is_volume_task(executor: Container | Importer) -> bool:
    """Say whether an executor stands for making or deleting a volume."""
    return isinstance(executor, Container) and executor.image in (CREATE, DELETE)


class Owner(Struct, frozen=True):
    """For whom a claim is made: by this it is known again, whoever asks.

    Parameters
    ----------
    run_id, task_id
        The run and its task.
    """

    run_id: str
    task_id: str

    @property
    def labels(self) -> dict[str, str]:
        """By which a claim is found."""
        return {MANAGED_BY: MANAGER, RUN: self.run_id}

    @property
    def annotations(self) -> dict[str, str]:
        """By which a claim is told from one that others made under its name."""
        return {TASK: self.task_id}


def claim(context: TaskContext, given: Mapping[str, Value]) -> dict[str, Any]:
    """Return the claim that a task makes, the same however often it is asked for.

    Parameters
    ----------
    context
        The attempt.
    given
        The inputs of the task, without the defaults of its component.

    Raises
    ------
    ContractError
        They are not what a claim needs.
    """
    owner = Owner(context.run.run_id, context.task_id)
    spec: dict[str, Any] = {
        "accessModes": _modes(given),
        "resources": {"requests": {"storage": _size(given)}},
    }
    # Left out, it is the cluster's default. An empty one is none: for volumes that are there.
    if given.get("storage_class_name") is not None:
        spec["storageClassName"] = _text(given, "storage_class_name")
    if volume := _text(given, "volume_name"):
        spec["volumeName"] = volume
    if source := _texts(given, "data_source"):
        spec["dataSource"] = source
    return manifest(_name(context, given), owner, spec, _texts(given, "annotations"))


def manifest(
    name: str, owner: Owner, spec: Mapping[str, Any], annotations: Mapping[str, str]
) -> dict[str, Any]:
    """Return a claim."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": name,
            "labels": owner.labels,
            "annotations": {**annotations, **owner.annotations},
        },
        "spec": dict(spec),
    }


def wanted_name(given: Mapping[str, Value]) -> str:
    """Return the name of the claim that a ``DeletePVC`` task deletes.

    Raises
    ------
    ContractError
        It was given none.
    """
    name = _text(given, "pvc_name")
    if not name:
        raise ContractError(CODE, "The volume that is to be deleted was given no name.")
    return _checked(name)


def _name(context: TaskContext, given: Mapping[str, Value]) -> str:
    name, suffix = _text(given, "pvc_name"), _text(given, "pvc_name_suffix")
    if name and suffix:
        raise ContractError(
            CODE, "Only one of pvc_name and pvc_name_suffix can be given: leave one of them out."
        )
    if name:
        return _checked(name)
    slug = _NOT_PLAIN.sub("-", context.run.pipeline.lower())[:_SLUG].strip("-")
    attempt = f"{context.run.run_id}:{context.path}:{context.attempt}"
    digest = hashlib.sha256(attempt.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return _checked(f"{slug or 'volume'}-{digest}{suffix}")


def _checked(name: str) -> str:
    # It becomes part of an address: nothing else can be reached by it.
    if not _NAME.match(name):
        raise ContractError(
            CODE,
            f"{name[:80]!r} cannot name a volume: take small letters, digits, hyphens and dots.",
        )
    return name


def _modes(given: Mapping[str, Value]) -> list[str]:
    modes = given.get("access_modes")
    if not isinstance(modes, list) or not modes:
        raise ContractError(CODE, "It is not said how the volume is mounted: give access_modes.")
    for mode in modes:
        if mode not in MODES:
            message = f"A mode of access is one of {', '.join(MODES)}, not {told(mode)}."
            raise ContractError(CODE, message)
    return modes


def _size(given: Mapping[str, Value]) -> str:
    size = _text(given, "size")
    try:
        if parse_quantity(size) > 0:
            return size
    except ValueError:
        pass
    raise ContractError(CODE, f"The size of a volume is an amount such as 5Gi, not {told(size)}.")


def _text(given: Mapping[str, Value], name: str) -> str:
    found = given.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise ContractError(CODE, f"{name} has to be a text, not {told(found)}.")
    return found


def _texts(given: Mapping[str, Value], name: str) -> dict[str, str]:
    found = given.get(name) or {}
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise ContractError(CODE, f"{name} has to be a mapping of texts.")
    return found
