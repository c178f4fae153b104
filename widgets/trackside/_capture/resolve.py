"""Turning the names that code needs into a preamble: imports, values and definitions."""

from __future__ import annotations

import ast
import builtins
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside._capture import describe, literals
from trackside._capture.binding import stores
from trackside._capture.definitions import Definitions, Unmakeable
from trackside._capture.flow import Names
from trackside._capture.imports import import_of_object, imports_of_module, star_names
from trackside._capture.names import analyse
from trackside._capture.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from trackside._capture.model import Capture
    from trackside._capture.modules import Modules

# IPython adds names of its own to the builtins.
_BUILTINS = frozenset(dir(builtins)) - {"get_ipython", "__IPYTHON__"}
_MODULE_NAMES = frozenset({"__name__", "__doc__", "__builtins__", "__file__", "__annotations__"})
_HISTORY = frozenset({"In", "Out", "_", "__", "___", "_ih", "_oh", "_dh", "_i", "_ii", "_iii"})


@dataclass
class _Defined:
    source: str
    first: set[str]  # what it uses while it is made
    later: set[str]  # what it uses at all


class Resolver:
    """Resolves names in a notebook's namespace, and what their definitions need in turn.

    Parameters
    ----------
    namespace
        The notebook's variables.
    capture
        Where refusals and names that travel are noted.
    modules
        Takes local modules along.
    params
        Names that the job sets before the code runs.
    stored
        Names that the cell sets itself.
    """

    def __init__(
        self,
        namespace: Mapping[str, Any],
        capture: Capture,
        modules: Modules,
        *,
        params: Collection[str] = (),
        stored: Collection[str] = (),
    ) -> None:
        self._namespace = namespace
        self._capture = capture
        self._modules = modules
        self._params = frozenset(params)
        self._stored = frozenset(stored)
        self.sources = Sources(namespace)
        self._definer = Definitions(namespace, self.sources)
        self._imports: set[str] = set()
        self._values: dict[str, str] = {}
        self._definitions: dict[str, _Defined] = {}
        self._done: dict[str, bool] = {}
        self._undefined: dict[str, str] = {}
        self._global: set[str] = set()
        self.mentioned: set[str] = set()
        self.trees: list[ast.Module] = []
        self.paths: dict[str, str] = {}

    def need(self, names: Names, tree: ast.Module, place: Callable[[int], str]) -> None:
        """Resolve what a piece of code needs.

        Parameters
        ----------
        names
            Its analysed names.
        tree
            The code, for the imports and files in it.
        place
            Says for a line of it where it is: ``line 3``, ``load_split()``.
        """
        self.trees.append(tree)
        self._modules.follow(tree)
        self.mentioned |= set(names.required) | set(names.optional)
        self._global |= stores(tree.body, everywhere=True)
        stars = star_names(tree)
        top = len(self.trees) == 1
        for name in sorted({**names.required, **names.optional}):
            # Definitions are made before the params are set.
            if name in self._params and (top or name not in names.immediate):
                continue
            sure = name in names.required and stars is not None and name not in stars
            if name in self._stored and name not in names.immediate:
                sure = False
            line = names.required.get(name)
            self._resolve(name, names, place(line) if line and sure else None)

    def require(self, name: str, value: object) -> None:
        """Resolve one name to this value, whatever the namespace says."""
        self._namespace = {**self._namespace, name: value}
        self._definer = Definitions(self._namespace, self.sources)
        self._resolve(name, Names(), "the job")

    def analyse(self, tree: ast.Module) -> Names:
        """Return what code of this notebook needs."""
        return analyse(tree, lazy_annotations=self.sources.lazy_annotations)

    def preamble(self) -> str:
        """Return the source that gives the code all its names, the same for the same needs.

        What is defined nowhere is refused by then: any of the code may set it with ``global``.
        """
        for name, place in self._undefined.items():
            if name not in self._global:
                self._refuse(name, "", f"used in {place}, but not defined in the notebook")
        parts = []
        if self.sources.lazy_annotations:
            parts.append("from __future__ import annotations\n")
        if self._imports:
            parts.append("".join(f"{line}\n" for line in sorted(self._imports)))
        if self._values:
            parts.append("".join(f"{n} = {text}\n" for n, text in sorted(self._values.items())))
        parts.extend(self._definitions[name].source for name in self._ordered())
        return "\n\n".join(parts)

    def _ordered(self) -> list[str]:
        """Return the definitions so that each stands below those it needs when it is made."""
        ordered: dict[str, None] = {}
        visiting: set[tuple[str, bool]] = set()

        def visit(name: str, *, used: bool) -> None:
            if (name, used) in visiting or name not in self._definitions:
                return
            visiting.add((name, used))
            defined = self._definitions[name]
            # What is used while another is made, a decorator or a base, needs all of its own.
            for needed in sorted(defined.later if used else defined.first):
                visit(needed, used=True)
            ordered.setdefault(name)

        for name in sorted(self._definitions):
            visit(name, used=False)
        return list(ordered)

    def _resolve(self, name: str, names: Names, place: str | None) -> None:
        """Take a name along; refuse it when it cannot be and a place surely needs it."""
        done = self._done.get(name)
        if done or (done is False and place is None):
            if done and isinstance(self._namespace.get(name), types.ModuleType):
                self._import(name, self._namespace[name], names)  # It may use further submodules.
            return
        if name not in self._namespace:
            known = name in _BUILTINS or name in _MODULE_NAMES or name == "display"
            self._done[name] = known
            if place is not None and not known:
                self._undefined[name] = place
            return
        value = self._namespace[name]
        self._done[name] = True  # Before its own needs: definitions may need each other.
        try:
            if self._travels(name, value, names):
                return
            what, why = self._why_not(name, value) if place is not None else ("", "")
        except Unmakeable as obstacle:
            what, why = obstacle.what, obstacle.why
        self._done[name] = False
        if place is not None:
            self._refuse(name, what, why)

    def _travels(self, name: str, value: object, names: Names) -> bool:
        """Take a name along, or tell that it cannot be."""
        if name in _HISTORY or name == "get_ipython" or literals.looks_secret(name, value):
            return False
        if (name in _BUILTINS or name == "display") and _of_shell(value):
            return True  # IPython's own `open` and `exit` do what Python's do.
        if name in _MODULE_NAMES:
            return True
        statement = import_of_object(name, value, self.sources)
        if statement is None and isinstance(value, types.ModuleType):
            return self._import(name, value, names)
        if statement is not None:
            module, text = statement
            self._imports.add(text)
            return self._modules.add_loaded(module)
        try:
            self._values[name] = literals.expression(value)
        except literals.NotLiteral:
            return self._define(name, value)
        self._capture.took.append(name)
        if isinstance(value, str) or hasattr(value, "__fspath__"):
            self.paths[name] = str(value)
        return True

    def _why_not(self, name: str, value: object) -> tuple[str, str]:
        what = describe.what(value)
        if name in _HISTORY:
            return what, "the history of the notebook does not travel; give the value a name"
        if name == "get_ipython":
            return what, "jobs run plain Python; take it out of the cell"
        if literals.looks_secret(name, value):
            use = f"pass it with --env {name} and read os.environ[{name!r}]"
            return type(value).__name__, f"it looks like a secret; {use}"
        part, too_large = None, False
        try:
            literals.expression(value, self._definer.leaf)
        except literals.NotLiteral as obstacle:
            too_large = obstacle.too_large
            part = None if obstacle.part is value else obstacle.part
        return what, describe.advice(name, value, part, too_large=too_large)

    def _refuse(self, name: str, what: str, why: str) -> None:
        self._capture.refuse(name, what, why)

    # Imports

    def _import(self, name: str, module: types.ModuleType, names: Names) -> bool:
        statements = imports_of_module(name, module, names.chains.get(name, set()))
        if statements is None:
            return False
        self._imports.update(statements)
        found = [self._modules.add_loaded(text.split()[1]) for text in sorted(statements)]
        return all(found)

    def _define(self, name: str, value: object) -> bool:
        source = self._definer.source(name, value)
        if source is None:
            return False
        self._capture.took.append(name)
        tree = ast.parse(source)
        needs = self.analyse(tree)
        later = set(needs.required) | set(needs.optional)
        self._definitions[name] = _Defined(source, needs.immediate, later)
        self.need(needs, tree, lambda _: f"{name}()" if callable(value) else name)
        return True


def _of_shell(value: object) -> bool:
    module = getattr(value, "__module__", None) or type(value).__module__
    return str(module).split(".")[0] in ("IPython", "ipykernel", "io", "_io", "_sitebuiltins")
