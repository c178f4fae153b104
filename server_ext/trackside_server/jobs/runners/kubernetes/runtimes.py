"""The training runtime that a job names: one of its namespace, or one that is there for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trackside_server.cluster.errors import ApiError
from trackside_server.errors import InvalidInput

from .trainjob import Runtime

if TYPE_CHECKING:
    from trackside_server.cluster.api import Api

    Kind = Literal["ClusterTrainingRuntime", "TrainingRuntime"]

_GONE = 404
_FORBIDDEN = 403


async def find_runtime(api: Api, path: str, name: str) -> Runtime:
    """Find a training runtime by its name; those of the namespace come first.

    Parameters
    ----------
    api
        The cluster.
    path
        Where Trainer's objects are served.
    name
        The runtime's.

    Raises
    ------
    InvalidInput
        There is none of this name.
    """
    places: tuple[tuple[Kind, str], ...] = (
        ("TrainingRuntime", f"{path}/namespaces/{api.namespace}/trainingruntimes"),
        ("ClusterTrainingRuntime", f"{path}/clustertrainingruntimes"),
    )
    unseen: Kind | None = None
    for kind, place in places:
        try:
            await api.get(f"{place}/{name}")
        except ApiError as error:  # noqa: PERF203 - a round is a request
            if error.status == _FORBIDDEN:
                unseen = kind
            elif error.status != _GONE:
                raise
        else:
            return Runtime(name, kind)
    if unseen is not None:
        # It may be there; Trainer says so when it is not.
        return Runtime(name, unseen)
    raise InvalidInput(
        f"There is no training runtime {name!r} in this namespace or for all of them.",
        hint="The panel's Cluster section lists those that there are.",
        reason="runtime",
    )
