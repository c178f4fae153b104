"""What a step brings along: imports, helpers and plain values of the notebook, local modules."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside._capture import describe
from trackside._capture.files import add_named
from trackside._capture.flow import Names
from trackside._capture.model import Capture
from trackside._capture.modules import Modules, search_path
from trackside._capture.resolve import Resolver
from trackside._pipelines import values
from trackside._text import size_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from trackside._pipelines.model import StepCell
    from trackside._pipelines.reading import Code

# All of it stands in the compiled pipeline, which KFP keeps in a database.
MAX_FILES = 256 * 1024


@dataclass
class Brought:
    """What a step brings along, and what it names that other steps make.

    Attributes
    ----------
    mentioned
        All names that the step or its helpers read.
    refused
        Names that can neither come along nor be taken from a step, and why not.
    """

    preamble: str = ""
    files: dict[str, str] = field(default_factory=dict)
    carried: list[str] = field(default_factory=list)
    mentioned: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


def bring(
    cell: StepCell,
    code: Code,
    namespace: Mapping[str, Any],
    *,
    given: Collection[str],
    definitions: Mapping[str, str],
    also: Iterable[str] = (),
) -> Brought:
    """Find what a step brings along.

    Parameters
    ----------
    cell, code
        The step.
    namespace
        The notebook's variables, without those that steps set.
    given
        Names that earlier steps and the pipeline's parameters give.
    definitions
        What steps before this one define or import: their statements.
    also
        Helpers that values from other steps may need; taken along where that can be.
    """
    folder = Path.cwd()
    capture = Capture(kind="cell", label=cell.place)
    modules = Modules(capture, search_path(folder))
    outside = {*given, *definitions}
    stored = code.names.stored
    resolver = Resolver(namespace, capture, modules, params=outside, stored=stored)
    resolver.need(code.names, code.tree, lambda line: f"line {line + cell.first_line - 1}")
    resolver.need(
        Names(optional=dict.fromkeys(also, 1)), ast.Module([], []), lambda _: "another step"
    )
    repeated = _repeat(resolver, definitions, {*also})
    preamble = resolver.preamble()
    add_named(capture, [*resolver.trees, *modules.trees], folder, resolver.paths)
    found = Brought(mentioned=set(resolver.mentioned))
    found.preamble = "\n\n".join(filter(None, [preamble, *repeated.values()]))
    found.carried = list(dict.fromkeys([*capture.took, *repeated]))
    for item in capture.refused:
        found.refused[item.name] = _why_not(item.name, item.what, item.why, namespace)
    _take_files(capture, found)
    return found


def _repeat(
    resolver: Resolver, definitions: Mapping[str, str], also: Collection[str]
) -> dict[str, str]:
    """Return the statements of earlier steps that define what this one and its helpers use."""
    repeated: dict[str, str] = {}
    while wanted := ((resolver.mentioned | set(also)) & set(definitions)) - set(repeated):
        for name in sorted(wanted):
            repeated[name] = definitions[name]
            tree = ast.parse(definitions[name])
            resolver.need(resolver.analyse(tree), tree, lambda _: "a definition of another step")
    # In the order in which the steps made them, each once: one import may bring several names.
    seen: dict[str, str] = {}
    for name, statement in definitions.items():
        if name in repeated:
            seen.setdefault(statement, name)
    return {name: statement for statement, name in seen.items()}


def _why_not(name: str, what: str, why: str, namespace: Mapping[str, Any]) -> str:
    if name not in namespace:
        return why
    if "--env" in why:
        return f"looks like a secret, and a pipeline is stored; read it as os.environ[{name!r}]"
    value = namespace[name]
    if "--file" in why or why.startswith(("data", "values", "objects", "it belongs", "it holds")):
        # Making it in a step of its own would not do: it could not be handed on from there.
        where = "in one" if values.obstacle(name, value) is None else "in this one"
        return f"({describe.what(value)}) is made by no step; make it {where}"
    return f"({what}) cannot come along: {why}"


def _take_files(capture: Capture, found: Brought) -> None:
    total = 0
    for path, content in sorted(capture.contents.items()):
        try:
            text = content.decode() if isinstance(content, bytes) else content.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            found.refused[path] = (
                "is a file that is no text, so it does not travel with a pipeline; read it from a"
                " place that every step reaches"
            )
            continue
        total += len(text)
        found.files[path] = text
    if total > MAX_FILES:
        found.refused[", ".join(found.files)] = (
            f"are {size_text(total)} of files, and {size_text(MAX_FILES)} travel with a pipeline;"
            " install them as a package, with --package"
        )
