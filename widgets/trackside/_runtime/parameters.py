"""The names that the parameters cell of a notebook sets."""

from __future__ import annotations

import ast


def assigned(source: str) -> frozenset[str] | None:
    """Return the names that a cell assigns; None where it is not Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    return frozenset(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )


def unknown(label: str, name: str) -> str:
    """Return words about a value that the parameters cell has no name for."""
    return f"The parameters cell of {label} has no {name!r}: it is set all the same."
