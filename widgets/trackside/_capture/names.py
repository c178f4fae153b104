"""Which names a piece of code needs from outside, found in its syntax tree.

The code is the body of a module: a cell, a script, or one definition. Statements run in order, so
a name that is set before it is read is not needed; bodies of functions run later, so for them it
suffices that the module sets the name at all. Where it depends on a branch whether a name is set,
the need is optional: taken along when it can be, never a reason to refuse.
"""

from __future__ import annotations

import ast
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from trackside._capture.binding import bound_names, stores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
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
    chains
        For each needed name the dotted paths that start at it: ``{"np": {"np.random.rand"}}``.
    """

    required: dict[str, int] = field(default_factory=dict)
    optional: dict[str, int] = field(default_factory=dict)
    immediate: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    overwritten: set[str] = field(default_factory=set)
    chains: dict[str, set[str]] = field(default_factory=dict)


def analyse(tree: ast.Module, *, lazy_annotations: bool = False) -> Names:
    """Return the names that a module's code needs from outside.

    Parameters
    ----------
    tree
        The code.
    lazy_annotations
        Whether annotations are not evaluated, as after ``from __future__ import annotations``.
    """
    walk = _Walk(stores(tree.body), stores(tree.body, everywhere=True))
    walk.lazy_annotations = lazy_annotations
    walk.statements(tree.body)
    found = walk.names
    found.stored = walk.all_stores
    for name in found.required:
        found.optional.pop(name, None)
    return found


@dataclass
class _Scope:
    kind: Literal["class", "function", "comprehension"]
    bound: set[str]
    outside: set[str] = field(default_factory=set)  # declared global


@dataclass
class _Loop:
    stores: set[str]
    conditions: int = 0


class _Walk(ast.NodeVisitor):
    """Visits nodes in the order in which they run."""

    def __init__(self, own_stores: set[str], all_stores: set[str]) -> None:
        self.names = Names()
        self.all_stores = all_stores
        self._own_stores = own_stores
        self._scopes: list[_Scope] = []
        self._certain: set[str] = set()
        # Functions may have set these with `global` before they are read.
        self._perhaps = all_stores - own_stores
        self._loops: list[_Loop] = []
        self._conditions = 0
        self.lazy_annotations = False

    def statements(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self.visit(statement)

    # Reading and setting names

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._store(node.id)
        else:
            self._load(node.id, node.lineno)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        parts = [node.attr]
        inner: ast.expr = node.value
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            chain = ".".join([inner.id, *reversed(parts)])
            self._load(inner.id, inner.lineno, chain)
        else:
            self.visit(inner)

    def _load(self, name: str, line: int, chain: str | None = None) -> None:
        deferred = False
        for depth, scope in enumerate(reversed(self._scopes)):
            if name in scope.outside:
                deferred = True
                break
            # Names of a class are seen by its own statements only, not by what is nested in it.
            if name in scope.bound and (scope.kind != "class" or depth == 0):
                return
            deferred = deferred or scope.kind == "function"
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

    def _store(self, name: str) -> None:
        scope = self._scopes[-1] if self._scopes else None
        if scope is None:
            known = name in self.names.required or name in self.names.optional
            if not known and not self._conditions and not self._loops:
                self.names.overwritten.add(name)
            self._certain.add(name)
        elif scope.kind == "class":
            scope.bound.add(name)
        elif scope.kind == "comprehension" and all(s.kind != "function" for s in self._scopes):
            self._certain.add(name)  # A walrus binds outside of its comprehension.

    # Statements

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._load(node.target.id, node.lineno)
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if not any(scope.kind == "function" for scope in self._scopes):
            self._annotation(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._store(node.target.id)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._store(alias.asname or alias.name.split(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if node.module == "__future__" and alias.name == "annotations":
                self.lazy_annotations = True
            if alias.name != "*":
                self._store(alias.asname or alias.name)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.visit(node.target)
        with self._loop(node.body):
            self.statements(node.body)
        self.statements(node.orelse)

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        with self._loop(node.body):
            self.statements(node.body)
        self.statements(node.orelse)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._branches([node.body, node.orelse])

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        bodies: list[Sequence[ast.stmt]] = []
        for case in node.cases:
            with self._branch():
                self.visit(case.pattern)
                if case.guard is not None:
                    self.visit(case.guard)
            bodies.append(case.body)
        for case in node.cases:
            for name in bound_names(case.pattern):
                self._certain.add(name)
        self._branches([*bodies, []])

    def visit_Try(self, node: ast.Try) -> None:
        self.statements(node.body)
        for handler in node.handlers:
            self.visit(handler)
        self.statements(node.orelse)
        self.statements(node.finalbody)

    visit_TryStar = visit_Try  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        with self._branch():
            if node.name:
                self._store(node.name)
            self.statements(node.body)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        with self._branch():
            self.visit(node.body)
        with self._branch():
            self.visit(node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        with self._branch():
            for value in node.values[1:]:
                self.visit(value)

    @contextmanager
    def _branch(self) -> Iterator[None]:
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

    def _branches(self, bodies: Iterable[Sequence[ast.stmt]]) -> None:
        """Visit alternatives: what each of them sets is certain afterwards."""
        before = set(self._certain)
        in_all: set[str] | None = None
        for body in bodies:
            with self._branch():
                self.statements(body)
                after = set(self._certain)
            if not (body and isinstance(body[-1], _LEAVES)):
                in_all = after if in_all is None else in_all & after
        self._certain = before | (in_all or set())

    @contextmanager
    def _loop(self, body: Sequence[ast.AST]) -> Iterator[None]:
        # A loop that runs at least once is the rule: what it sets counts as set afterwards.
        self._loops.append(_Loop(stores(body)))
        yield
        self._loops.pop()

    # Definitions

    def visit_FunctionDef(self, node: _Function) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._defaults(node.args)
        with self._type_params(node):
            for argument in _arguments(node.args):
                if argument.annotation is not None:
                    self._annotation(argument.annotation)
            if node.returns is not None:
                self._annotation(node.returns)
            with self._function(node.args, node.body):
                self.statements(node.body)
        self._store(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._defaults(node.args)
        with self._function(node.args, [node.body]):
            self.visit(node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        with self._type_params(node):
            for base in [*node.bases, *(keyword.value for keyword in node.keywords)]:
                self.visit(base)
            self._scopes.append(_Scope("class", {"__module__", "__qualname__"}))
            self.statements(node.body)
            self._scopes.pop()
        self._store(node.name)

    def visit_ListComp(self, node: _Comprehension) -> None:
        first, *others = node.generators
        self.visit(first.iter)
        targets = {name for g in node.generators for name in bound_names(g.target)}
        self._scopes.append(_Scope("comprehension", targets))
        for condition in first.ifs:
            self.visit(condition)
        for generator in others:
            self.visit(generator.iter)
            for condition in generator.ifs:
                self.visit(condition)
        if isinstance(node, ast.DictComp):
            self.visit(node.key)
            self.visit(node.value)
        else:
            self.visit(node.elt)
        self._scopes.pop()

    visit_SetComp = visit_ListComp  # noqa: N815
    visit_DictComp = visit_ListComp  # noqa: N815
    visit_GeneratorExp = visit_ListComp  # noqa: N815

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self.generic_visit(node)
        if node.name:
            self._store(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._store(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self._store(node.rest)

    def _defaults(self, arguments: ast.arguments) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.visit(default)

    def _annotation(self, node: ast.expr) -> None:
        if self.lazy_annotations:
            with self._branch():
                self._perhaps |= bound_names(node, loaded=True)
                self.visit(node)
        else:
            self.visit(node)

    @contextmanager
    def _function(self, arguments: ast.arguments, body: Sequence[ast.AST]) -> Iterator[None]:
        outside, nonlocal_ = _declared(body)
        bound = {argument.arg for argument in _arguments(arguments)}
        bound |= stores(body) - outside - nonlocal_
        self._scopes.append(_Scope("function", bound | {"__class__"}, outside))
        yield
        self._scopes.pop()

    @contextmanager
    def _type_params(self, node: ast.AST) -> Iterator[None]:
        names = {param.name for param in getattr(node, "type_params", ())}
        if names:
            self._scopes.append(_Scope("comprehension", names))
        yield
        if names:
            self._scopes.pop()

    def visit_TypeAlias(self, node: ast.AST) -> None:
        # Its value is evaluated when somebody asks for it.
        name = node.name  # type: ignore[attr-defined]  # since Python 3.12
        with self._type_params(node):
            self._scopes.append(_Scope("function", set()))
            self.visit(node.value)  # type: ignore[attr-defined]
            self._scopes.pop()
        self.visit(name)


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
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
