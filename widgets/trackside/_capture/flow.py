"""What is known about names while code is read in the order in which it runs."""

from __future__ import annotations

import ast
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from trackside._capture.binding import stores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_LEAVES = (ast.Raise, ast.Return, ast.Continue, ast.Break)


@dataclass
class Names:
    """The needs of a piece of code.

    Attributes
    ----------
    required, optional
        The names, each with the line where it is first read.
    immediate
        Those of them that are read while the code runs, and not only in bodies of functions.
    stored
        The names that the code sets at its top level.
    overwritten
        Those of them that are certainly set before they are read.
    deleted
        The names that are certainly no longer there when the code has run.
    chains
        For each needed name the dotted paths that start at it: ``{"np": {"np.random.rand"}}``.
    """

    required: dict[str, int] = field(default_factory=dict)
    optional: dict[str, int] = field(default_factory=dict)
    immediate: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    overwritten: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    chains: dict[str, set[str]] = field(default_factory=dict)


@dataclass
class Scope:
    kind: Literal["class", "function", "comprehension"]
    bound: set[str]
    outside: set[str] = field(default_factory=set)  # declared global


@dataclass
class Loop:
    stores: set[str]
    conditions: int = 0


class Flow(ast.NodeVisitor):
    """Keeps the scopes, branches and loops around the place that is read.

    Parameters
    ----------
    own_stores
        What the module's own statements set.
    all_stores
        The same with what functions set by ``global``.
    """

    def __init__(self, own_stores: set[str], all_stores: set[str]) -> None:
        self.names = Names()
        self.all_stores = all_stores
        self._own_stores = own_stores
        self._scopes: list[Scope] = []
        self._certain: set[str] = set()
        # Functions may have set these with `global` before they are read.
        self._perhaps = all_stores - own_stores
        self._loops: list[Loop] = []
        self._conditions = 0
        self.lazy_annotations = False

    def statements(self, body: Sequence[ast.stmt]) -> None:
        """Visit statements one after the other."""
        for statement in body:
            self.visit(statement)

    def is_inner(self, name: str) -> bool:
        """Tell whether a name is here one of a function, class or comprehension around it."""
        for depth, scope in enumerate(reversed(self._scopes)):
            if name in scope.outside:
                return False
            # Names of a class are seen by its own statements only, not by what is nested in it.
            if name in scope.bound and (scope.kind != "class" or depth == 0):
                return True
        return False

    def load(self, name: str, line: int, chain: str | None = None) -> None:
        """Note that a name is read here, perhaps with a dotted path behind it."""
        if self.is_inner(name):
            return
        deferred = any(scope.kind == "function" for scope in self._scopes)
        if deferred:
            if name in self._own_stores:
                return
        elif name in self._certain:
            return
        else:
            self.names.immediate.add(name)
        if chain:
            self.names.chains.setdefault(name, set()).add(chain)
        guarded = any(name in loop.stores and loop.conditions for loop in self._loops)
        unsure = name in self._perhaps or (guarded and not deferred)
        (self.names.optional if unsure else self.names.required).setdefault(name, line)

    def store(self, name: str) -> None:
        """Note that a name is set here."""
        scope = self._scopes[-1] if self._scopes else None
        if all(one.kind == "comprehension" for one in self._scopes):
            self.names.deleted.discard(name)
        if scope is None:
            known = name in self.names.required or name in self.names.optional
            if not known and not self._conditions and not self._loops:
                self.names.overwritten.add(name)
            self._certain.add(name)
        elif scope.kind == "class":
            scope.bound.add(name)
        elif scope.kind == "comprehension" and all(s.kind != "function" for s in self._scopes):
            self._certain.add(name)  # A walrus binds outside of its comprehension.

    def delete(self, name: str) -> None:
        """Note that a name is deleted here."""
        if not self._scopes and not self._conditions:
            self.names.deleted.add(name)

    @contextmanager
    def branch(self) -> Iterator[None]:
        """Visit what may not run: what it sets is perhaps set afterwards."""
        before = set(self._certain)
        self._conditions += 1
        for loop in self._loops:
            loop.conditions += 1
        yield
        for loop in self._loops:
            loop.conditions -= 1
        self._conditions -= 1
        self._perhaps |= self._certain - before
        self._certain = before

    def branches(self, bodies: Iterable[Sequence[ast.stmt]]) -> None:
        """Visit alternatives: what each of them sets is certain afterwards."""
        before = set(self._certain)
        in_all: set[str] | None = None
        for body in bodies:
            with self.branch():
                self.statements(body)
                after = set(self._certain)
            if not (body and isinstance(body[-1], _LEAVES)):
                in_all = after if in_all is None else in_all & after
        self._certain = before | (in_all or set())

    @contextmanager
    def loop(self, body: Sequence[ast.AST]) -> Iterator[None]:
        # A loop that runs at least once is the rule: what it sets counts as set afterwards.
        self._loops.append(Loop(stores(body)))
        yield
        self._loops.pop()

    @contextmanager
    def function(self, arguments: ast.arguments, body: Sequence[ast.AST]) -> Iterator[None]:
        outside, nonlocal_ = _declared(body)
        bound = {argument.arg for argument in arguments_of(arguments)}
        bound |= stores(body) - outside - nonlocal_
        self._scopes.append(Scope("function", bound | {"__class__"}, outside))
        yield
        self._scopes.pop()

    @contextmanager
    def type_params(self, node: ast.AST) -> Iterator[None]:
        names = {param.name for param in getattr(node, "type_params", ())}
        if names:
            self._scopes.append(Scope("comprehension", names))
        yield
        if names:
            self._scopes.pop()


def arguments_of(arguments: ast.arguments) -> list[ast.arg]:
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    found.extend(extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None)
    return found


def _declared(body: Sequence[ast.AST]) -> tuple[set[str], set[str]]:
    """Return the names declared global and nonlocal in a function, not in those nested in it."""
    outside: set[str] = set()
    nonlocal_: set[str] = set()
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Global):
            outside.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            nonlocal_.update(node.names)
        elif not isinstance(node, _Function | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))
    return outside, nonlocal_
