"""Which step takes what of which: from cells to steps that hang together."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from trackside._pipelines import values
from trackside._pipelines.bringing import Brought, bring
from trackside._pipelines.model import Problem, Step, StepCell, Variable
from trackside._pipelines.order import in_order
from trackside._pipelines.reading import Code, read
from trackside._pipelines.surroundings import CHANGEABLE, without_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside._pipelines.model import Parameter
    from trackside._pipelines.values import Fact


class Flow:
    """Finds what goes from step to step.

    Parameters
    ----------
    cells
        The steps in the order of the notebook.
    parameters
        The pipeline's parameters.
    namespace
        The notebook's variables.
    facts
        What was seen of the variables of each step when it had run.
    """

    def __init__(
        self,
        cells: Sequence[StepCell],
        parameters: Sequence[Parameter],
        namespace: Mapping[str, Any],
        facts: Mapping[str, Mapping[str, Fact]],
    ) -> None:
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self._parameters = {parameter.name: parameter for parameter in parameters}
        self._live = namespace
        self._facts = facts
        self._codes = {cell.name: read(cell) for cell in cells}
        self._cells = in_order(cells, self.problems)
        around = without_steps(namespace, self._cells, self._codes, parameters)
        self._namespace, self._unsure = around.namespace, around.unsure
        # Who set a name last, what defines it, who deleted it: up to the step that is looked at.
        self._setters: dict[str, Step] = {}
        self._definitions = around.definitions
        self._deleters: dict[str, Step] = {}
        self._helpers: dict[str, set[str]] = {}
        self._used: set[str] = set()

    def steps(self) -> list[Step]:
        """Return the steps, each behind those that it needs."""
        steps: list[Step] = []
        keys: dict[str, Step] = {}
        for cell in self._cells:
            code = self._codes[cell.name]
            step = Step(cell, key=key_of(cell.name))
            if (twin := keys.get(step.key)) is not None:
                self._problem(cell, f"has the same name as {twin.cell.name} for KFP; rename it.")
            keys[step.key] = step
            brought = self._brought(step, code)
            self._wire(step, brought)
            self._note_sets(step, code)
            named = [keys[key_of(name)] for name in cell.after if key_of(name) in keys]
            step.after = list(dict.fromkeys([*step.after, *named]))
            steps.append(step)
        for name in sorted(set(self._parameters) - self._used):
            self.notes.append(f"No step uses the parameter {name}.")
        return steps

    def _brought(self, step: Step, code: Code) -> Brought:
        given = {*self._parameters, *self._setters} - set(self._deleters)
        brought = self._bring(step, code, given, also=())
        # A value may be of a class that this step does not name, and the steps before it do.
        taken = sorted(name for name in brought.mentioned if name in self._setters)
        also = set().union(*(self._needed_by(self._setters[name], name) for name in taken))
        if also:
            brought = self._bring(step, code, given, also=also)
        own = {name for name in brought.carried if callable(self._live.get(name))}
        self._helpers[step.key] = also | own | set(code.definitions)
        return brought

    def _needed_by(self, source: Step, name: str) -> set[str]:
        """Return the helpers that a variable needs where it is read; all where it is not known."""
        known = self._is_known(source, name)
        found = values.helpers_of(self._live[name]) if known else None
        return self._helpers[source.key] if found is None else found

    def _is_known(self, source: Step, name: str) -> bool:
        """Tell whether the kernel holds what a step made: another cell may have set it since."""
        fact = self._facts.get(source.cell.name, {}).get(name)
        return fact is not None and name in self._live and values.seen(self._live[name]) == fact

    def _bring(
        self, step: Step, code: Code, given: set[str], also: set[str] | tuple[()]
    ) -> Brought:
        return bring(
            step.cell,
            code,
            self._namespace,
            given=given - set(self._definitions),
            definitions=self._definitions,
            also=also,
        )

    def _wire(self, step: Step, brought: Brought) -> None:
        step.preamble, step.files, step.carried = brought.preamble, brought.files, brought.carried
        for name in sorted(brought.mentioned):
            if name in self._definitions or name in self._deleters:
                continue
            if name in self._setters:
                self._take(step, name, self._setters[name])
            elif name in self._parameters:
                step.parameters.append(self._parameters[name])
                self._used.add(name)
        for name in sorted(self._unsure & set(brought.carried)):
            self.notes.append(
                f"No step sets {name}, and steps change it in place: {step.cell.name} begins with"
                f" what it is now. Set {name} in a step."
            )
        for name, why in brought.refused.items():
            self._refuse(step, name, why)

    def _take(self, step: Step, name: str, source: Step) -> None:
        variable = source.gives.get(name) or self._variable(source, name)
        source.gives[name] = variable
        step.takes[name] = (source, variable)
        if source not in step.after:
            step.after.append(source)

    def _variable(self, source: Step, name: str) -> Variable:
        """Return a variable as its step gives it, after seeing whether that can be."""
        bound = self._codes[source.cell.name].bound.get(name)
        fact = self._facts.get(source.cell.name, {}).get(name)
        why = None
        if bound is not None:
            why = f"is {bound}, which cannot be handed on; make it in the step that uses it"
        elif self._is_known(source, name):
            why = values.obstacle(name, self._live[name])
        if why is not None:
            self._problem(source.cell, f"{name} {why}.", name)
        if fact is None:
            return Variable(name)
        return Variable(name, fact.kind, fact.schema, fact.what)

    def _note_sets(self, step: Step, code: Code) -> None:
        changed = {name for name in code.changed if name in step.takes or self._is_open(name)}
        for name in sorted((code.names.stored | changed) - code.names.deleted):
            self._deleters.pop(name, None)
            before = self._setters.get(name)
            if before is not None and name not in step.takes and before.gives.get(name):
                self.notes.append(
                    f"{name} is set by {before.cell.name} and by {step.cell.name}; steps below"
                    f" {step.cell.name} take it from there."
                )
            if name in code.definitions:
                self._setters.pop(name, None)
                self._definitions[name] = code.definitions[name]
            else:
                self._definitions.pop(name, None)
                self._setters[name] = step
        for name in code.names.deleted:
            self._setters.pop(name, None)
            self._definitions.pop(name, None)
            if name in self._parameters or name not in self._live:
                self._namespace.pop(name, None)
            # Where it is still there, a cell that is no step has set it again.
            if name not in self._namespace:
                self._deleters[name] = step

    def _is_open(self, name: str) -> bool:
        """Tell whether a name is a value of the notebook around the steps that can be changed."""
        return name not in self._definitions and type(self._namespace.get(name)) in CHANGEABLE

    def _refuse(self, step: Step, name: str, why: str) -> None:
        later = [
            cell.name
            for cell in self._cells
            if name in self._codes[cell.name].names.stored and cell.name != step.cell.name
        ]
        is_used = why.startswith("used in")
        used = f"{name} is {why.partition(',')[0]}"
        if is_used and name in self._deleters:
            cell = self._deleters[name].cell
            sentence = (
                f"{used}, and {cell.name} ({cell.place}) has deleted it. Take del {name} out there,"
                " or set it again in a step between."
            )
        elif is_used and later:
            sentence = (
                f"{used}, and only {later[0]} sets it, which runs later. Run the"
                f" cells in order after %pipeline clear, or add --after {later[0]}."
            )
        elif is_used:
            sentence = f"{used}, and no step or cell before it makes it.{self._cure(step, name)}"
        else:
            sentence = f"{name} {why}."
        self._problem(step.cell, sentence, name)

    def _cure(self, step: Step, name: str) -> str:
        """Return what to do about a name that nothing makes, with a blank before it."""
        known = [one for one in self._live if not one.startswith("_")]
        near = get_close_matches(name, {*known, *self._setters, *self._parameters}, n=1)
        if near:
            return f" Did you mean {near[0]}?"
        stars = [cell for cell in self._cells if self._codes[cell.name].stars]
        if stars and stars[0].name != step.cell.name:
            found = self._codes[stars[0].name].stars[0]
            return f" If {found} in {stars[0].name} ({stars[0].place}) does, import it by its name."
        return " Set it in a step or cell above."

    def _problem(self, cell: StepCell, sentence: str, name: str | None = None) -> None:
        problem = Problem(f"{cell.name} ({cell.place})", sentence, name)
        if problem not in self.problems:
            self.problems.append(problem)


def key_of(name: str) -> str:
    """Return a name as KFP writes names of tasks: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "step"
