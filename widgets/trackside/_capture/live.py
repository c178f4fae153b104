"""Capturing cells and functions with what they need from the notebook's variables."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside._bundle import CELL, PREAMBLE
from trackside._capture import magics
from trackside._capture.files import add_explicit, add_named
from trackside._capture.model import Capture
from trackside._capture.modules import Modules, search_path
from trackside._capture.names import analyse
from trackside._capture.resolve import Resolver
from trackside._capture.sources import Sources
from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def capture_cell(
    source: str,
    *,
    namespace: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    first_line: int = 1,
    files: Sequence[str | Path] = (),
    folder: Path | None = None,
) -> Capture:
    """Capture the source of a cell.

    Parameters
    ----------
    source
        The cell without a magic on top.
    namespace
        The notebook's variables. Default: those of IPython, else of the main module.
    params
        Variables that the job sets.
    first_line
        The line of the user's cell at which `source` begins.
    files
        Further files, folders and patterns.
    folder
        What paths are relative to. Default: the current folder.

    Returns
    -------
    Capture
        What was found; `Capture.check` refuses what cannot travel.

    Raises
    ------
    TracksideError
        When the source is not Python.
    """
    folder = Path.cwd() if folder is None else folder
    namespace = main_namespace() if namespace is None else namespace
    params = params or {}
    plain, wrong = magics.plain_python(source)
    capture = Capture(kind="cell", label="cell", source=plain, first_line=first_line)
    for number, line in wrong:
        capture.refuse(f"line {number + first_line - 1}", line, magics.advice(line))
    if wrong:
        plain = magics.without_magics(plain)
    tree = _parsed(plain, first_line)
    lazy = Sources(namespace).lazy_annotations
    names = analyse(tree, lazy_annotations=lazy)
    for name in sorted(names.overwritten & set(params)):
        capture.refuse(
            name,
            "param",
            f"the cell sets {name} itself, so the param would do nothing; "
            "take the line out of the cell, or the param away",
        )
    add_explicit(capture, files, folder)
    modules = Modules(capture, search_path(folder))
    resolver = Resolver(namespace, capture, modules, params=set(params), stored=names.stored)
    resolver.need(names, tree, lambda line: f"line {line + first_line - 1}")
    capture.contents[CELL] = plain.encode()
    capture.entry = {"kind": "cell", "source": CELL, "preamble": PREAMBLE}
    if lazy:
        capture.entry["lazy_annotations"] = True
    _finish(capture, resolver, modules, folder)
    for name in sorted(set(params) - resolver.mentioned):
        capture.note(f"The code does not use the param {name}.")
    if resolver.sources.called("autolog") and "autolog" not in plain:
        capture.note("autolog() was called in another cell; call it in this one to have it here.")
    return capture


def capture_function(
    function: Callable[..., Any],
    *,
    namespace: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    files: Sequence[str | Path] = (),
    folder: Path | None = None,
) -> Capture:
    """Capture a function of the notebook or of a module.

    Parameters
    ----------
    function
        What the job calls.
    namespace
        The notebook's variables. Default: those that the function sees.
    params
        Its keyword arguments, checked against its signature.
    files, folder
        As for `capture_cell`.

    Returns
    -------
    Capture
        What was found; `Capture.check` refuses what cannot travel.

    Raises
    ------
    TracksideError
        When the function cannot be called with these params.
    """
    folder = Path.cwd() if folder is None else folder
    name = getattr(function, "__name__", "")
    _check_signature(function, name, params or {})
    if namespace is None:
        namespace = main_namespace()
    variable = name if name.isidentifier() else "function"
    if not name.isidentifier():
        held = [key for key, value in namespace.items() if value is function]
        variable = min(held) if held else variable
    capture = Capture(kind="function", label=variable, function=variable, experiment=None)
    add_explicit(capture, files, folder)
    modules = Modules(capture, search_path(folder))
    resolver = Resolver(namespace, capture, modules)
    resolver.require(variable, function)
    capture.entry = {"kind": "function", "function": variable, "preamble": PREAMBLE}
    _finish(capture, resolver, modules, folder)
    return capture


def main_namespace() -> Mapping[str, Any]:
    """Return the variables of the notebook, or of the program that runs."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        found: Mapping[str, Any] = shell.user_ns
        return found
    return vars(sys.modules["__main__"])


def _finish(capture: Capture, resolver: Resolver, modules: Modules, folder: Path) -> None:
    capture.contents[PREAMBLE] = resolver.preamble().encode()
    add_named(capture, [*resolver.trees, *modules.trees], folder, resolver.paths)
    capture.took = list(dict.fromkeys(capture.took))


def _parsed(source: str, first_line: int) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        line = (error.lineno or 1) + first_line - 1
        raise TracksideError(f"The cell is not valid Python: line {line}: {error.msg}.") from error
    except ValueError as error:
        raise TracksideError(f"The cell is not valid Python: {error}.") from error


def _check_signature(function: Callable[..., Any], name: str, params: Mapping[str, Any]) -> None:
    import inspect

    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    known = signature.parameters.values()
    named = {p.name for p in known if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    hint = f"Its signature is {name}{signature}."
    unknown = sorted(set(params) - named)
    if unknown and not any(p.kind is p.VAR_KEYWORD for p in known):
        raise TracksideError(f"{name}() takes no {', '.join(unknown)}.", hint)
    needed = [
        p.name
        for p in known
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    missing = [param for param in needed if param not in params]
    if missing:
        raise TracksideError(f"{name}() needs the params {', '.join(missing)}.", hint)
