"""A pipeline run in tracking: a parent run, and below it the run of each task's job.

Trouble with tracking never fails a pipeline: it is logged, and the pipeline goes on.
"""

from __future__ import annotations

import asyncio
import json
import math
from typing import TYPE_CHECKING, Final

from trackside_server.structs import replace
from trackside_server.tracking.entities import Metric

from .folders import FOLDER
from .machine.state import ENDED
from .storage import runs

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Iterable, Mapping

    from trackside_server.jobs.tracking import Tracking

    from .entities import PipelineRun
    from .folders import Folders
    from .ir.model import Value
    from .ledger import Entry, Ledger
    from .machine.state import Artifact, Run, Values

RUN_TAG: Final = "trackside.pipeline_run"
TASK_TAG: Final = "trackside.pipeline_task"
NAME_TAG: Final = "trackside.pipeline"
_METRICS: Final = "system.Metrics"
# What is not named here has ended well.
_STATUSES: Final = {"FAILED": "FAILED", "CANCELED": "KILLED"}
# As long as MLflow lets the value of a param be.
_PARAM_LENGTH: Final = 6000
_REASON: Final = 5000


class Parents:
    """The parent runs of pipeline runs.

    Parameters
    ----------
    ledger, tracking, log
        Collaborators.
    folders
        Where artifacts are that no run in tracking can hold.
    """

    def __init__(
        self, ledger: Ledger, tracking: Tracking, log: logging.Logger, folders: Folders
    ) -> None:
        self._ledger = ledger
        self._tracking = tracking
        self._log = log
        self._folders = folders

    async def begin(self, number: int, run: PipelineRun, arguments: Values) -> PipelineRun:
        """Make the parent run, and settle for ever where the artifacts are.

        A server that was killed in between finds the parent by the run's id.
        """
        mlflow_run_id = None
        folder = self._folders.of(run.run_id)
        try:
            mlflow_run_id = await self._open(run, arguments)
            inside = await self._tracking.kept_here(mlflow_run_id)
            if inside is not None:
                folder = inside / FOLDER
        except Exception as error:  # noqa: BLE001 - tracking trouble never fails a pipeline
            self._log.warning("The pipeline run %s has no run in tracking: %s", run.name, error)
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        await self._ledger.write(
            lambda entry: runs.settle_place(entry.connection, number, mlflow_run_id, str(folder))
        )
        return replace(run, mlflow_run_id=mlflow_run_id, folder=str(folder))

    async def _open(self, run: PipelineRun, arguments: Values) -> str:
        return await self._tracking.open_run(
            run.experiment_id,
            start_id=run.run_id.replace("-", ""),
            run_name=run.name,
            user=run.user,
            start_time=round(run.created * 1000),
            tags={
                RUN_TAG: run.run_id,
                NAME_TAG: run.pipeline,
                "mlflow.user": run.user,
                "mlflow.source.name": run.pipeline,
                "mlflow.source.type": "PROJECT",
                **({"mlflow.note.content": run.description} if run.description else {}),
            },
            params=params_of(arguments.parameters),
        )

    async def conclude(self, run: PipelineRun, machine: Run, at: float) -> None:
        """Log what the pipeline gave as a whole, before its run is told to be over."""
        root = machine.nodes.get("")
        if run.mlflow_run_id is None or root is None or root.outputs is None:
            return
        await self._try(run.mlflow_run_id, self._log_outputs(run.mlflow_run_id, root.outputs, at))

    async def log_task(self, mlflow_run_id: str, outputs: Values, at: float) -> None:
        """Log the scalar metrics of a task into the run of its job, as of when that ended."""
        await self._try(mlflow_run_id, self._log_outputs(mlflow_run_id, outputs, at))

    def follow(self, entry: Entry, before: PipelineRun, run: PipelineRun) -> None:
        """Let the parent run go on to the state of the pipeline, in the same transaction."""
        if run.mlflow_run_id is None or before.state == run.state:
            return
        tags: dict[str, str] = {}
        if run.reason is not None:
            tags = {
                "trackside.reason.code": run.reason.code,
                "trackside.reason.message": run.reason.message[:_REASON],
            }
        told = self._tracking.update_run_in(
            entry.connection,
            run.mlflow_run_id,
            status=_STATUSES.get(run.state, "FINISHED") if run.state in ENDED else "RUNNING",
            end_time=None if run.ended is None else round(run.ended * 1000),
            tags=tags,
        )
        if told is not None:
            entry.changes.append(told)

    async def _log_outputs(self, mlflow_run_id: str, outputs: Values, at: float) -> None:
        metrics = scalars_of(outputs)
        if metrics:
            # A server that was killed logs them again, and the same point is none more.
            then = round(at * 1000)
            await self._tracking.log_batch(
                mlflow_run_id,
                metrics=[Metric(key, value, then, 0) for key, value in metrics.items()],
            )

    async def _try(self, mlflow_run_id: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - tracking trouble never fails a pipeline
            self._log.warning("Not everything could be logged in %s: %s", mlflow_run_id, error)


def params_of(values: Mapping[str, Value]) -> dict[str, str]:
    """Write parameters as tracking keeps them."""
    return {key: _text(value)[:_PARAM_LENGTH] for key, value in values.items()}


def scalars_of(outputs: Values) -> dict[str, float]:
    """Give the numbers among outputs: those of parameters, and those in artifacts of metrics."""
    found = _numbers(outputs.parameters.items())
    for artifact in _metrics_in(outputs):
        found.update(_numbers(artifact.metadata.items()))
    return found


def _metrics_in(outputs: Values) -> Iterable[Artifact]:
    for some in outputs.artifacts.values():
        yield from (artifact for artifact in some if artifact.type.title == _METRICS)


def _numbers(items: Iterable[tuple[str, Value]]) -> dict[str, float]:
    return {
        key: float(value)
        for key, value in items
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
