"""What ``kfp-kubernetes`` sets up on a cluster and this machine does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trackside_server.pipelines.ir.model import Value

_VARIABLES: Final = {"secretAsEnv": "secret", "configMapAsEnv": "config map"}
_FOLDERS: Final = {
    "secretAsVolume": "secret",
    "configMapAsVolume": "config map",
    "pvcMount": "volume",
    "genericEphemeralVolume": "volume",
    "emptyDirMounts": "volume",
}


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
    return [
        *(
            f"The variable {name} comes from a {source} of the cluster, which is not read here."
            for key, source in _VARIABLES.items()
            for item in _needed(settings, key)
            for name in _texts(_items(item.get("keyToEnv")), "envVar")
        ),
        *(
            f"{path} is a {source} of the cluster, which is not put there on this machine."
            for key, source in _FOLDERS.items()
            for path in _texts(_needed(settings, key), "mountPath")
        ),
        *(
            f"The variable {name} tells of a pod, and is not set here."
            for name in _texts(_items(settings.get("fieldPathAsEnv")), "name")
        ),
        *(["Its init containers do not run here."] if settings.get("initContainers") else []),
    ]


def _needed(settings: Mapping[str, Value], key: str) -> Iterator[Mapping[str, Any]]:
    return (item for item in _items(settings.get(key)) if item.get("optional") is not True)


def _items(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(items: Iterable[Mapping[str, Any]], key: str) -> Iterator[str]:
    return (text for item in items if isinstance(text := item.get(key), str))
