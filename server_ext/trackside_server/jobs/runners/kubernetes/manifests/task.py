"""The pod of a container with an image of its own, and what brings its inputs and outputs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from trackside_server.jobs.runners.kubernetes.tasks import layout

from .pod import CONTAINER, DELIVERED, NO_SIDECAR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_VOLUME: Final = "trackside-home"
_CODE: Final = "trackside-code"
_CODE_MODE: Final = 0o444
# Copying files takes little; a quota may ask for both of each container.
_RESOURCES: Final = {
    "requests": {"cpu": "10m", "memory": "64Mi"},
    "limits": {"cpu": "1", "memory": "512Mi"},
}
_START: Final = f"{DELIVERED}/start.py"


class Shared(Struct, frozen=True):
    """A file or folder of a volume that notebook and pod share.

    Parameters
    ----------
    volume
        The volume of the pod.
    path
        Where the container sees it.
    below
        Where it is on the volume.
    writable
        Whether the container may write there.
    """

    volume: str
    path: str
    below: str
    writable: bool = False


class TaskPlan(Struct, frozen=True):
    """All that the pod of a task is made of.

    Parameters
    ----------
    name
        Of the object that makes it.
    image, command, args
        What runs; without a command what the image says.
    env
        Variables of the container, as Kubernetes writes them.
    resources
        Requests and limits of the container.
    code
        Sources of the projection with the code that fetches and sends; empty where nothing travels.
    courier
        The image that this code runs in.
    courier_env
        Its variables.
    courier_security
        Who it runs as.
    fetches, sends
        Whether inputs have to be fetched, and outputs to be sent.
    shared, volumes
        What is mounted instead, and the volumes that it lies on.
    tolerations, node_selector, pull_secrets, service_account
        As the notebook's.
    labels, annotations
        Of the pod.
    time_limit
        The seconds that the pod may run.
    grace
        The seconds from SIGTERM to SIGKILL, in which outputs are sent as well.
    """

    name: str
    image: str
    command: Sequence[str] = ()
    args: Sequence[str] = ()
    env: Sequence[Mapping[str, Any]] = ()
    resources: Mapping[str, Any] = field(default_factory=dict)
    code: Sequence[Mapping[str, Any]] = ()
    courier: str = ""
    courier_env: Sequence[Mapping[str, Any]] = ()
    courier_security: Mapping[str, Any] = field(default_factory=dict)
    fetches: bool = False
    sends: bool = True
    shared: Sequence[Shared] = ()
    volumes: Sequence[Mapping[str, Any]] = ()
    tolerations: Sequence[Mapping[str, Any]] = ()
    node_selector: Mapping[str, str] = field(default_factory=dict)
    pull_secrets: Sequence[Mapping[str, Any]] = ()
    service_account: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    time_limit: float | None = None
    grace: int = 30


def task_template(plan: TaskPlan) -> dict[str, Any]:
    """Return the template of the pod."""
    return {
        "metadata": {
            "labels": {**plan.labels, **NO_SIDECAR},
            "annotations": {**plan.annotations, **NO_SIDECAR},
        },
        "spec": _spec(plan),
    }


def _spec(plan: TaskPlan) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": plan.grace,
        "containers": [_container(plan)],
        "volumes": _volumes(plan),
    }
    before = [*([_fetches(plan)] if plan.fetches else []), *([_sends(plan)] if plan.sends else [])]
    if plan.time_limit is not None:
        spec["activeDeadlineSeconds"] = max(1, math.ceil(plan.time_limit))
    optional = {
        "initContainers": before,
        "serviceAccountName": plan.service_account,
        "imagePullSecrets": list(plan.pull_secrets),
        "tolerations": list(plan.tolerations),
        "nodeSelector": dict(plan.node_selector),
    }
    spec.update({key: value for key, value in optional.items() if value})
    return spec


def _container(plan: TaskPlan) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": CONTAINER,
        "image": plan.image,
        "env": list(plan.env),
        "resources": dict(plan.resources),
        "volumeMounts": _mounts(plan),
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    words = {"command": _literal(plan.command), "args": _literal(plan.args)}
    return {**container, **{key: value for key, value in words.items() if value}}


def _fetches(plan: TaskPlan) -> dict[str, Any]:
    return _courier(plan, layout.FETCHES)


def _sends(plan: TaskPlan) -> dict[str, Any]:
    # The first process of a container is deaf to signals until it listens: the task, which may be
    # over at once, begins when it does.
    listens = {"exec": {"command": ["python3", _START, "listens"]}}
    courier = _courier(plan, layout.SENDS)
    return {**courier, "restartPolicy": "Always", "lifecycle": {"postStart": listens}}


def _courier(plan: TaskPlan, name: str) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": name,
        "image": plan.courier,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-u", _START, name],
        "env": list(plan.courier_env),
        "resources": _RESOURCES,
        "volumeMounts": [
            {"name": _VOLUME, "mountPath": layout.HOME},
            {"name": _CODE, "mountPath": DELIVERED, "readOnly": True},
        ],
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    if plan.courier_security:
        container["securityContext"] = dict(plan.courier_security)
    return container


def _mounts(plan: TaskPlan) -> list[dict[str, Any]]:
    found = []
    if plan.fetches:
        found.append(_folder(layout.INPUTS, readOnly=True))
    if plan.sends:
        found += [_folder(layout.OUTPUTS), _folder(layout.PARAMETERS)]
    for one in plan.shared:
        mount: dict[str, Any] = {"name": one.volume, "mountPath": one.path, "subPath": one.below}
        found.append(mount if one.writable else {**mount, "readOnly": True})
    return found


def _folder(name: str, **more: Any) -> dict[str, Any]:
    return {"name": _VOLUME, "mountPath": layout.seen(name), "subPath": name, **more}


def _volumes(plan: TaskPlan) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if plan.fetches or plan.sends:
        projected = {"sources": list(plan.code), "defaultMode": _CODE_MODE}
        found += [{"name": _VOLUME, "emptyDir": {}}, {"name": _CODE, "projected": projected}]
    used = {one.volume for one in plan.shared}
    return [*found, *(dict(one) for one in plan.volumes if one.get("name") in used)]


def _literal(words: Sequence[str]) -> list[str]:
    """Write words so that the cluster puts no variable into them: ``$(NAME)`` stays a text."""
    return [literal(word) for word in words]


def literal(text: str) -> str:
    """Write a text so that the cluster puts no variable into it."""
    return text.replace("$", "$$")
