"""Where in the API of a cluster the objects of a job are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.cluster.discovery import DRA

from .trainjob import API_VERSION

if TYPE_CHECKING:
    from trackside_server.cluster.readers import Readers

    from .tracked import Tracked

_TRAINING: Final = f"/apis/{API_VERSION}"


def place(readers: Readers, kind: str, namespace: str | None = None) -> str:
    """Return where the Jobs or TrainJobs of a namespace are, by default the notebook's own."""
    space = f"namespaces/{namespace or readers.api.namespace}"
    if kind == "TrainJob":
        return f"{_TRAINING}/{space}/trainjobs"
    return f"/apis/batch/v1/{space}/jobs"


def place_of(readers: Readers, tracked: Tracked) -> str:
    """Return where the object of an attempt is."""
    return tracked.path or place(readers, tracked.facts["kind"])


async def place_of_claims(readers: Readers, namespace: str | None = None) -> str | None:
    """Return where templates of claims are; None on a cluster that has none."""
    path = (await readers.discovery.served()).path(DRA)
    space = f"namespaces/{namespace or readers.api.namespace}"
    return f"{path}/{space}/resourceclaimtemplates" if path else None
