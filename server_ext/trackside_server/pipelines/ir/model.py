"""A compiled pipeline as frozen values: the words of ``pipeline_spec.proto``, without its history.

What the schema calls deprecated is read into the one form that is left here, so that whoever works
with a pipeline meets one way of saying each thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from trackside_server.structs import Discreet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.platform.settings import Settings, Workspace

# A JSON value. An integer stays an int: what is typed as one is never made a float on its way.
Value = Any

ParameterKind = Literal[
    "NUMBER_DOUBLE",
    "NUMBER_INTEGER",
    "STRING",
    "BOOLEAN",
    "LIST",
    "STRUCT",
    "TASK_FINAL_STATUS",
    "TASK_CONFIG",
]


class ArtifactType(Struct, frozen=True):
    """What kind of artifact: a title such as ``system.Dataset``, and the version of its schema."""

    title: str = "system.Artifact"
    version: str = ""


class InputParameter(Struct, frozen=True):
    """A parameter that a component takes.

    Parameters
    ----------
    kind
        Its type.
    optional
        Whether it may be left out; so may be what has a default.
    has_default, default
        The value that stands for one that was left out.
    description
        The author's words.
    literals
        The only values that are allowed; empty allows all.
    """

    kind: ParameterKind
    optional: bool = False
    has_default: bool = False
    default: Value = None
    description: str = ""
    literals: tuple[Value, ...] = ()


class InputArtifact(Struct, frozen=True):
    """An artifact, or a list of them, that a component takes."""

    type: ArtifactType
    is_list: bool = False
    optional: bool = False
    description: str = ""


class OutputParameter(Struct, frozen=True):
    """A parameter that a component gives."""

    kind: ParameterKind
    description: str = ""


class OutputArtifact(Struct, frozen=True):
    """An artifact, or a list of them, that a component gives."""

    type: ArtifactType
    is_list: bool = False
    metadata: Mapping[str, Value] = field(default_factory=dict)
    description: str = ""


class Constant(Struct, frozen=True):
    """A value that the pipeline itself holds; its texts may hold placeholders."""

    value: Value


class ComponentInput(Struct, frozen=True):
    """An input of the component that the task is part of."""

    name: str


class TaskOutput(Struct, frozen=True):
    """An output of another task of the same graph."""

    task: str
    output: str


class FinalStatus(Struct, frozen=True):
    """How another task of the same graph ended."""

    task: str


class ParameterBinding(Struct, frozen=True):
    """Where the value of a task's parameter comes from.

    Parameters
    ----------
    source
        From where.
    selector
        An expression over that value, such as ``parseJson(string_value)["lr"]``; empty takes it as
        it is.
    """

    source: Constant | ComponentInput | TaskOutput | FinalStatus
    selector: str = ""


class ParameterLoop(Struct, frozen=True):
    """A task runs once for each item of a list of values.

    Parameters
    ----------
    items
        The list itself, or the name of the task's input that holds it.
    item
        The name of the component's input that receives one of them.
    """

    items: Constant | ComponentInput
    item: str


class ArtifactLoop(Struct, frozen=True):
    """A task runs once for each artifact of the list that its input `items` holds."""

    items: str
    item: str


class Retry(Struct, frozen=True):
    """How often a failed task is tried again, and after how many seconds."""

    count: int
    first_wait: float = 0.0
    factor: float = 2.0
    longest_wait: float = 3600.0


class Task(Struct, frozen=True):
    """One task of a graph.

    Parameters
    ----------
    name
        Its key in the graph.
    display_name
        How people call it.
    component
        The key of its component.
    parameters, artifacts
        Where its inputs come from.
    after
        Tasks that it waits for without taking anything of them.
    condition
        An expression over its inputs; it is skipped where that is false. Empty is always true.
    even_after_failure
        Whether it runs however the tasks before it ended: exit tasks, and those that ignore the
        failure of what is upstream.
    loop
        What it is repeated over.
    parallelism
        How many repetitions run at once; 0 sets no limit.
    retry
        Whether and how it is tried again.
    cached
        Whether the outputs of an equal task may be taken in its place.
    cache_key
        The author's own key.
    """

    name: str
    display_name: str
    component: str
    parameters: Mapping[str, ParameterBinding] = field(default_factory=dict)
    artifacts: Mapping[str, ComponentInput | TaskOutput] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    condition: str = ""
    even_after_failure: bool = False
    loop: ParameterLoop | ArtifactLoop | None = None
    parallelism: int = 0
    retry: Retry | None = None
    cached: bool = False
    cache_key: str = ""

    @property
    def upstream(self) -> tuple[str, ...]:
        """Every task of the same graph that it waits for, each once, in a steady order."""
        names = dict.fromkeys(self.after)
        for source in (*(b.source for b in self.parameters.values()), *self.artifacts.values()):
            if isinstance(source, TaskOutput | FinalStatus):
                names[source.task] = None
        return tuple(names)


class Dag(Struct, frozen=True):
    """A graph of tasks, and which of their outputs are those of the component.

    Parameters
    ----------
    tasks
        By name.
    parameters, artifacts
        For each output of the component the places it may come from: the first that has a value
        counts (one of several branches of a condition has run).
    """

    tasks: Mapping[str, Task]
    parameters: Mapping[str, tuple[TaskOutput, ...]] = field(default_factory=dict)
    artifacts: Mapping[str, tuple[TaskOutput, ...]] = field(default_factory=dict)


class Component(Struct, frozen=True):
    """What a task runs: a graph, or the executor of this label."""

    name: str
    input_parameters: Mapping[str, InputParameter] = field(default_factory=dict)
    input_artifacts: Mapping[str, InputArtifact] = field(default_factory=dict)
    output_parameters: Mapping[str, OutputParameter] = field(default_factory=dict)
    output_artifacts: Mapping[str, OutputArtifact] = field(default_factory=dict)
    dag: Dag | None = None
    executor: str = ""


class Demand(Struct, frozen=True):
    """What a container asks of its machine, as it was written: texts may be placeholders."""

    cpu_request: str = ""
    cpu_limit: str = ""
    memory_request: str = ""
    memory_limit: str = ""
    accelerator: str = ""
    accelerators: str = ""


class Container(Discreet, Struct, frozen=True):
    """An executor that runs a command in an image."""

    secret_fields = ("env",)

    image: str
    command: tuple[Value, ...] = ()
    args: tuple[Value, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    demand: Demand = field(default_factory=Demand)


class Importer(Struct, frozen=True):
    """An executor that makes an artifact of what lies at a URI.

    Parameters
    ----------
    uri
        The URI, or the name of the parameter that holds it.
    type
        What it is.
    metadata
        Kept with it; texts may hold placeholders.
    again
        Whether a new artifact is made where one of this URI is known.
    """

    uri: Constant | ComponentInput
    type: ArtifactType
    metadata: Mapping[str, Value] = field(default_factory=dict)
    again: bool = False


class Pipeline(Struct, frozen=True):
    """A compiled pipeline.

    Parameters
    ----------
    name, display_name, description
        As the author called it.
    root
        The component of the whole.
    components
        By key.
    executors
        By label.
    kubernetes
        For each label the settings of ``kfp-kubernetes``.
    workspace
        The folder that its tasks share; None where they share none.
    sdk_version
        The SDK that compiled it.
    document
        The first document as it was read, ``platforms`` the second's; to be shown, sent on and
        compiled again unchanged.
    """

    name: str
    root: Component
    components: Mapping[str, Component]
    executors: Mapping[str, Container | Importer]
    display_name: str = ""
    description: str = ""
    kubernetes: Mapping[str, Settings] = field(default_factory=dict)
    workspace: Workspace | None = None
    sdk_version: str = ""
    document: Mapping[str, Value] = field(default_factory=dict)
    platforms: Mapping[str, Value] = field(default_factory=dict)
