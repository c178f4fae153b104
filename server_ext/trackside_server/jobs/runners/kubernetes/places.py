"""Where in the API of a cluster the objects of a job are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.cluster.discovery import DRA

from .trainjob import API_VERSION

if TYPE_CHECKING:
    from trackside_server.cluster.readers import Readers

    from .tracked import Tracked

_TRAINING: Final = f"/apis/{API_VERSION}"


def place(readers: Readers, kind: str) -> str:
    """Return where the Jobs or TrainJobs of the namespace are."""
    space = f"namespaces/{readers.api.namespace}"
    if kind == "TrainJob":
        return f"{_TRAINING}/{space}/trainjobs"
    return f"/apis/batch/v1/{space}/jobs"


def place_of(readers: Readers, tracked: Tracked) -> str:
    """Return where the object of an attempt is."""
    return tracked.path or place(readers, tracked.facts["kind"])


async def place_of_claims(readers: Readers) -> str | None:
    """Return where templates of claims are; None on a cluster that has none."""
    path = (await readers.discovery.served()).path(DRA)
    return f"{path}/namespaces/{readers.api.namespace}/resourceclaimtemplates" if path else None
