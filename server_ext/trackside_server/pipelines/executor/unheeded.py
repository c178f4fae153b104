"""What ``kfp-kubernetes`` sets up on a cluster and this machine does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trackside_server.pipelines.ir.model import Value

_VARIABLES: Final = {
    "secretAsEnv": "Secrets of the cluster are not read into variables here",
    "configMapAsEnv": "Config maps of the cluster are not read into variables here",
}
_FOLDERS: Final = {
    "secretAsVolume": "Secrets of the cluster are not put here",
    "configMapAsVolume": "Config maps of the cluster are not put here",
    "pvcMount": "Volumes of the cluster are not here",
    "genericEphemeralVolume": "Volumes made for a pod are not here",
    "emptyDirMounts": "Empty folders are not made here",
}
_POD: Final = "Variables that tell of a pod are not set here"
_INIT: Final = "Init containers do not run here."


def unheeded(settings: Mapping[str, Value]) -> list[str]:
    """Say what the code of a task will not find here.

    Where a pod would run and how it would be called changes nothing for the code, and what is
    optional it can do without: of these nothing is said.

    Parameters
    ----------
    settings
        Those of its executor, as they were compiled.

    Returns
    -------
    list of str
        Sentences, for people.
    """
    missed = {
        _VARIABLES[key]: _texts(
            (pair for item in _needed(settings, key) for pair in _items(item.get("keyToEnv"))),
            "envVar",
        )
        for key in _VARIABLES
    }
    missed |= {_FOLDERS[key]: _texts(_needed(settings, key), "mountPath") for key in _FOLDERS}
    missed[_POD] = _texts(_items(settings.get("fieldPathAsEnv")), "name")
    sentences = [f"{what}: {', '.join(names)}." for what, names in missed.items() if names]
    return [*sentences, _INIT] if settings.get("initContainers") else sentences


def _needed(settings: Mapping[str, Value], key: str) -> Iterator[Mapping[str, Any]]:
    return (item for item in _items(settings.get(key)) if item.get("optional") is not True)


def _items(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(items: Iterable[Mapping[str, Any]], key: str) -> list[str]:
    return [text for item in items if isinstance(text := item.get(key), str)]
