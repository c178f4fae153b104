"""What the engine tells of a task, and what it is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct, field

from trackside_server.jobs.entities import Resources
from trackside_server.structs import Discreet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trackside_server.pipelines.ir.model import Component, Container, Importer, Task
    from trackside_server.pipelines.machine.state import Values

    from .engines import Engine

_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")


class Means(Struct, frozen=True):
    """What tasks can be run with here.

    Parameters
    ----------
    python
        The interpreter of Python components.
    has_kfp
        Whether it can import ``kfp``.
    container_engine
        What runs containers; None where there is nothing that does.
    overlays
        The folder of environments for ``packages_to_install``.
    gpus
        How many GPUs tasks can be given.
    cluster
        Whether there is a cluster.
    unfit
        Why no task can run there: a sentence, and what to do; None where they can.
    no_volumes
        Why no volumes can be made and deleted there, as `unfit`.
    """

    python: str
    has_kfp: bool
    container_engine: Engine | None
    overlays: Path
    gpus: int = 0
    cluster: bool = False
    unfit: tuple[str, str] | None = None
    no_volumes: tuple[str, str] | None = None


class Refusal(Struct, frozen=True):
    """A task that cannot run here.

    Parameters
    ----------
    task
        Its name, after those of the tasks that it is in: ``for-loop-1/train``.
    code
        Stable, for programs.
    message
        A sentence, for people.
    hint
        What to do about it.
    """

    task: str
    code: str
    message: str
    hint: str


class TaskRun(Struct, frozen=True):
    """The run that a task belongs to.

    Parameters
    ----------
    run_id
        Its id; ``{{$.pipeline_job_uuid}}``.
    name
        How people call it; ``{{$.pipeline_job_name}}``.
    pipeline
        The name of its pipeline.
    created, scheduled
        In seconds since the epoch; a run that nobody scheduled has its creation twice.
    """

    run_id: str
    name: str
    pipeline: str
    created: float
    scheduled: float

    @property
    def resource_name(self) -> str:
        """Its name among the objects of a cluster; ``{{$.pipeline_job_resource_name}}``."""
        plain = _NOT_IN_NAMES.sub("-", self.pipeline.lower()).strip("-")
        return f"{plain}-{self.run_id[:8]}"


class Place(Struct, frozen=True):
    """Where files are.

    Parameters
    ----------
    root
        The folder of the run; ``{{$.pipeline_root}}``. Everything that its tasks make lies below.
    readable
        Further folders that local artifacts may lie in: those of other runs, whose outputs the
        cache gives again, and those that importers may read.
    workspace
        The folder that the tasks of the run share; None where the pipeline has none.
    """

    root: Path
    readable: tuple[Path, ...] = ()
    workspace: Path | None = None


class TaskContext(Struct, frozen=True):
    """One attempt of a task.

    Parameters
    ----------
    run, place
        What it is part of, and where its files are.
    task_id
        Its id in the store; ``{{$.pipeline_task_uuid}}``.
    path, attempt
        As the machine names them.
    task, component, executor
        As the pipeline describes them.
    inputs
        As the machine found them.
    in_pod
        Whether it runs on the cluster, and sees files where its pod has them.
    """

    run: TaskRun
    place: Place
    task_id: str
    path: str
    attempt: int
    task: Task
    component: Component
    executor: Container | Importer
    inputs: Values
    in_pod: bool = False


class Prepared(Discreet, Struct, frozen=True):
    """What the job of an attempt is made of: fields of a `JobSpec`.

    Parameters
    ----------
    kind
        ``component`` runs a Python component in the process of the job itself, ``container`` the
        client of a container engine, or on the cluster the container itself.
    contents
        The files of the bundle (`trackside._bundle.Bundle.build` takes them); repetitions and
        attempts of one component share it.
    arguments
        The words that follow.
    env
        The variables that the component sets.
    resources
        What it asks of the machine.
    python
        The interpreter; None for a container.
    on, image
        The runner, and what a container of the cluster runs.
    sees_workspace
        Whether the volume of the run has to be there before it.
    """

    secret_fields = ("env",)

    kind: Literal["component", "container"]
    contents: Mapping[str, bytes]
    arguments: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)
    python: str | None = None
    on: Literal["local", "cluster"] = "local"
    image: str | None = None
    sees_workspace: bool = False
