"""What the runner is built from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .planning import Options, Planner
from .preflight import Preflight
from .runner import ClusterRunner

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from trackside_server.cluster.connection import Connection

    from .address import PodAddress


def build(
    root: Path,
    connection: Connection,
    address: PodAddress,
    *,
    image: str,
    grace: float,
    keep: int,
    is_secret: Callable[[str, str], bool],
    relay: Callable[[str], Awaitable[None]],
    artifacts: Callable[[str], Awaitable[str | None]],
    log: logging.Logger,
) -> ClusterRunner:
    """Build the runner of the cluster.

    Parameters
    ----------
    root
        The root of the store.
    connection
        The cluster.
    address
        Where pods find this server.
    image, grace, keep
        What the user set.
    is_secret
        Tells from a name and a value whether the value is a secret.
    relay, artifacts, log
        As `ClusterRunner` takes them.
    """
    planner = Planner(Options(image, grace), address, is_secret)
    return ClusterRunner(
        root,
        connection,
        planner,
        Preflight(connection, planner),
        relay=relay,
        artifacts=artifacts,
        keep=keep,
        log=log,
    )
