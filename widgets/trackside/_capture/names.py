"""Which names a piece of code needs from outside, found in its syntax tree.

The code is the body of a module: a cell, a script, or one definition. Statements run in order, so
a name that is set before it is read is not needed; bodies of functions run later, so for them it
suffices that the module sets the name at all. Where it depends on a branch whether a name is set,
the need is optional: taken along when it can be, never a reason to refuse.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from trackside._capture.binding import bound_names, stores
from trackside._capture.flow import Flow, Names, Scope, arguments_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def analyse(tree: ast.Module, *, lazy_annotations: bool = False) -> Names:
    """Return the names that a module's code needs from outside.

    Parameters
    ----------
    tree
        The code.
    lazy_annotations
        Whether annotations are not evaluated, as after ``from __future__ import annotations``.
    """
    walk = Walk(stores(tree.body), stores(tree.body, everywhere=True))
    walk.lazy_annotations = lazy_annotations
    walk.statements(tree.body)
    found = walk.names
    found.stored = walk.all_stores
    for name in found.required:
        found.optional.pop(name, None)
    return found


class Walk(Flow, ast.NodeVisitor):
    """Visits nodes in the order in which they run."""

    # Reading and setting names

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.store(node.id)
        else:
            self.load(node.id, node.lineno)
        if isinstance(node.ctx, ast.Del):
            self.delete(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        parts = [node.attr]
        inner: ast.expr = node.value
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            chain = ".".join([inner.id, *reversed(parts)])
            self.load(inner.id, inner.lineno, chain)
        else:
            self.visit(inner)

    # Statements

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.load(node.target.id, node.lineno)
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
        self.store(node.target.id)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.store(alias.asname or alias.name.split(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if node.module == "__future__" and alias.name == "annotations":
                self.lazy_annotations = True
            if alias.name != "*":
                self.store(alias.asname or alias.name)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.visit(node.target)
        with self.loop(node.body):
            self.statements(node.body)
        self.statements(node.orelse)

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        with self.loop(node.body):
            self.statements(node.body)
        self.statements(node.orelse)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self.branches([node.body, node.orelse])

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        bodies: list[Sequence[ast.stmt]] = []
        for case in node.cases:
            with self.branch():
                self.visit(case.pattern)
                if case.guard is not None:
                    self.visit(case.guard)
            bodies.append(case.body)
        for case in node.cases:
            for name in bound_names(case.pattern):
                self._certain.add(name)
        self.branches([*bodies, []])

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
        with self.branch():
            if node.name:
                self.store(node.name)
            self.statements(node.body)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        with self.branch():
            self.visit(node.body)
        with self.branch():
            self.visit(node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        with self.branch():
            for value in node.values[1:]:
                self.visit(value)

    # Definitions

    def visit_FunctionDef(self, node: _Function) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._defaults(node.args)
        with self.type_params(node):
            for argument in arguments_of(node.args):
                if argument.annotation is not None:
                    self._annotation(argument.annotation)
            if node.returns is not None:
                self._annotation(node.returns)
            with self.function(node.args, node.body):
                self.statements(node.body)
        self.store(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._defaults(node.args)
        with self.function(node.args, [node.body]):
            self.visit(node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        with self.type_params(node):
            for base in [*node.bases, *(keyword.value for keyword in node.keywords)]:
                self.visit(base)
            self._scopes.append(Scope("class", {"__module__", "__qualname__"}))
            self.statements(node.body)
            self._scopes.pop()
        self.store(node.name)

    def visit_ListComp(self, node: _Comprehension) -> None:
        first, *others = node.generators
        self.visit(first.iter)
        targets = {name for g in node.generators for name in bound_names(g.target)}
        self._scopes.append(Scope("comprehension", targets))
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
            self.store(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.store(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self.store(node.rest)

    def _defaults(self, arguments: ast.arguments) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.visit(default)

    def _annotation(self, node: ast.expr) -> None:
        if self.lazy_annotations:
            with self.branch():
                self._perhaps |= bound_names(node, loaded=True)
                self.visit(node)
        else:
            self.visit(node)

    def visit_TypeAlias(self, node: ast.AST) -> None:
        # Its value is evaluated when somebody asks for it.
        name = node.name  # type: ignore[attr-defined]  # since Python 3.12
        with self.type_params(node):
            self._scopes.append(Scope("function", set()))
            self.visit(node.value)  # type: ignore[attr-defined]
            self._scopes.pop()
        self.visit(name)
