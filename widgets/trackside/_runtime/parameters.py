"""The names that the parameters cell of a notebook sets."""

from __future__ import annotations

import ast

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# What they set is seen by themselves alone.
_CLOSED = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def assigned(source: str) -> frozenset[str] | None:
    """Return the names that a cell sets; None where they are not known.

    It is not Python then, or imports whatever a module has.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    found: set[str] = set()
    pending: list[ast.AST] = [*tree.body]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, _DEFINITIONS):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif not isinstance(node, _CLOSED):
            pending.extend(ast.iter_child_nodes(node))
    return None if "*" in found else frozenset(found)


def unknown(label: str, name: str) -> str:
    """Return words about a value that the parameters cell has no name for."""
    return f"The parameters cell of {label} has no {name!r}: it is set all the same."
