"""The source of what was defined in a notebook or in the main script."""

from __future__ import annotations

import ast
import inspect
import linecache
import types
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside._capture.binding import statement_binds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class Text:
    """A parsed piece of source: an executed cell, or a file."""

    source: str
    tree: ast.Module

    @cached_property
    def bindings(self) -> dict[str, ast.stmt]:
        """The last top-level statement that binds each name."""
        return {name: node for node in self.tree.body for name in statement_binds(node)}

    @cached_property
    def lazy_annotations(self) -> bool:
        """Whether ``from __future__ import annotations`` is in it."""
        return any(
            isinstance(node, ast.ImportFrom)
            and node.module == "__future__"
            and any(alias.name == "annotations" for alias in node.names)
            for node in self.tree.body
        )

    def segment(self, node: ast.stmt) -> str:
        """Return the whole lines of a statement, its decorators included."""
        first = node.lineno
        if isinstance(node, Definition) and node.decorator_list:
            first = min(first, *(decorator.lineno for decorator in node.decorator_list))
        assert node.end_lineno is not None
        # Not splitlines(): form feeds and the like are no line ends for Python.
        lines = self.source.split("\n")[first - 1 : node.end_lineno]
        return "\n".join(line.rstrip("\r") for line in lines) + "\n"


class Sources:
    """Finds definitions in the cells that were executed, or in the main script.

    Parameters
    ----------
    namespace
        The variables of the notebook; IPython keeps the executed cells in ``In``.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace
        self._texts: dict[str, Text | None] = {}

    def binding(self, name: str) -> tuple[Text, ast.stmt] | None:
        """Return the last executed top-level statement that binds a name."""
        for text in self._executed():
            if name in text.bindings:
                return text, _inner(text.bindings[name], name)
        return None

    @property
    def lazy_annotations(self) -> bool:
        """Whether annotations are not evaluated; once said, it holds for all later cells."""
        return any(text.lazy_annotations for text in self._executed())

    def called(self, method: str) -> bool:
        """Tell whether a cell has called a method as a statement of its own: ``x.method()``."""
        return any(
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
            and node.value.func.attr == method
            for text in self._executed()
            for node in text.tree.body
        )

    def function(self, function: types.FunctionType) -> tuple[Text, _Function] | None:
        """Return the ``def`` of a function, found by the line that its code remembers."""
        code = function.__code__
        text = self._file(code.co_filename)
        if text is None:
            return None
        for node in ast.walk(text.tree):
            if isinstance(node, _Function) and node.name == code.co_name:
                lines = [node.lineno, *(decorator.lineno for decorator in node.decorator_list)]
                if code.co_firstlineno in lines:
                    return text, node
        return None

    def assigned_lambda(self, name: str, function: types.FunctionType) -> str | None:
        """Return ``name = lambda …`` when the lambda was made by such a statement."""
        code = function.__code__
        text = self._file(code.co_filename)
        for node in text.tree.body if text else ():
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Lambda)
                and node.value.lineno == code.co_firstlineno
                and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
            ):
                assert text is not None
                return text.segment(node) if _alone(text, node) else ast.unparse(node) + "\n"
        return None

    def class_(self, kind: type) -> tuple[Text, ast.ClassDef] | None:
        """Return the ``class`` statement of a class defined at the top level."""
        for file in _files_of(kind):
            text = self._file(file)
            found = _class_in(text, kind.__name__) if text else None
            if text and found:
                return text, found
        for text in self._executed():
            found = _class_in(text, kind.__name__)
            if found:
                return text, found
        return None

    def _executed(self) -> Iterator[Text]:
        """Yield what was executed at the top level, the newest first."""
        cells = self._namespace.get("In")
        if isinstance(cells, list):
            for source in reversed(cells):
                text = self._parsed(str(source))
                if text is not None:
                    yield text
            return
        file = self._namespace.get("__file__")
        text = self._file(str(file)) if file else None
        if text is not None:
            yield text

    def _file(self, name: str) -> Text | None:
        lines = linecache.getlines(name)
        if not lines and name and not name.startswith("<"):
            try:
                return self._parsed(Path(name).read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError):
                return None
        return self._parsed("".join(lines)) if lines else None

    def _parsed(self, source: str) -> Text | None:
        if source not in self._texts:
            try:
                self._texts[source] = Text(source, ast.parse(source))
            except (SyntaxError, ValueError):
                self._texts[source] = None
        return self._texts[source]


def _inner(node: ast.stmt, name: str) -> ast.stmt:
    """Return the last simple statement in a compound one that binds the name."""
    if isinstance(node, ast.If | ast.Try | ast.With):
        for inner in reversed([n for n in ast.walk(node) if isinstance(n, ast.stmt)]):
            simple = isinstance(inner, ast.Import | ast.ImportFrom | ast.Assign | Definition)
            if simple and inner is not node and name in statement_binds(inner):
                return inner
    return node


def _class_in(text: Text, name: str) -> ast.ClassDef | None:
    found = [n for n in text.tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    return found[-1] if found else None


def _files_of(kind: type) -> list[str]:
    """Return the files in which the methods of a class were compiled."""
    found: dict[str, None] = {}
    for member in vars(kind).values():
        function = getattr(member, "__func__", getattr(member, "fget", member))
        function = inspect.unwrap(function) if callable(function) else function
        if isinstance(function, types.FunctionType):
            code = function.__code__
            if function.__qualname__.startswith(f"{kind.__qualname__}."):
                found[code.co_filename] = None
    return [file for file in found if file != "<string>"]


def _alone(text: Text, node: ast.stmt) -> bool:
    """Tell whether no other statement shares the lines of this one."""
    assert node.end_lineno is not None
    lines = range(node.lineno, node.end_lineno + 1)
    return all(
        other is node or (other.lineno not in lines and other.end_lineno not in lines)
        for other in text.tree.body
    )
