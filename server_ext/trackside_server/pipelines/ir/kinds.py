"""Of which kind the outputs of tasks really are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .model import Component, ParameterKind, Pipeline, Task

_NUMBERS: Final = frozenset(("NUMBER_DOUBLE", "NUMBER_INTEGER"))
_STRUCTS: Final = frozenset(("STRUCT", "TASK_FINAL_STATUS", "TASK_CONFIG"))


def fits(given: ParameterKind, taken: ParameterKind) -> bool:
    """Whether a value of one kind may be given to an input of another, as KFP's servers see it."""
    if taken == "STRING" or given == taken:
        return True
    return any(given in kinds and taken in kinds for kinds in (_NUMBERS, _STRUCTS))


class Kinds:
    """Follows outputs of graphs to the tasks that make them.

    What a graph declares is not enough: the SDK declares an output that is collected around a loop
    as a list on every graph below that loop too, where it is still one value.

    Attributes
    ----------
    items
        For each component that is repeated its name, and that of the input that takes an item.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._known: dict[tuple[str, str], ParameterKind] = {}
        self.items = {
            (task.component, task.loop.item)
            for component in (pipeline.root, *pipeline.components.values())
            if component.dag is not None
            for task in component.dag.tasks.values()
            if task.loop is not None
        }

    def of_task(self, task: Task, output: str) -> ParameterKind:
        """Return the kind of a declared output of a task."""
        if task.loop is not None:
            return "LIST"
        return self._of(self._pipeline.components[task.component], output)

    def _of(self, component: Component, output: str) -> ParameterKind:
        key = (component.name, output)
        if key not in self._known:
            declared = component.output_parameters[output].kind
            self._known[key] = self._followed(component, output) or declared
        return self._known[key]

    def _followed(self, component: Component, output: str) -> ParameterKind | None:
        if component.dag is None:
            return None
        for source in component.dag.parameters.get(output, ()):
            task = component.dag.tasks.get(source.task)
            if task is None:
                continue
            if source.output in self._pipeline.components[task.component].output_parameters:
                return self.of_task(task, source.output)
        return None
