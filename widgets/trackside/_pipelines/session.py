"""The steps of a session: cells that were run as steps, and what was seen of their variables."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trackside._capture import magics
from trackside._capture.params import variables
from trackside._options import memory_bytes
from trackside._pipelines import values
from trackside._pipelines.model import Parameter
from trackside._pipelines.reading import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside._pipelines.model import StepCell
    from trackside._pipelines.values import Fact


class Session:
    """What became of the cells of a notebook."""

    def __init__(self) -> None:
        self._cells: dict[str, StepCell] = {}
        self._facts: dict[str, dict[str, Fact]] = {}
        self._parameters: dict[str, Parameter] = {}

    @property
    def cells(self) -> list[StepCell]:
        """The steps, in the order in which their cells first ran."""
        return list(self._cells.values())

    @property
    def facts(self) -> Mapping[str, Mapping[str, Fact]]:
        """What was seen of the variables of each step that ran in the kernel."""
        return self._facts

    @property
    def parameters(self) -> list[Parameter]:
        """The pipeline's parameters."""
        return list(self._parameters.values())

    def add(self, cell: StepCell) -> None:
        """Take a cell as a step; one that has run before keeps its place.

        A cell that was a step of another name is no longer that one.
        """
        read(cell)
        if cell.memory is not None:
            memory_bytes(cell.memory)
        if cell.cell_id is not None:
            for name in [n for n, c in self._cells.items() if c.cell_id == cell.cell_id]:
                if name != cell.name:
                    self.forget(name)
        self._cells[cell.name] = cell
        self._facts.pop(cell.name, None)

    def ran(self, name: str, namespace: Mapping[str, Any]) -> None:
        """Note what the variables of a step hold, now that it has run in the kernel."""
        code = read(self._cells[name])
        self._cells[name] = replace(self._cells[name], ran=True)
        self._facts[name] = {
            variable: values.seen(namespace[variable])
            for variable in code.names.stored | code.changed
            if variable in namespace
        }

    def parametrise(self, source: str) -> None:
        """Take the plain assignments of a cell as the pipeline's parameters."""
        # What is no Python in it is blanked out, so that all lines keep their places.
        for found in variables(ast.parse(magics.without_magics(source)), source):
            if values.is_parameter(found.default):
                self._parameters[found.name] = Parameter(found.name, found.default, found.help)

    def forget(self, name: str) -> None:
        """Forget a step."""
        self._cells.pop(name, None)
        self._facts.pop(name, None)

    def clear(self) -> None:
        """Forget all steps and parameters."""
        self._cells.clear()
        self._facts.clear()
        self._parameters.clear()


SESSION = Session()
