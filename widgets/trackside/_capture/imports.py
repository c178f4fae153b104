"""The import statements that bring back modules and what was imported from them."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trackside._capture.binding import stores

if TYPE_CHECKING:
    import types

    from trackside._capture.sources import Sources


def imports_of_module(name: str, module: types.ModuleType, chains: set[str]) -> set[str] | None:
    """Return the statements that bind a module to a name, with the submodules that are used.

    Parameters
    ----------
    name
        The variable.
    module
        Its value.
    chains
        The dotted paths that the code writes: ``{"xml.etree.ElementTree.parse"}``.

    Returns
    -------
    set of str or None
        None when the module cannot be imported by its own name.
    """
    full = module.__name__
    if sys.modules.get(full) is not module or full == "__main__":
        return None
    if getattr(module, "__spec__", None) is None and not _findable(full):
        return None
    found = {f"import {full}" if full == name else f"import {full} as {name}"}
    for chain in chains:
        inner = full
        for part in chain.split(".")[1:]:
            inner = f"{inner}.{part}"
            if inner not in sys.modules:
                break
            found.add(f"import {inner}")
    return found


def import_of_object(name: str, value: object, sources: Sources) -> tuple[str, str] | None:
    """Return module and statement that import an object, None when it was not imported.

    The user's own statement is preferred; else the object must be found where it says it is.
    """
    bound = sources.binding(name)
    if bound is not None and isinstance(bound[1], ast.ImportFrom) and not bound[1].level:
        module = bound[1].module or ""
        for alias in bound[1].names:
            if (alias.asname or alias.name) == name and is_at(module, alias.name, value):
                return module, _statement(module, alias.name, name)
    home = getattr(value, "__module__", None)
    if isinstance(home, str) and home != "__main__":
        called = (getattr(value, "__qualname__", None), getattr(value, "__name__", None), name)
        for original in called:
            if isinstance(original, str) and is_at(home, original, value):
                return home, _statement(home, original, name)
    # Objects such as typing.Any say only by their type where they come from.
    home = type(value).__module__
    if home not in ("builtins", "__main__") and is_at(home, name, value):
        return home, _statement(home, name, name)
    return None


def star_names(tree: ast.Module) -> set[str] | None:
    """Return the names that ``from x import *`` in the code brings, None when that is not known."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            module = sys.modules.get(node.module or "")
            if module is None:
                written = _names_in_file(node.module or "")
                if written is None:
                    return None
                found |= written
                continue
            public = getattr(module, "__all__", None)
            found |= set(public or (n for n in vars(module) if not n.startswith("_")))
    return found


def _names_in_file(module: str) -> set[str] | None:
    """Return what a module sets at its top level, without running it."""
    try:
        spec = importlib.util.find_spec(module) if "." not in module else None
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        return None
    try:
        tree = ast.parse(Path(spec.origin).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    return stores(tree.body)


def is_at(module: str, name: str, value: object) -> bool:
    """Tell whether a loaded module has this very value under a name."""
    loaded = sys.modules.get(module)
    return loaded is not None and getattr(loaded, name, loaded) is value


def _statement(module: str, original: str, name: str) -> str:
    return f"from {module} import {original}" + ("" if original == name else f" as {name}")


def _findable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
