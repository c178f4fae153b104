"""What an attempt may leave beside its processes: a container, which its engine keeps apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside._runtime import container

if TYPE_CHECKING:
    from trackside_server.jobs.entities import JobSpec
    from trackside_server.jobs.runners.base import AttemptStatus


def clear_away(spec: JobSpec, status: AttemptStatus) -> None:
    """Remove the container of an attempt that was ended by force; belongs into a thread.

    The process that stood for it removes it when it is stopped. When that process was killed, or
    the supervisor with it, nobody else does.

    Parameters
    ----------
    spec
        What the job is.
    status
        How the attempt was found.
    """
    ended_by_itself = status.exit_code is not None and status.cause is None
    if spec.kind == "container" and status.phase == "ended" and not ended_by_itself:
        container.remove(spec.arguments)
