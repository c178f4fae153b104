"""Which tasks of a run are carried out here, and which on the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from . import demands
from .prelude import recognise

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.model import Container
    from trackside_server.pipelines.platform.settings import Settings

    from .context import Means

On = Literal["auto", "local", "cluster"]
PLACES: Final[tuple[On, ...]] = ("auto", "local", "cluster")
# What kfp-kubernetes names instead of an image, for its drivers to do the work themselves.
VOLUME_TASKS: Final = {"argostub/createpvc": "makes", "argostub/deletepvc": "deletes"}


def on_cluster(container: Container, settings: Settings | None, means: Means, on: On) -> bool:
    """Say whether the container of a task runs on the cluster.

    Parameters
    ----------
    container
        What the task runs.
    settings
        What ``kfp-kubernetes`` says of it.
    means
        What there is.
    on
        What was asked for.

    Returns
    -------
    bool
        With ``auto`` for what cannot run here and could there; the same each time it is asked, as
        long as there is the same.
    """
    if on != "auto":
        return on == "cluster"
    if not means.cluster:
        return False
    if container.image in VOLUME_TASKS or (settings is not None and settings.claims):
        return True
    if (demands.gpus(container.demand) or 0) > means.gpus:
        return True
    return recognise(container) is None and means.container_engine is None
