"""Small pipelines by hand: what is under test is what they do, not how they were compiled."""

from __future__ import annotations

from trackside_server.pipelines.ir.model import (
    ArtifactLoop,
    ArtifactType,
    Component,
    ComponentInput,
    Constant,
    Container,
    Dag,
    FinalStatus,
    Importer,
    InputArtifact,
    InputParameter,
    OutputArtifact,
    OutputParameter,
    ParameterBinding,
    ParameterLoop,
    Pipeline,
    Task,
    TaskOutput,
)
from trackside_server.structs import replace

KINDS = {
    "int": "NUMBER_INTEGER",
    "float": "NUMBER_DOUBLE",
    "str": "STRING",
    "bool": "BOOLEAN",
    "list": "LIST",
    "dict": "STRUCT",
    "status": "TASK_FINAL_STATUS",
}
SOURCES = Constant | ComponentInput | TaskOutput | FinalStatus


def out(task, output="Output"):
    """An output of another task."""
    return TaskOutput(task, output)


def given(name):
    """An input of the graph that the task is in."""
    return ComponentInput(name)


def status(task):
    """How another task ended."""
    return FinalStatus(task)


def select(source, selector):
    """A part of what comes from there."""
    return ParameterBinding(source, selector)


def default(kind, value):
    """An input that has a default."""
    return InputParameter(KINDS[kind], optional=True, has_default=True, default=value)


def optional(kind):
    """An input that may be left out."""
    return InputParameter(KINDS[kind], optional=True)


def task(name, component=None, *, artifacts=None, items=None, item="item", each=None, **settings):
    """One task; what is no setting of it is a parameter of this name.

    ``items`` repeats it over values (a list, a text or ``given(...)``), ``each`` over the artifacts
    of one of its inputs.
    """
    own = {}
    for key in ("after", "condition", "even_after_failure", "parallelism", "retry", "cached"):
        if key in settings:
            own[key] = settings.pop(key)
    loop = None
    if items is not None:
        loop = ParameterLoop(items if isinstance(items, ComponentInput) else Constant(items), item)
    elif each is not None:
        loop = ArtifactLoop(each, item)
    return Task(
        name=name,
        display_name=name,
        component=component or name,
        parameters={key: _binding(value) for key, value in settings.items()},
        artifacts=artifacts or {},
        loop=loop,
        **own,
    )


def _binding(value):
    if isinstance(value, ParameterBinding):
        return value
    return ParameterBinding(value if isinstance(value, SOURCES) else Constant(value))


def _inputs(takes):
    return {
        name: kind if isinstance(kind, InputParameter) else InputParameter(KINDS[kind])
        for name, kind in (takes or {}).items()
    }


def runs(name, takes=None, gives=None, *, files=None, makes=None):
    """A component of one container; ``files`` and ``makes`` name the artifacts in and out."""
    return Component(
        name=name,
        input_parameters=_inputs(takes),
        input_artifacts={
            key: spec if isinstance(spec, InputArtifact) else InputArtifact(ArtifactType(), spec)
            for key, spec in (files or {}).items()
        },
        output_parameters={
            key: OutputParameter(KINDS[kind]) for key, kind in (gives or {}).items()
        },
        output_artifacts={key: OutputArtifact(ArtifactType()) for key in makes or ()},
        executor=f"exec-{name}",
    )


def graph(name, *tasks, takes=None, gives=None, files=None, makes=None):
    """A component that is a graph; ``gives`` and ``makes`` say where each output comes from."""
    plain = runs(name, takes, files=files)
    parameters = {key: _places(places) for key, places in (gives or {}).items()}
    artifacts = {key: _places(places) for key, places in (makes or {}).items()}
    return replace(
        plain,
        executor="",
        output_parameters={key: OutputParameter("LIST") for key in parameters},
        output_artifacts={key: OutputArtifact(ArtifactType()) for key in artifacts},
        dag=Dag({one.name: one for one in tasks}, parameters, artifacts),
    )


def _places(places):
    return (places,) if isinstance(places, TaskOutput) else tuple(places)


def pipeline(*tasks, components=(), importers=(), **root):
    """A pipeline; a task whose component is not among them is a container that gives an int."""
    known = {component.name: component for component in components}
    wanted = [*tasks, *(t for c in components if c.dag for t in c.dag.tasks.values())]
    for one in wanted:
        if one.component not in known:
            known[one.component] = runs(one.component, gives={"Output": "int"})
    executors = {
        component.executor: Importer(Constant("s3://there"), ArtifactType())
        if component.name in importers
        else Container("python")
        for component in known.values()
        if component.executor
    }
    return Pipeline("p", graph("root", *tasks, **root), known, executors)
