"""Adds to a pod what was asked for on top of what Trackside gives it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.jobs.podparts import PodParts

_REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED: Final = "preferredDuringSchedulingIgnoredDuringExecution"


def with_parts(template: Mapping[str, Any], parts: PodParts, container: str) -> dict[str, Any]:
    """Return a template of pods with parts added to it.

    What both say counts together: nodes have to fit both, labels of Trackside stay its own.
    Further init containers come after those that are there.

    Parameters
    ----------
    template
        What Trackside makes; it stays as it is.
    parts
        What is added.
    container
        The name of the container that they are for.

    Raises
    ------
    InvalidInput
        A name or a path is taken.
    """
    made = copy.deepcopy(dict(template))
    spec = made["spec"]
    main = next(one for one in spec["containers"] if one["name"] == container)
    _check_free(spec, main, parts)
    metadata = made.setdefault("metadata", {})
    for key, added in (("labels", parts.labels), ("annotations", parts.annotations)):
        _put(metadata, key, {**added, **metadata.get(key, {})})
    _put(main, "env", [*main.get("env", ()), *parts.env])
    _put(main, "volumeMounts", [*main.get("volumeMounts", ()), *parts.mounts])
    _put(main, "securityContext", {**main.get("securityContext", {}), **parts.security})
    _put(main, "imagePullPolicy", parts.pull_policy)
    _put(spec, "volumes", [*spec.get("volumes", ()), *parts.volumes])
    _put(spec, "initContainers", [*spec.get("initContainers", ()), *parts.init_containers])
    _put(spec, "nodeSelector", {**spec.get("nodeSelector", {}), **parts.node_selector})
    _put(spec, "tolerations", [*spec.get("tolerations", ()), *parts.tolerations])
    known = spec.get("imagePullSecrets", [])
    _put(spec, "imagePullSecrets", [*known, *(o for o in parts.pull_secrets if o not in known)])
    _put(spec, "affinity", _both(spec.get("affinity", {}), parts.affinity))
    return copy.deepcopy(made)


def _put(where: dict[str, Any], key: str, value: Any) -> None:
    if value:
        where[key] = value


def _check_free(spec: Mapping[str, Any], main: Mapping[str, Any], parts: PodParts) -> None:
    paths = {mount["mountPath"].rstrip("/") for mount in main.get("volumeMounts", ())}
    for mount in parts.mounts:
        if mount["mountPath"].rstrip("/") in paths:
            raise InvalidInput(
                f"Two things are mounted at {mount['mountPath'][:200]}.",
                hint="Mount one of them somewhere else.",
            )
        paths.add(mount["mountPath"].rstrip("/"))
    volumes = {volume["name"] for volume in spec.get("volumes", ())}
    names = {one["name"] for one in (*spec["containers"], *spec.get("initContainers", ()))}
    taken = [one["name"] for one in parts.volumes if one["name"] in volumes]
    taken += [one["name"] for one in parts.init_containers if one["name"] in names]
    if taken:
        raise InvalidInput(
            f"The name {taken[0]} is taken by Trackside in the pod of a task.",
            hint="Take another name.",
        )


def _both(ours: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    if not ours or not others:
        return {**ours, **others}
    return {
        key: _both_affinities(ours.get(key, {}), others.get(key, {}))
        for key in ("nodeAffinity", "podAffinity", "podAntiAffinity")
        if key in ours or key in others
    }


def _both_affinities(ours: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    needed = [one[_REQUIRED] for one in (ours, others) if one.get(_REQUIRED)]
    if needed and isinstance(needed[0], dict):
        found[_REQUIRED] = {"nodeSelectorTerms": _fit_all([o["nodeSelectorTerms"] for o in needed])}
    elif needed:
        found[_REQUIRED] = [term for terms in needed for term in terms]
    preferred = [*ours.get(_PREFERRED, ()), *others.get(_PREFERRED, ())]
    return {**found, **({_PREFERRED: preferred} if preferred else {})}


def _fit_all(alternatives: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return terms of which a node fits one if it fits one of each list: those are alternatives."""
    first, *more = alternatives
    for terms in more:
        first = [
            {
                key: [*one.get(key, ()), *other.get(key, ())]
                for key in ("matchExpressions", "matchFields")
                if one.get(key) or other.get(key)
            }
            for one in first
            for other in terms
        ]
    return first
