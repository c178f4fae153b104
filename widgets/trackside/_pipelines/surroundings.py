"""The notebook around its steps: its variables as they are where no step has run."""

from __future__ import annotations

import ast
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trackside._capture import magics
from trackside._capture.sources import Sources
from trackside._pipelines.reading import definition, is_definition
from trackside._pipelines.using import Uses, uses

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from trackside._pipelines.model import Parameter, StepCell
    from trackside._pipelines.reading import Code

# Plain values that code can change in place.
CHANGEABLE = (list, dict, set)


@dataclass(frozen=True)
class Surroundings:
    """The notebook as it is where no step has run.

    Attributes
    ----------
    namespace
        The variables that steps may bring along.
    definitions
        Statements of functions and classes that steps define anew: the kernel may have theirs.
    unsure
        Variables that steps change in place, of which nothing but what they are now is known.
    """

    namespace: dict[str, Any]
    definitions: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)


def without_steps(
    namespace: Mapping[str, Any],
    cells: Sequence[StepCell],
    codes: Mapping[str, Code],
    parameters: Sequence[Parameter],
) -> Surroundings:
    """Return the notebook around its steps.

    What a step sets is in the kernel what it was left at. A step finds it only where another cell
    sets it too, by a plain value, an import or a definition.
    """
    found = Surroundings(dict(namespace))
    variables = found.namespace
    sources = {cell.source.strip() for cell in cells}
    history = variables.get("In")
    if isinstance(history, list):
        variables["In"] = [text for text in history if str(text).strip() not in sources]
    bound = Sources(variables)
    stored = set().union(*(code.names.stored for code in codes.values()))
    for name in sorted(stored):
        other = bound.binding(name)
        statement = other[1] if other is not None else None
        if isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        if other is not None and is_definition(statement):
            found.definitions[name] = definition(other[0], statement)
            continue
        variables.pop(name, None)
        known, value = _plain(statement, name)
        if known:
            variables[name] = value
    _set_back(found, bound, [codes[cell.name] for cell in cells if cell.ran is not None], stored)
    for parameter in parameters:
        variables[parameter.name] = parameter.default
    return found


def _set_back(
    found: Surroundings, bound: Sources, codes: Sequence[Code], stored: Collection[str]
) -> None:
    """Set plain values back to what they were before steps changed them in place."""
    changed = set().union(*(code.changed for code in codes)) - set(stored)
    elsewhere = [uses(tree) for tree in _trees(found.namespace)]
    for name in sorted(changed & set(found.namespace)):
        if type(found.namespace[name]) not in CHANGEABLE:
            continue
        other = bound.binding(name)
        _, value = _plain(other[1] if other else None, name)
        if isinstance(value, CHANGEABLE) and not any(
            _may_change(one, name, value) for one in elsewhere
        ):
            found.namespace[name] = value
        else:
            found.unsure.add(name)


def _may_change(found: Uses, name: str, value: list[Any] | dict[Any, Any] | set[Any]) -> bool:
    """Tell whether code may change the value that a variable was given."""
    parts = value.values() if isinstance(value, dict) else value
    flat = not any(isinstance(part, (*CHANGEABLE, tuple)) for part in parts)
    return name in found.changed | found.handed or (name in found.opened and not flat)


def plain_names(namespace: Mapping[str, Any]) -> Collection[str]:
    """Return the variables that cells of the notebook assign at their top level."""
    assigned = (
        node for tree in _trees(namespace) for node in tree.body if isinstance(node, ast.Assign)
    )
    return {t.id for node in assigned for t in node.targets if isinstance(t, ast.Name)}


def _trees(namespace: Mapping[str, Any]) -> Iterator[ast.Module]:
    """Yield the cells that ran, as far as they are Python."""
    history = namespace.get("In")
    for text in history if isinstance(history, list) else ():
        with suppress(SyntaxError, ValueError):
            yield ast.parse(magics.without_magics(str(text)))


def _plain(statement: ast.stmt | None, name: str) -> tuple[bool, Any]:
    """Return the value that a statement gives a name, where it is a plain one."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=node) if target == name:
            return _literal(node)
    return False, None


def _literal(node: ast.expr) -> tuple[bool, Any]:
    try:
        return True, ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None
