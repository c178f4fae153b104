"""Changes of pods at a steady rate, and when the API server had answered each."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from .ground import PODS
from .objects import TROUBLE, pod_status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.cluster.api import Api


async def change(
    api: Api, names: Sequence[str], rate: float, waiting: str = TROUBLE
) -> dict[str, float]:
    """Change each of these pods once.

    Parameters
    ----------
    api
        As an administrator.
    names
        The pods.
    rate
        Changes a second.
    waiting
        What each is changed to.

    Returns
    -------
    dict
        By name, the moment on this machine's clock at which the answer to the PATCH was there.
    """
    answered: dict[str, float] = {}
    status = {"status": {"containerStatuses": pod_status(waiting)["containerStatuses"]}}

    async def one(name: str) -> None:
        await api.patch(f"{PODS}/{name}/status", status)
        answered[name] = time.monotonic()

    began = time.monotonic()
    under_way = []
    for number, name in enumerate(names):
        await asyncio.sleep(began + number / rate - time.monotonic())
        under_way.append(asyncio.create_task(one(name)))
    await asyncio.gather(*under_way)
    return answered


def delays(answered: dict[str, float], seen: dict[str, float]) -> list[float]:
    """Return the milliseconds from each answer until it was seen; what came before it is 0."""
    return [max(0.0, 1000 * (seen[name] - at)) for name, at in answered.items() if name in seen]
