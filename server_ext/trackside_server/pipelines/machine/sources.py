"""Where a value comes from, looked up among the nodes of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.pipelines.ir.model import ComponentInput, Constant, FinalStatus

from . import evaluation
from .paths import of_task
from .reasons import UnresolvedError
from .status import final_status

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackside_server.pipelines.ir.model import ParameterBinding, Value

    from .state import Node, Run


def value_of(
    node_at: Callable[[str], Node], run: Run, node: Node, binding: ParameterBinding, what: str
) -> Value:
    """Find a value; None where it was left out.

    Parameters
    ----------
    node_at
        Gives the node at a path.
    run
        The run.
    node
        The task that takes the value.
    binding
        Where it comes from.
    what
        What the value is, as a sentence begins with it.

    Raises
    ------
    UnresolvedError
        The selector finds nothing in it.
    """
    value = _source(node_at, run, node, binding)
    if value is None or not binding.selector:
        return value
    try:
        return evaluation.select(binding.selector, value)
    except evaluation.ExpressionError as error:
        message = f"{what} cannot be taken from its source. {error.message}"
        raise UnresolvedError("SELECTOR_FAILED", message) from None


def _source(
    node_at: Callable[[str], Node], run: Run, node: Node, binding: ParameterBinding
) -> Value:
    source = binding.source
    if isinstance(source, Constant):
        return source.value
    above = node_at(node.parent or "")
    if isinstance(source, ComponentInput):
        return None if above.inputs is None else above.inputs.parameters.get(source.name)
    other = node_at(of_task(above.path, source.task))
    if isinstance(source, FinalStatus):
        return final_status(run, other)
    return None if other.outputs is None else other.outputs.parameters.get(source.output)
