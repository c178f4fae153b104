"""The notebook around its steps: its variables as they are where no step has run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from trackside._capture import magics
from trackside._capture.sources import Definition, Sources

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from trackside._pipelines.model import Parameter, StepCell
    from trackside._pipelines.reading import Code


def without_steps(
    namespace: Mapping[str, Any],
    cells: Sequence[StepCell],
    codes: Mapping[str, Code],
    parameters: Sequence[Parameter],
) -> dict[str, Any]:
    """Return the variables that steps may bring along.

    What a step sets is in the kernel what it was left at. A step finds it only where another cell
    sets it too, by a plain value, an import or a definition.
    """
    found = dict(namespace)
    sources = {cell.source.strip() for cell in cells}
    history = found.get("In")
    if isinstance(history, list):
        found["In"] = [text for text in history if str(text).strip() not in sources]
    bound = Sources(found)
    for name in sorted(set().union(*(code.names.stored for code in codes.values()))):
        other = bound.binding(name)
        statement = other[1] if other is not None else None
        if isinstance(statement, Definition | ast.Import | ast.ImportFrom):
            continue
        found.pop(name, None)
        if isinstance(statement, ast.Assign) and _only(statement, name):
            known, value = _literal(statement.value)
            if known:
                found[name] = value
    for parameter in parameters:
        found[parameter.name] = parameter.default
    return found


def plain_names(namespace: Mapping[str, Any]) -> Collection[str]:
    """Return the variables that cells of the notebook assign at their top level."""
    history = namespace.get("In")
    names: dict[str, None] = {}
    for text in history if isinstance(history, list) else ():
        try:
            tree = ast.parse(magics.without_magics(str(text)))
        except (SyntaxError, ValueError):
            continue
        for node in tree.body:
            if isinstance(node, ast.Assign):
                names.update(dict.fromkeys(t.id for t in node.targets if isinstance(t, ast.Name)))
    return names


def _only(statement: ast.Assign, name: str) -> bool:
    return (
        len(statement.targets) == 1
        and isinstance(target := statement.targets[0], ast.Name)
        and (target.id == name)
    )


def _literal(node: ast.expr) -> tuple[bool, Any]:
    try:
        return True, ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None
