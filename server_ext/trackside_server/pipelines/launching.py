"""Makes a job of an attempt."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any, Final

from trackside._bundle import Bundle
from trackside_server.errors import InvalidInput, NotFound
from trackside_server.jobs.entities import JobSpec
from trackside_server.jobs.service import is_secret
from trackside_server.jobs.spec import JobRequest
from trackside_server.structs import replace
from trackside_server.tracking.entities import PARENT_TAG

from .executor.checking import check, goes_to_cluster, makes_volumes
from .executor.outputs import collect
from .executor.preparing import prepare
from .machine.state import Reason
from .platform.applying import pod_parts
from .storage import tasks
from .tracking import RUN_TAG, TASK_TAG

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from trackside_server.jobs.entities import Job
    from trackside_server.jobs.service import Jobs

    from .assignment import Assignment
    from .executor.context import Means, Prepared, TaskContext
    from .executor.means import Looks
    from .executor.whereabouts import On
    from .ir.model import Pipeline
    from .ledger import Ledger
    from .machine.state import Values
    from .platform.volumes import VolumeTasks
    from .platform.workspaces import Workspaces

# What the compiler adds to the inputs of a component to bring it values from around it.
_INNER: Final = "pipelinechannel--"
_LONGEST_PARAMS: Final = 64 * 1024
# Tasks that start in a row do not look each for itself.
_FRESH: Final = 1.0
# The path of an interpreter comes out of requests.
_KEPT: Final = 16
_CANCELED_BY: Final = "its pipeline run"


class Launcher:
    """Turns attempts into jobs on this machine or the cluster.

    Parameters
    ----------
    jobs, ledger, looks, volumes, workspaces
        Collaborators.
    overlays
        The folder of environments for what components have installed.
    """

    def __init__(
        self,
        jobs: Jobs,
        ledger: Ledger,
        looks: Looks,
        volumes: VolumeTasks,
        workspaces: Workspaces,
        overlays: Path,
    ) -> None:
        self._jobs = jobs
        self._volumes = volumes
        self._workspaces = workspaces
        self._ledger = ledger
        self._overlays = overlays
        self._looks = looks
        self._means: dict[str, tuple[Means, float]] = {}
        self._looking = asyncio.Lock()

    async def check(self, pipeline: Pipeline, python: str, on: On) -> None:
        """Refuse a pipeline of which tasks cannot run where they would, naming all of them.

        Raises
        ------
        InvalidInput
            Some cannot.
        """
        means = await self._look(python)
        if means.cluster and goes_to_cluster(pipeline, means, on):
            no_volumes = await self._volumes.forbidden() if makes_volumes(pipeline) else None
            means = replace(means, unfit=await self._unfit(), no_volumes=no_volumes)
        refusals = await asyncio.to_thread(check, pipeline, means, on)
        if refusals:
            sentences = "\n".join(f"{one.message} {one.hint}" for one in refusals)
            raise InvalidInput(
                f"This pipeline cannot run here:\n{sentences}"
                if len(refusals) > 1
                else f"This pipeline cannot run here: {sentences}",
                reason=refusals[0].code,
            )

    async def on_cluster(self, assignment: Assignment) -> bool:
        """Say whether an attempt is carried out on the cluster."""
        return assignment.on_cluster(await self._look(assignment.record.python))

    async def find(self, assignment: Assignment) -> Job | None:
        """Return the job of an attempt, where there is one."""
        return await self._jobs.of_key(assignment.key)

    async def start(
        self, assignment: Assignment, turn: Callable[[], Awaitable[None]]
    ) -> Job | Reason:
        """Make the job of an attempt; or say why it cannot start, whatever is tried.

        Parameters
        ----------
        assignment
            The attempt.
        turn
            Waits until all that come first are jobs.
        """
        means = await self._look(assignment.record.python)
        context = assignment.context_of(in_pod=assignment.on_cluster(means))
        laid = await asyncio.to_thread(self._request, assignment, context, means)
        if isinstance(laid, Reason):
            return laid
        request, sees_workspace = laid
        if sees_workspace:
            assert assignment.pipeline.workspace is not None
            await self._workspaces.make(context.run, assignment.pipeline.workspace)
        job, created = await self._jobs.take(
            request,
            user=assignment.record.user,
            also=lambda connection, job: _note(connection, assignment, job),
            turn=turn,
        )
        if not created:
            await self.note(assignment, job)
        return job

    async def note(self, assignment: Assignment, job: Job) -> None:
        """Store which job an attempt is, unless that was done before a restart."""
        task_id = assignment.task_id
        noted = await self._ledger.read(lambda connection: tasks.job_of(connection, task_id))
        if noted == job.job_id:
            return
        await self._ledger.write(lambda entry: _note(entry.connection, assignment, job))

    async def cancel(self, job_id: str) -> None:
        """Stop a job at once; one that was deleted is stopped."""
        with contextlib.suppress(NotFound):
            await self._jobs.cancel(job_id, by=_CANCELED_BY)

    async def _look(self, python: str | None) -> Means:
        assert python is not None
        # An engine that hangs would take the threads that all others need, one for each task.
        async with self._looking:
            known = self._means.get(python)
            if known is not None and time.monotonic() < known[1]:
                return known[0]
            gpus, cluster = await self._jobs.gpus(), self._jobs.has_cluster
            means = await asyncio.to_thread(
                self._looks.look, python, self._overlays, gpus, cluster=cluster
            )
            if len(self._means) >= _KEPT:
                self._means.clear()
            self._means[python] = (means, time.monotonic() + _FRESH)
            return means

    async def collect(self, assignment: Assignment, job: Job) -> Values | Reason:
        """Read what an attempt has left whose job has ended well; or say why that is not enough."""
        in_pod = job.spec.on == "cluster"
        if in_pod and (missing := await self._jobs.missing(job)) is not None:
            return Reason(missing.code, missing.message)
        return await asyncio.to_thread(collect, assignment.context_of(in_pod=in_pod))

    async def _unfit(self) -> tuple[str, str] | None:
        """Say why no task can run on the cluster."""
        try:
            await self._jobs.check_tasks()
        except InvalidInput as error:
            return error.message, error.hint or ""
        return None

    def _request(
        self, assignment: Assignment, context: TaskContext, means: Means
    ) -> tuple[JobRequest, bool] | Reason:
        """Lay ready what the job of an attempt needs; say whether it sees the workspace there."""
        parts = pod_parts(assignment.settings) if context.in_pod else None
        prepared = prepare(context, means, parts)
        if isinstance(prepared, Reason):
            return prepared
        digest = self._jobs.bundles.add(Bundle.build(dict(prepared.contents)))
        return _request(assignment, prepared, digest), prepared.sees_workspace


def _note(connection: sqlite3.Connection, assignment: Assignment, job: Job) -> None:
    tasks.note_job(connection, assignment.task_id, job.job_id, job.run_id)


def _request(assignment: Assignment, prepared: Prepared, digest: str) -> JobRequest:
    record, node = assignment.record, assignment.node
    task, component = assignment.spot
    assert task is not None
    secrets = {name: value for name, value in prepared.env.items() if is_secret(name, value)}
    settings = assignment.pipeline.kubernetes.get(component.executor)
    tags = {RUN_TAG: record.run_id, TASK_TAG: node.path}
    if record.mlflow_run_id is not None:
        tags[PARENT_TAG] = record.mlflow_run_id
    spec = JobSpec(
        kind=prepared.kind,
        bundle=digest,
        source={"label": task.display_name or task.name},
        params=_params(node.inputs.parameters if node.inputs is not None else {}),
        arguments=prepared.arguments,
        name=task.name,
        experiment=record.experiment_name,
        env={name: value for name, value in prepared.env.items() if name not in secrets},
        secret_env=tuple(sorted(secrets)),
        resources=prepared.resources,
        time_limit=(settings.time_limit or None) if settings is not None else None,
        tags=tags,
        python=prepared.python,
        on=prepared.on,
        image=prepared.image,
    )
    return JobRequest(spec, assignment.key, secrets=secrets)


def _params(parameters: Any) -> dict[str, Any]:
    """Choose the inputs that the run in tracking shows as its params."""
    shown = {name: value for name, value in parameters.items() if not name.startswith(_INNER)}
    return shown if len(json.dumps(shown)) <= _LONGEST_PARAMS else {}
