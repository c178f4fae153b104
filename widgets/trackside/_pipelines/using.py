"""What code does with the objects that variables hold: what it changes, and what it hands on."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trackside._capture.binding import stores
from trackside._capture.names import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

# Methods that change the object they are called on, in the libraries that are used most.
_CHANGING = frozenset(
    {"append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update", "add"}
    | {"setdefault", "popitem", "discard", "fit", "partial_fit", "load_state_dict", "compile"}
    | {"load_weights", "set_params", "fill", "shuffle", "resize", "appendleft", "popleft"}
)
# Functions that keep nothing of what they are given, and those that give back its parts at most.
_LOOKING = frozenset({"print", "display", "len", "repr", "str", "bool", "isinstance", "type"})
_OPENING = frozenset(
    {"list", "tuple", "set", "dict", "sorted", "enumerate", "zip", "reversed"}
    | {"sum", "min", "max", "any", "all"}
)


@dataclass
class Uses:
    """The variables of the module whose objects code changes or hands on, also in functions.

    Attributes
    ----------
    changed
        Those that it visibly changes in place.
    handed
        Those that it gives to a function that may change them, or another name.
    opened
        Those of whose parts it does so, or takes some.
    """

    changed: set[str] = field(default_factory=set)
    handed: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)


def uses(tree: ast.Module) -> Uses:
    """Return what code does with the objects of its module's variables."""
    walk = _Using(tree)
    try:
        walk.statements(tree.body)
    except RecursionError:
        # It is nested too deeply to be followed, so it may do anything.
        return Uses(handed={node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    return walk.found


class _Using(Walk):
    """Notes what is done with names that are the module's where they stand."""

    def __init__(self, tree: ast.Module) -> None:
        super().__init__(stores(tree.body), stores(tree.body, everywhere=True))
        self.found = Uses()
        self._looked_at = {id(node) for node in _looked_at(tree)}
        self._opened = {id(node) for node in _opened(tree)}

    def visit(self, node: ast.AST) -> None:
        """Note what a node does, and go on with its parts."""
        for name in _changed_by(node):
            self._note(self.found.changed, name)
        if isinstance(node, ast.Attribute):
            self._note(self.found.opened, _root(node))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if id(node) in self._opened:
                self._note(self.found.opened, node.id)
            elif id(node) not in self._looked_at:
                self._note(self.found.handed, node.id)
        super().visit(node)

    def _note(self, names: set[str], name: str | None) -> None:
        if name is not None and not self.is_inner(name):
            names.add(name)


def _changed_by(node: ast.AST) -> Iterator[str | None]:
    if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
        yield _root(node)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        method = node.func.attr
        in_place = any(
            keyword.arg == "inplace"
            and isinstance(keyword.value, ast.Constant)
            and keyword.value.value is True
            for keyword in node.keywords
        )
        torch_style = method.endswith("_") and not method.startswith("_")
        if in_place or torch_style or method in _CHANGING:
            yield _root(node.func.value)


def _looked_at(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions of which nothing is kept."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) as call:
                yield call.func
                if name in _LOOKING:
                    yield from call.args
            case ast.Compare(left=left, comparators=others):
                yield from (left, *others)
            case ast.Expr(value=value) | ast.FormattedValue(value=value):
                yield value
            case ast.UnaryOp(op=ast.Not(), operand=value):
                yield value
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                yield test


def _opened(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions of which no more than the parts is kept."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args) if name in _OPENING:
                yield from args
            case ast.Subscript(value=value) | ast.Starred(value=value):
                yield value
            case ast.For(iter=value) | ast.AsyncFor(iter=value) | ast.comprehension(iter=value):
                yield value
            case ast.BinOp(left=left, right=right):
                yield from (left, right)


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
