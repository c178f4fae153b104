"""Looks before anything is made whether a job can run on the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackside_server.cluster.connection import Connection
    from trackside_server.jobs.entities import JobSpec

    from .planning import Planner


class Preflight:
    """Checks a job against the cluster.

    Parameters
    ----------
    connection
        The cluster.
    planner
        Builds manifests.
    """

    def __init__(self, connection: Connection, planner: Planner) -> None:
        self._connection = connection
        self._planner = planner

    async def check(self, spec: JobSpec) -> None:
        """Refuse what can never run."""
