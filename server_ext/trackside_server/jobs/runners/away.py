"""The cluster of jobs that are in the store while this server knows no cluster any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.jobs.entities import Reason

from .base import AttemptStatus, Preview

if TYPE_CHECKING:
    from trackside_server.jobs.entities import Job, JobSpec
    from trackside_server.jobs.states import State

    from .base import Host, Launch, Phase, Report

AWAY: Final = Reason(
    "CLUSTER_UNREACHABLE",
    "There is no cluster any more: restore the kubeconfig or set Trackside.cluster to auto, and "
    "restart Jupyter.",
)

_PHASES: Final[dict[State, Phase]] = {
    "QUEUED": "waiting",
    "STARTING": "starting",
    "RUNNING": "running",
}


class AwayRunner:
    """Keeps what is stored of jobs on a cluster as it was, until there is one again.

    What became of them nobody can ask: none is said to have ended but those that people cancel.
    """

    name = "cluster"
    label = "the cluster"
    queues = True

    def __init__(self) -> None:
        self._report: Report | None = None

    def start(self, report: Report, host: Host) -> None:  # noqa: ARG002 - nothing is found
        """Tell from now on that the cluster is away."""
        self._report = report

    async def stop(self) -> None:
        """Tell nothing any more."""
        self._report = None

    async def launch(self, job: Job, launch: Launch) -> None:  # noqa: ARG002 - it stays here
        """Let the attempt wait for a server that has a cluster."""
        self._tell(job, AttemptStatus("waiting", reason=AWAY))

    async def adopt(self, job: Job) -> AttemptStatus:
        """Say of an attempt that nobody knows how it is."""
        if job.state in _PHASES:
            self._tell(job, AttemptStatus(_PHASES[job.state], reason=AWAY))
        return AttemptStatus("unknown")

    async def cancel(self, job: Job) -> None:
        """End the attempt here: there is nobody to ask."""
        self._tell(job, AttemptStatus("ended", cause="canceled"))

    async def closed(self, job: Job) -> None:
        """Nothing can be let go of."""

    async def preview(self, spec: JobSpec) -> Preview:  # noqa: ARG002 - nothing is made
        """Nothing would be made."""
        return Preview()

    async def check(self, spec: JobSpec) -> None:
        """Nothing is sent here, so nothing is refused."""

    def _tell(self, job: Job, status: AttemptStatus) -> None:
        if self._report is not None:
            self._report(job.job_id, job.attempt, status)
