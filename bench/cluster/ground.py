"""A real API server with the objects of many jobs in it, and nobody else who changes them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from tests.cluster.hermetic import Cluster
from tests.cluster.hermetic.certificates import Authority
from tests.cluster.hermetic.control_plane import ControlPlane
from tests.cluster.hermetic.namespaces import Namespace

from trackside_server.cluster import access
from trackside_server.cluster.access import Wish
from trackside_server.cluster.api import Api

from .objects import NAMESPACE, job_object, job_of, pod_object, pod_status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
    from pathlib import Path

    from .objects import Size

_AT_ONCE = 24
JOBS = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"


class Bare(Cluster):
    """etcd and the API server: there are no controllers that would change what is made."""

    def _start(self) -> None:
        authority = Authority(self._state / "certificates")
        self.ca_file = authority.file
        self._plane = ControlPlane(self._state, self._processes, authority)
        self.server = self._plane.server
        self.kubeconfig = self._plane.kubeconfig
        self._plane.start()
        self._plane.wait_until_ready()


class Home(Namespace):
    """The namespace, with a user who may do what Trackside's Role permits."""

    def _has_service_account(self) -> bool:
        # A controller would make it.
        self.admin("create", "serviceaccount", "default")
        return True


class Ground:
    """The cluster with its objects.

    Parameters
    ----------
    folder
        Of its own.
    size
        How many objects.

    Attributes
    ----------
    cluster : Bare
        The cluster.
    kubeconfig : Path
        Of the user.
    """

    def __init__(self, folder: Path, size: Size) -> None:
        self.size = size
        self.cluster = Bare(folder / "cluster")
        self._folder = folder

    @contextlib.contextmanager
    def started(self) -> Iterator[Ground]:
        """Start it and make the objects; end it."""
        self.cluster.start()
        try:
            self.kubeconfig = Home(self.cluster, NAMESPACE, self._folder).kubeconfig
            began = time.perf_counter()
            asyncio.run(self._fill())
            say(f"made {self.size.jobs} jobs, {self.size.pods} pods "
                f"in {time.perf_counter() - began:.0f} s")  # fmt: skip
            yield self
        finally:
            self.cluster.stop()

    @contextlib.asynccontextmanager
    async def admin(self) -> AsyncIterator[Api]:
        """Ask the cluster as an administrator."""
        api = connect(str(self.cluster.kubeconfig))
        try:
            yield api
        finally:
            await api.close()

    def names(self) -> list[str]:
        """Return the names of the pods, those of one job after those of the other."""
        nodes = self.size.pods_per_job
        return [
            pod_object(job, rank, "")["metadata"]["name"]
            for job in (job_of(number, nodes) for number in range(self.size.jobs))
            for rank in range(nodes)
        ]

    async def _fill(self) -> None:
        nodes = self.size.pods_per_job
        async with self.admin() as api:

            async def fill(number: int) -> None:
                job = job_of(number, nodes)
                uid = (await api.post(JOBS, job_object(job)))["metadata"]["uid"]
                for rank in range(nodes):
                    pod = await api.post(PODS, pod_object(job, rank, uid))
                    name = pod["metadata"]["name"]
                    await api.patch(f"{PODS}/{name}/status", {"status": pod_status()})

            await each(range(self.size.jobs), fill)


def connect(kubeconfig: str) -> Api:
    """Open a way to the cluster of a kubeconfig file."""
    os.environ["KUBECONFIG"] = kubeconfig
    found = access.find(Wish("", NAMESPACE))
    assert found is not None
    return Api(found)


async def each(items: Iterable[Any], work: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    """Do a work for many things, some at once."""
    rest = iter(items)

    async def worker() -> None:
        for item in rest:
            await work(item)

    await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))


def say(text: str) -> None:
    """Tell what goes on, beside the results."""
    print(f"  {text}", file=sys.stderr, flush=True)
