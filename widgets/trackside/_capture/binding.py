"""Which names pieces of syntax bind."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def stores(nodes: Iterable[ast.AST], *, everywhere: bool = False) -> set[str]:
    """Return the names that these nodes bind in their own scope.

    Parameters
    ----------
    nodes
        Statements, or expressions with a walrus in them.
    everywhere
        Count also what nested functions bind with ``global``.
    """
    found: set[str] = set()
    pending = list(nodes)
    while pending:
        node = pending.pop()
        found |= _of_one(node)
        if isinstance(node, _Scope):
            pending.extend(_evaluated_here(node))
            if everywhere:
                found |= _globals_in(node)
        elif isinstance(node, _Comprehension):
            found |= {n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)}
            pending.append(node.generators[0].iter)
        else:
            pending.extend(ast.iter_child_nodes(node))
    return found


def bound_names(node: ast.AST, *, loaded: bool = False) -> set[str]:
    """Return the names that a target or pattern binds; with `loaded`, those that are read."""
    if loaded:
        return {
            n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
        }
    return {name for inner in ast.walk(node) for name in _of_one(inner)}


def statement_binds(node: ast.stmt) -> set[str]:
    """Return the names that one statement binds at its level, without entering functions."""
    return stores([node])


def _of_one(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import):
        return {alias.asname or alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names} - {"*"}
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return {node.name} if node.name else set()
    if isinstance(node, ast.MatchMapping):
        return {node.rest} if node.rest else set()
    return set()


def _evaluated_here(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a definition that run in the scope around it."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    found: list[ast.AST] = [*node.args.defaults]
    found.extend(default for default in node.args.kw_defaults if default is not None)
    if not isinstance(node, ast.Lambda):
        found.extend(node.decorator_list)
    return found


def _globals_in(node: ast.AST) -> set[str]:
    declared = {name for n in ast.walk(node) if isinstance(n, ast.Global) for name in n.names}
    if not declared:
        return set()
    written = {
        name
        for n in ast.walk(node)
        if n is not node and not isinstance(n, ast.Global)
        for name in _of_one(n)
    }
    return declared & written
