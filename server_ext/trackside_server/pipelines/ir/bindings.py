"""Whether what the tasks of a graph take is there, and fits: names, and kinds of what meets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.pipelines.expressions import condition, selector
from trackside_server.pipelines.expressions.errors import ExpressionError

from .kinds import Kinds, fits
from .mistakes import known, listed, mistake, shown, under
from .model import ArtifactLoop, ComponentInput, Constant, FinalStatus, TaskOutput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import (
        Component,
        Dag,
        ParameterBinding,
        ParameterKind,
        ParameterLoop,
        Pipeline,
        Task,
    )

# What the server itself gives: no task does.
_GIVEN: Final = frozenset(("TASK_CONFIG",))
# A text may hold a list as JSON.
_LISTS: Final = frozenset(("LIST", "STRING"))

_CONVERT: Final = "Change the type of one of them, or convert the value in between."
_UNKNOWN_ITEMS: Final = (
    "The compiler takes the items of a list for texts where it does not know better: say what the "
    "list holds, such as list[int], where it is made, or let the component take a text."
)


class Bindings:
    """The checks of one graph.

    Parameters
    ----------
    pipeline
        What it is part of.
    kinds
        Of which kind outputs are.
    component
        Whose graph it is.
    dag
        The graph.
    place
        Where it is in the document.
    """

    def __init__(
        self, pipeline: Pipeline, kinds: Kinds, component: Component, dag: Dag, place: str
    ) -> None:
        self._components = pipeline.components
        self._settings = pipeline.kubernetes
        self._kinds = kinds
        self._around = component
        self._dag = dag
        self._place = place

    def check(self) -> None:
        """Refuse what is not there, or does not fit.

        Raises
        ------
        InvalidInput
            With the place of the first mistake.
        """
        for name, task in self._dag.tasks.items():
            self._check_task(under(f"{self._place}.tasks", name), task)
        self._check_outputs(f"{self._place}.outputs")
        for task in self._dag.tasks.values():
            self._check_settings(task)

    def _check_settings(self, task: Task) -> None:
        """Follow what the settings of a task's executor take: from where its inputs come too."""
        settings = self._settings.get(self._components[task.component].executor)
        for place, binding in settings.bindings if settings is not None else ():
            if binding.selector:
                _check_selector(f"{place}.parameterExpressionSelector", binding.selector)
            self._kind_of(place, binding)

    def _check_task(self, place: str, task: Task) -> None:
        component = self._components[task.component]
        for name in task.after:
            self._task(name, f"{place}.dependentTasks")
        for name, binding in task.parameters.items():
            at = under(f"{place}.inputs.parameters", name)
            self._check_parameter(at, name, binding, component)
        for name, source in task.artifacts.items():
            self._check_artifact(under(f"{place}.inputs.artifacts", name), name, source, component)
        if isinstance(task.loop, ArtifactLoop):
            self._check_artifact_loop(f"{place}.artifactIterator", task, task.loop)
        elif task.loop is not None:
            self._check_parameter_loop(f"{place}.parameterIterator", task, task.loop)
        if task.condition:
            _check_condition(f"{place}.triggerPolicy.condition", task, component)
        _check_complete(place, task, component)

    def _check_parameter(
        self, place: str, name: str, binding: ParameterBinding, component: Component
    ) -> None:
        wanted = component.input_parameters.get(name)
        # What an executor does not declare may still be named by its placeholders.
        if wanted is None and component.dag is not None:
            raise _unknown_input(place, name, component.name, component.input_parameters)
        if binding.selector:
            _check_selector(f"{place}.parameterExpressionSelector", binding.selector)
        source = binding.source
        kind, place = self._kind_of(place, binding)
        if kind is not None and wanted and not binding.selector and not fits(kind, wanted.kind):
            item = isinstance(source, ComponentInput) and (self._around.name, source.name)
            hint = _UNKNOWN_ITEMS if item in self._kinds.items else _CONVERT
            raise _mismatch(place, kind, wanted.kind, f"the input {shown(name)}", hint)

    def _kind_of(self, place: str, binding: ParameterBinding) -> tuple[ParameterKind | None, str]:
        """Give the kind of what a value is taken from, and the place that names it."""
        source = binding.source
        if isinstance(source, Constant):
            return None, place
        if isinstance(source, FinalStatus):
            place = f"{place}.taskFinalStatus"
            self._task(source.task, f"{place}.producerTask")
            return "TASK_FINAL_STATUS", place
        if isinstance(source, ComponentInput):
            place = f"{place}.componentInputParameter"
            given = self._around.input_parameters.get(source.name)
            if given is None:
                inputs = self._around.input_parameters
                raise _unknown_input(place, source.name, self._around.name, inputs)
            return given.kind, place
        place = f"{place}.taskOutputParameter"
        return self._output_kind(place, source), place

    def _check_artifact(
        self, place: str, name: str, source: ComponentInput | TaskOutput, component: Component
    ) -> None:
        if component.dag is not None and name not in component.input_artifacts:
            raise _unknown_input(place, name, component.name, component.input_artifacts)
        if isinstance(source, TaskOutput):
            self._check_output_artifact(f"{place}.taskOutputArtifact", source)
        elif source.name not in self._around.input_artifacts:
            place = f"{place}.componentInputArtifact"
            inputs = self._around.input_artifacts
            raise _unknown_input(place, source.name, self._around.name, inputs)

    def _check_artifact_loop(self, place: str, task: Task, loop: ArtifactLoop) -> None:
        component = self._components[task.component]
        if loop.item not in component.input_artifacts:
            inputs = component.input_artifacts
            raise _unknown_input(f"{place}.itemInput", loop.item, component.name, inputs)
        if loop.items not in task.artifacts:
            raise _unknown_input(f"{place}.items", loop.items, task.name, task.artifacts)

    def _check_parameter_loop(self, place: str, task: Task, loop: ParameterLoop) -> None:
        component = self._components[task.component]
        if loop.item not in component.input_parameters:
            inputs = component.input_parameters
            raise _unknown_input(f"{place}.itemInput", loop.item, component.name, inputs)
        if isinstance(loop.items, Constant):
            return
        place = f"{place}.items.inputParameter"
        name = loop.items.name
        declared = component.input_parameters.get(name)
        if name not in task.parameters or declared is None:
            raise _unknown_input(place, name, task.name, task.parameters)
        if declared.kind not in _LISTS:
            raise mistake(
                "NOT_A_LIST",
                place,
                f"The input {shown(name)} is no list but of kind {declared.kind}.",
                "Loop over a list, or over a text that holds one as JSON.",
            )

    def _check_outputs(self, place: str) -> None:
        self._check_given(
            f"{place}.parameters", self._around.output_parameters, self._dag.parameters
        )
        self._check_given(f"{place}.artifacts", self._around.output_artifacts, self._dag.artifacts)
        for name, sources in self._dag.parameters.items():
            at = under(f"{place}.parameters", name)
            declared = self._around.output_parameters.get(name)
            if declared is None:
                raise _undeclared(at, name, self._around.output_parameters)
            for source in sources:
                kind = self._output_kind(at, source)
                if declared.kind != "LIST" and not fits(kind, declared.kind):
                    what = f"the output {shown(name)}"
                    raise _mismatch(at, kind, declared.kind, what, _CONVERT)
        for name, sources in self._dag.artifacts.items():
            at = under(f"{place}.artifacts", name)
            if name not in self._around.output_artifacts:
                raise _undeclared(at, name, self._around.output_artifacts)
            for source in sources:
                self._check_output_artifact(at, source)

    def _check_given(
        self, place: str, declared: Mapping[str, object], given: Mapping[str, object]
    ) -> None:
        for name in declared:
            if not given.get(name):
                raise mistake(
                    "MISSING", place, f"It is not said where the output {shown(name)} comes from."
                )

    def _output_kind(self, place: str, source: TaskOutput) -> ParameterKind:
        task = self._task(source.task, place)
        outputs = self._components[task.component].output_parameters
        if source.output not in outputs:
            raise _unknown_output(place, source, outputs)
        return self._kinds.of_task(task, source.output)

    def _check_output_artifact(self, place: str, source: TaskOutput) -> None:
        task = self._task(source.task, place)
        outputs = self._components[task.component].output_artifacts
        if source.output not in outputs:
            raise _unknown_output(place, source, outputs)

    def _task(self, name: str, place: str) -> Task:
        task = self._dag.tasks.get(name)
        if task is None:
            raise mistake(
                "UNKNOWN_TASK",
                place,
                f"There is no task {shown(name)} in this graph.",
                known(name, self._dag.tasks),
            )
        return task


def _check_condition(place: str, task: Task, component: Component) -> None:
    try:
        asked = dict.fromkeys(condition.inputs_of(condition.parse(task.condition)))
    except ExpressionError as error:
        raise mistake("BAD_CONDITION", place, error.message, error.hint) from None
    there = {**component.input_parameters, **task.parameters}
    for name in asked:
        if name not in there:
            raise _unknown_input(place, name, task.name, there)


def _check_selector(place: str, text: str) -> None:
    try:
        selector.parse(text)
    except ExpressionError as error:
        raise mistake("BAD_SELECTOR", place, error.message, error.hint) from None


def _check_complete(place: str, task: Task, component: Component) -> None:
    given = {*task.parameters, *task.artifacts}
    if task.loop is not None:
        given.add(task.loop.item)
    needed = [
        name
        for name, parameter in component.input_parameters.items()
        if not (parameter.optional or parameter.has_default or parameter.kind in _GIVEN)
    ]
    needed += [name for name, one in component.input_artifacts.items() if not one.optional]
    if missing := [name for name in needed if name not in given]:
        raise mistake(
            "MISSING_INPUT",
            f"{place}.inputs",
            f"{shown(component.name)} needs {listed(missing)}, which the task does not give.",
            "Pass it, or make it optional.",
        )


def _unknown_output(place: str, source: TaskOutput, outputs: Mapping[str, object]) -> Exception:
    return mistake(
        "UNKNOWN_OUTPUT",
        place,
        f"The task {shown(source.task)} has no output {shown(source.output)}.",
        known(source.output, outputs),
    )


def _unknown_input(place: str, name: str, of: str, inputs: Mapping[str, object]) -> Exception:
    return mistake(
        "UNKNOWN_INPUT", place, f"{shown(of)} has no input {shown(name)}.", known(name, inputs)
    )


def _undeclared(place: str, name: str, outputs: Mapping[str, object]) -> Exception:
    return mistake(
        "UNKNOWN_OUTPUT",
        place,
        f"The output {shown(name)} is not among those that the component declares.",
        known(name, outputs),
    )


def _mismatch(
    place: str, given: ParameterKind, taken: ParameterKind, what: str, hint: str
) -> Exception:
    return mistake(
        "TYPE_MISMATCH",
        place,
        f"A value of kind {given} is given, but {what} is of kind {taken}.",
        hint,
    )
