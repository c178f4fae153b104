"""Source that makes again what the notebook made: functions, classes, tables of them."""

from __future__ import annotations

import ast
import functools
import inspect
import types
import typing
from typing import TYPE_CHECKING, Any

from trackside._capture import describe, literals
from trackside._capture.imports import is_at
from trackside._capture.sources import Definition, Sources

if TYPE_CHECKING:
    from collections.abc import Mapping

# What an assignment such as ``Point = namedtuple(...)`` or ``Vector = list[float]`` makes: running
# the assignment again gives the same.
_MADE_BY_ASSIGNMENT = (
    type,
    types.GenericAlias,
    types.UnionType,
    typing.TypeVar,
    typing.ParamSpec,
    type(typing.Optional[int]),  # noqa: UP045
    type(typing.List[int]),  # noqa: UP006  (the old form has a type of its own)
    typing.NewType,
)


class Unmakeable(Exception):
    """A definition whose source would not make the same thing again.

    Parameters
    ----------
    what
        What it is.
    why
        What is missing, and what to do.
    """

    def __init__(self, what: str, why: str) -> None:
        super().__init__(what, why)
        self.what = what
        self.why = why


class Definitions:
    """Finds or writes the source of a notebook's definitions.

    Parameters
    ----------
    namespace
        The notebook's variables.
    sources
        The executed cells.
    """

    def __init__(self, namespace: Mapping[str, Any], sources: Sources) -> None:
        self._namespace = namespace
        self._sources = sources

    def source(self, name: str, value: object) -> str | None:
        """Return statements that bind a name to what it holds; None when there are none.

        Raises
        ------
        Unmakeable
            When there are some, and they would not do.
        """
        found = self._defined(name, value)
        if found is None and not isinstance(value, types.FunctionType | type):
            found = self._written(name, value)
        return found or self._assigned(name, value)

    def leaf(self, value: object) -> str:
        """Return an expression for a function, class or module in a table of such.

        Raises
        ------
        NotLiteral
            When it can neither be imported nor be called by its name in the notebook.
        """
        if isinstance(value, types.ModuleType):
            return f"__import__('importlib').import_module({value.__name__!r})"
        name = getattr(value, "__qualname__", getattr(value, "__name__", None))
        home = getattr(value, "__module__", None)
        if isinstance(name, str) and isinstance(home, str):
            if home != "__main__" and is_at(home, name, value):
                return f"__import__('importlib').import_module({home!r}).{name}"
            if name.isidentifier() and self._namespace.get(name) is value:
                return name
        raise literals.NotLiteral(value)

    def _defined(self, name: str, value: object) -> str | None:
        inner = _unwrapped(value)
        if isinstance(inner, types.FunctionType) and is_main(inner):
            _check_registry(value)
            if inner.__name__ == "<lambda>":
                return None if inner.__closure__ else self._sources.assigned_lambda(name, inner)
            at = self._sources.function(inner)
            if at is not None and at[1].name == name and "<locals>" not in inner.__qualname__:
                return _alone(at[0].segment(at[1]))
        elif isinstance(value, type) and is_main(value):
            of_class = self._sources.class_(value)
            if of_class is not None and of_class[1].name == name:
                _check_members(value)
                return _alone(of_class[0].segment(of_class[1]))
        # A decorator may have made anything of the function: its definition makes it again.
        bound = self._sources.binding(name)
        if bound is not None and isinstance(bound[1], Definition) and bound[1].name == name:
            return _alone(bound[0].segment(bound[1]))
        original = getattr(value, "__name__", None)
        if original != name and self._namespace.get(str(original)) is value:
            return f"{name} = {original}\n"
        return self._closure(name, inner)

    def _written(self, name: str, value: object) -> str | None:
        """Return an assignment of a table, or of anything else that names functions."""
        try:
            text = literals.expression(value, self.leaf)
        except literals.NotLiteral:
            return None
        return f"{name} = {text}\n" if text != name else None

    def _assigned(self, name: str, value: object) -> str | None:
        """Return the statement that assigned a class or type that was not written as one."""
        if not isinstance(value, _MADE_BY_ASSIGNMENT):
            return None
        bound = self._sources.binding(name)
        if bound is None or not isinstance(bound[1], ast.Assign | ast.AnnAssign):
            return None
        return ast.unparse(bound[1]) + "\n"

    def _closure(self, name: str, value: object) -> str | None:
        """Return a function that was made in another one, with what it closes over."""
        if not isinstance(value, types.FunctionType) or "<locals>" not in value.__qualname__:
            return None
        at = self._sources.function(value)
        if at is None:
            return None
        text, node = at
        held: dict[str, str] = {}
        for variable, content in inspect.getclosurevars(value).nonlocals.items():
            if content is value:
                continue
            try:
                held[variable] = literals.expression(content, self.leaf)
            except literals.NotLiteral:
                why = f"it holds on to {variable} ({describe.what(content)}); pass that as a param"
                raise Unmakeable(f"function {node.name}", why) from None
        # The source stays indented as it is: texts in it may span lines.
        segment = text.segment(node)
        indent = segment[: len(segment) - len(segment.lstrip())]
        maker = f"_make_{name}"
        return (
            f"def {maker}({', '.join(held)}):\n{segment}{indent}return {node.name}\n\n"
            f"{name} = {maker}({', '.join(held.values())})\n"
        )


def is_main(value: object) -> bool:
    """Tell whether something was defined in the notebook or main script."""
    return getattr(value, "__module__", None) in ("__main__", "__mp_main__", None)


def _check_registry(value: object) -> None:
    """Refuse a generic function to which others were registered."""
    registry = getattr(value, "registry", None)
    if isinstance(registry, types.MappingProxyType) and len(registry) > 1:
        why = "the functions registered with it do not travel; put them into a module"
        raise Unmakeable("generic function", why)


def _check_members(kind: type) -> None:
    """Refuse a class to which methods were added after it was made."""
    for name, member in vars(kind).items():
        function = getattr(member, "__func__", getattr(member, "fget", member))
        if isinstance(function, functools.cached_property | functools.partialmethod):
            function = function.func
        added = (
            isinstance(function, types.FunctionType)
            and is_main(function)
            and not name.startswith("__")
            and "<locals>" not in function.__qualname__
            and "<lambda>" not in function.__qualname__
            and not function.__qualname__.startswith(f"{kind.__qualname__}.")
        )
        if added:
            why = f"{name} was set after the class was made; write it into the class"
            raise Unmakeable(f"class {kind.__qualname__}", why)


def _alone(segment: str) -> str:
    """Return a definition that may stand below an ``if`` as one that stands alone."""
    return f"if True:\n{segment}" if segment[:1] in (" ", "\t") else segment


def _unwrapped(value: object) -> object:
    if not callable(value):
        return value
    try:
        return inspect.unwrap(value)
    except ValueError:
        return value
