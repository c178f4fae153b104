"""What the user set about jobs on a cluster, as the services need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from trackside_server.cluster.access import Wish

    from .choice import Default
    from .kubernetes.address import PodAddress


class ClusterWish(Struct, frozen=True):
    """Whether and how jobs run on a cluster.

    Parameters
    ----------
    wish
        Which cluster; None for none.
    address
        Where pods find this server.
    image
        For jobs that name none.
    default_runner
        Where jobs go that do not say it.
    keep_days
        How many days what the cluster started by itself stays there after its end.
    off
        Whether the user wants none.
    """

    wish: Wish | None
    address: PodAddress
    image: str = ""
    default_runner: Default = "auto"
    keep_days: float = 7.0
    off: bool = False
