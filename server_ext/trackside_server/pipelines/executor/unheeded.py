"""What ``kfp-kubernetes`` sets up on a cluster and this machine does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from trackside_server.pipelines.platform.settings import Settings

_PLURAL: Final = {"secret": "Secrets", "configMap": "Config maps"}
_UNKNOWN: Final = 5


def unheeded(settings: Settings) -> list[str]:
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
    missed: dict[str, list[str]] = {}
    for source, plural in _PLURAL.items():
        missed[f"{plural} of the cluster are not read into variables here"] = [
            variable
            for one in settings.variables
            if one.source == source and not one.optional
            for _, variable in one.keys
        ]
    for source, plural in _PLURAL.items():
        missed[f"{plural} of the cluster are not put here"] = [
            one.path for one in settings.files if one.source == source and not one.optional
        ]
    missed |= {
        "Volumes of the cluster are not here": [one.path for one in settings.claims],
        "Volumes made for a pod are not here": [one.path for one in settings.ephemeral],
        "Empty folders are not made here": [one.path for one in settings.empty_folders],
        "Variables that tell of a pod are not set here": [
            name for name, _ in settings.field_variables
        ],
        "Init containers do not run here": [one.name for one in settings.init_containers],
    }
    sentences = [f"{what}: {', '.join(names)}." for what, names in missed.items() if names]
    return [*sentences, *unknown(settings)]


def unknown(settings: Settings) -> list[str]:
    """Say which settings are known nowhere here and passed over."""
    if not settings.unknown:
        return []
    more = len(settings.unknown) - _UNKNOWN
    names = ", ".join(settings.unknown[:_UNKNOWN])
    rest = f" and {more} more" if more > 0 else ""
    return [f"Settings that Trackside does not know are passed over: {names}{rest}."]
