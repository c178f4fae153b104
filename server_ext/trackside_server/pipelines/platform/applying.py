"""Makes parts of a pod of settings that were resolved: pure, and the same each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.jobs.podparts import PodParts

from .naming import Volumes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .settings import (
        EphemeralVolume,
        Files,
        Identity,
        InitContainer,
        NodeTerm,
        PodTerm,
        Requirement,
        Settings,
        Toleration,
        Variables,
    )

SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - a mount
_REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED: Final = "preferredDuringSchedulingIgnoredDuringExecution"
_REFERENCE: Final = {"secret": "secretKeyRef", "configMap": "configMapKeyRef"}
_NO_CAPABILITIES: Final = {"capabilities": {"drop": ["ALL"]}}


def pod_parts(settings: Settings) -> PodParts:
    """Return what the pod of a task gets.

    Parameters
    ----------
    settings
        Those of its executor, with nothing left that an input would give.
    """
    volumes = _volumes(settings)
    return PodParts(
        env=[*(one for some in settings.variables for one in _variables(some)), *_fields(settings)],
        volumes=volumes.made,
        mounts=volumes.mounts,
        init_containers=[_init_container(one, volumes) for one in settings.init_containers],
        security=_security(settings.identity),
        pull_policy=settings.pull_policy,
        pull_secrets=[{"name": name} for name in dict.fromkeys(settings.pull_secrets)],
        node_selector=dict(settings.node_selector),
        tolerations=[_toleration(one) for one in settings.tolerations],
        affinity=_affinity(settings),
        labels=dict(settings.labels),
        annotations=dict(settings.annotations),
    )


def _variables(of: Variables) -> list[dict[str, Any]]:
    optional = {} if of.optional is None else {"optional": of.optional}
    return [
        {
            "name": variable,
            "valueFrom": {_REFERENCE[of.source]: {"name": of.name, "key": key, **optional}},
        }
        for key, variable in of.keys
    ]


def _fields(settings: Settings) -> list[dict[str, Any]]:
    return [
        {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
        for name, path in settings.field_variables
    ]


def _volumes(settings: Settings) -> Volumes:
    volumes = Volumes()
    # Those that the author has named first: init containers know them by these names.
    for empty in settings.empty_folders:
        more = _given(medium=empty.medium, sizeLimit=empty.size)
        volumes.mount(empty.name, {"emptyDir": more}, empty.path)
    for one in settings.ephemeral:
        volumes.mount(one.name, _ephemeral(one), one.path)
    for claim in settings.claims:
        source = {"persistentVolumeClaim": {"claimName": claim.name}}
        volumes.mount(str(claim.name), source, claim.path, claim.sub_path)
    for files in settings.files:
        volumes.mount(str(files.name), _files(files), files.path)
    if settings.shared_memory is not None:
        memory = {"medium": "Memory", **_given(sizeLimit=settings.shared_memory)}
        volumes.mount("dev-shm", {"emptyDir": memory}, SHARED_MEMORY)
    return volumes


def _files(of: Files) -> dict[str, Any]:
    key = "secretName" if of.source == "secret" else "name"
    return {of.source: {key: of.name, "optional": of.optional}}


def _ephemeral(of: EphemeralVolume) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "accessModes": list(of.modes),
        "resources": {"requests": {"storage": of.size}},
    }
    if of.storage_class is not None:
        spec["storageClassName"] = of.storage_class
    metadata = _given(labels=dict(of.labels), annotations=dict(of.annotations))
    template = {**({"metadata": metadata} if metadata else {}), "spec": spec}
    return {"ephemeral": {"volumeClaimTemplate": template}}


def _init_container(of: InitContainer, volumes: Volumes) -> dict[str, Any]:
    return {
        "name": of.name,
        "image": of.image,
        **_given(
            command=list(of.command),
            args=list(of.args),
            env=[{"name": name, "value": value} for name, value in of.env],
            volumeMounts=[
                {"name": volumes.named(name), "mountPath": path} for name, path in of.mounts
            ],
            resources=_given(requests=dict(of.requests), limits=dict(of.limits)),
            restartPolicy="Always" if of.sidecar else "",
        ),
        "securityContext": {"allowPrivilegeEscalation": False, **_NO_CAPABILITIES},
    }


def _security(identity: Identity | None) -> dict[str, Any]:
    """Return whom the program runs as; who says that gives all else away, as on a KFP server."""
    if identity is None:
        return {}
    wanted = {
        "runAsUser": identity.user,
        "runAsGroup": identity.group,
        "runAsNonRoot": identity.not_root,
    }
    return {**{k: v for k, v in wanted.items() if v is not None}, **_NO_CAPABILITIES}


def _toleration(of: Toleration) -> dict[str, Any]:
    found = _given(key=of.key, operator=of.operator, value=of.value, effect=of.effect)
    return found if of.seconds is None else {**found, "tolerationSeconds": of.seconds}


def _affinity(settings: Settings) -> dict[str, Any]:
    beside = [one for one in settings.pod_affinity if not one.away]
    away = [one for one in settings.pod_affinity if one.away]
    return _given(
        nodeAffinity=_node_affinity(settings.node_affinity),
        podAffinity=_pod_affinity(beside),
        podAntiAffinity=_pod_affinity(away),
    )


def _node_affinity(terms: Sequence[NodeTerm]) -> dict[str, Any]:
    needed = [_node_term(one) for one in terms if one.weight is None]
    preferred = [
        {"weight": one.weight, "preference": _node_term(one)}
        for one in terms
        if one.weight is not None
    ]
    required = {"nodeSelectorTerms": needed} if needed else {}
    return _given(**{_REQUIRED: required, _PREFERRED: preferred})


def _node_term(of: NodeTerm) -> dict[str, Any]:
    return _given(
        matchExpressions=_requirements(of.expressions), matchFields=_requirements(of.fields)
    )


def _pod_affinity(terms: Sequence[PodTerm]) -> dict[str, Any]:
    needed = [_pod_term(one) for one in terms if one.weight is None]
    preferred = [
        {"weight": one.weight, "podAffinityTerm": _pod_term(one)}
        for one in terms
        if one.weight is not None
    ]
    return _given(**{_REQUIRED: needed, _PREFERRED: preferred})


def _pod_term(of: PodTerm) -> dict[str, Any]:
    return {
        "topologyKey": of.topology,
        **_given(
            labelSelector=_given(
                matchLabels=dict(of.labels), matchExpressions=_requirements(of.expressions)
            ),
            namespaces=list(of.namespaces),
            namespaceSelector=_given(
                matchLabels=dict(of.namespace_labels),
                matchExpressions=_requirements(of.namespace_expressions),
            ),
        ),
    }


def _requirements(some: Sequence[Requirement]) -> list[dict[str, Any]]:
    return [
        {"key": one.key, "operator": one.operator, **_given(values=list(one.values))}
        for one in some
    ]


def _given(**fields: Any) -> dict[str, Any]:
    """Return the fields that say something."""
    return {key: value for key, value in fields.items() if value}
