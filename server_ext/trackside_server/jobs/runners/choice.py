"""Which runner a job gets: the one that was asked for, else the nearest that can run it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from trackside_server.errors import InvalidInput

from .away import AwayRunner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackside_server.jobs.entities import Job, JobSpec

    from .base import Cluster, Machine, Runner

Default = Literal["auto", "local", "cluster"]


class Runners(Struct, frozen=True):
    """The runners of this server.

    Parameters
    ----------
    local
        This machine.
    cluster
        The Kubernetes cluster, None where there is none.
    default
        Where jobs go that do not say it; ``auto`` is this machine where it can run the job, else
        the cluster.
    """

    local: Machine
    cluster: Cluster | None = None
    default: Default = "auto"
    _away: AwayRunner = field(default_factory=AwayRunner)

    def __iter__(self) -> Iterator[Runner]:
        """Give all that stored jobs may belong to."""
        yield self.local
        yield self._away if self.cluster is None else self.cluster

    def of(self, job: Job) -> Runner:
        """Return the runner of a stored job, also where that is not there any more.

        Raises
        ------
        InvalidInput
            When no Trackside knows a runner of this name.
        """
        if job.spec.on == self._away.name and self.cluster is None:
            return self._away
        return self.named(job.spec.on)

    def named(self, name: str) -> Runner:
        """Return a runner that takes jobs by its name.

        Raises
        ------
        InvalidInput
            When there is none of this name.
        """
        there = [self.local] if self.cluster is None else [self.local, self.cluster]
        for runner in there:
            if runner.name == name:
                return runner
        if name == "cluster":
            raise InvalidInput(
                "There is no cluster: this server runs in no pod, and no kubeconfig was found.",
                hint="Leave on out to run on this machine, or set KUBECONFIG and restart Jupyter.",
                reason="on",
            )
        names = " or ".join(repr(runner.name) for runner in there)
        raise InvalidInput(
            f"There is no runner {name[:80]!r} here.",
            hint=f"Leave on out, or write {names}.",
            reason="on",
        )

    async def check_tasks(self) -> None:
        """Refuse where no container of a pipeline can run on the cluster.

        Raises
        ------
        InvalidInput
            There is none, or not one that could.
        """
        self.named("cluster")
        if self.cluster is not None:
            await self.cluster.check_tasks()

    async def choose(self, spec: JobSpec) -> Runner:
        """Return the runner for a job.

        Parameters
        ----------
        spec
            What was asked for; its ``on`` may be ``auto``.

        Raises
        ------
        InvalidInput
            When nothing here can run it.
        """
        asked = self.default if spec.on == "auto" else spec.on
        if asked != "auto":
            return self.named(asked)
        if spec.image or spec.queue or spec.runtime or spec.resources.nodes > 1:
            return self.named("cluster")
        if self.cluster is None:
            return self.local
        try:
            await self.local.check(spec)
        except InvalidInput:
            return self.cluster
        return self.local
