"""One attempt that the engine has to carry out, with all that is known about it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from trackside_server.structs import replace

from .entities import StoredArtifact, key_of, task_id_of
from .executor.context import Place, TaskContext, TaskRun
from .executor.demands import gpus, wants_gpus
from .executor.inputs import build, resolved_inputs, scope_of
from .executor.reasons import ContractError
from .executor.whereabouts import on_cluster
from .ir.model import Constant, Container
from .machine.reasons import UnresolvedError
from .machine.sources import value_of
from .machine.spots import spot_of
from .machine.state import Values
from .platform.claims import is_volume_task
from .platform.resolving import resolve
from .platform.settings import Settings

if TYPE_CHECKING:
    from .entities import PipelineRun
    from .executor.context import Means
    from .ir.model import ParameterBinding, Pipeline, Value
    from .machine.spots import Spot
    from .machine.state import Node, Run

_WORKSPACE: Final = ".workspace"
_NOTHING: Final = Settings()


def run_of(record: PipelineRun, pipeline: Pipeline) -> TaskRun:
    """Say what its tasks know of a run."""
    scheduled = record.origin.scheduled or record.created
    return TaskRun(record.run_id, record.name, pipeline.name, record.created, scheduled)


def place_of(record: PipelineRun, pipeline: Pipeline, readable: tuple[Path, ...] = ()) -> Place:
    """Say where the files of a run are, whose folder has been settled."""
    assert record.folder is not None
    root = Path(record.folder)
    return Place(root, readable, root / _WORKSPACE if pipeline.workspace else None)


class Assignment(Struct, frozen=True, dict=True):
    """An attempt of a task.

    Parameters
    ----------
    record, machine
        The run.
    pipeline
        What is run.
    node
        The task, as it is in this attempt.
    readable
        Folders whose files tasks may be given.
    """

    record: PipelineRun
    machine: Run
    pipeline: Pipeline
    node: Node
    readable: tuple[Path, ...]

    @property
    def task_id(self) -> str:
        """The id of the task."""
        return task_id_of(self.record.run_id, self.node.path)

    @property
    def key(self) -> str:
        """By which its job is found again, however often it is asked for."""
        return key_of(self.task_id, self.node.attempt)

    @cached_property
    def spot(self) -> Spot:
        """Its task and component."""
        return spot_of(self.pipeline, self.node.path)

    @property
    def wants_gpus(self) -> bool:
        """Whether its job will ask for accelerators of this machine."""
        executor = self.context.executor
        return isinstance(executor, Container) and wants_gpus(executor.demand, self.context)

    @property
    def asks_for_gpus(self) -> bool | None:
        """The same where the pipeline says it; None where its inputs do."""
        executor = self.context.executor
        asked = gpus(executor.demand) if isinstance(executor, Container) else 0
        return None if asked is None else asked > 0

    @property
    def is_volume_task(self) -> bool:
        """Whether it stands for making or deleting a volume, and runs nowhere."""
        return is_volume_task(self.context.executor)

    def on_cluster(self, means: Means) -> bool:
        """Say whether it is carried out on the cluster."""
        executor = self.context.executor
        settings = self.pipeline.kubernetes.get(self.context.component.executor)
        return isinstance(executor, Container) and on_cluster(
            executor, settings, means, self.record.on
        )

    def context_of(self, *, in_pod: bool) -> TaskContext:
        """Return what the executor wants to know of an attempt here, or on the cluster."""
        return replace(self.context, in_pod=in_pod)

    @cached_property
    def context(self) -> TaskContext:
        """What the executor wants to know."""
        task, component = self.spot
        assert task is not None
        return TaskContext(
            run=run_of(self.record, self.pipeline),
            place=place_of(self.record, self.pipeline, self.readable),
            task_id=self.task_id,
            path=self.node.path,
            attempt=self.node.attempt,
            task=task,
            component=component,
            executor=self.pipeline.executors[component.executor],
            inputs=self.node.inputs or Values(),
        )

    @cached_property
    def settings(self) -> Settings:
        """What `kfp-kubernetes` says of the task, with all values that it takes from others.

        Raises
        ------
        ContractError
            A value is missing, or not what is needed.
        """
        _, component = self.spot
        found = self.pipeline.kubernetes.get(component.executor, _NOTHING)
        return resolve(found, self._ask)

    def _ask(self, binding: ParameterBinding) -> Value:
        nodes = self.machine.nodes
        if isinstance(binding.source, Constant) and not binding.selector:
            context = self.context
            executor_input = build(context, resolved_inputs(context))
            return scope_of(context, executor_input).fill(binding.source.value)
        try:
            return value_of(
                nodes.__getitem__, self.machine, self.node, binding, "A setting of the task"
            )
        except UnresolvedError as error:
            raise ContractError(error.reason.code, error.reason.message) from None

    def made(self, outputs: Values, at: float) -> list[StoredArtifact]:
        """Give the artifacts among its outputs as they are stored."""
        return [
            StoredArtifact(artifact, self.record.run_id, self.task_id, name, at)
            for name, some in outputs.artifacts.items()
            for artifact in some
        ]
