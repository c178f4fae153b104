"""Reading the code of a step: what it needs, sets, defines and changes in place."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from trackside._capture import magics
from trackside._capture.names import analyse
from trackside._capture.sources import Definition, Text
from trackside._errors import TracksideError
from trackside._pipelines.using import uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackside._capture.flow import Names
    from trackside._pipelines.model import StepCell

_AWAIT = (
    "A step is a program of its own: await in a function, run that by asyncio.run, and give the"
    " step --only-pipeline."
)
# What makes something that belongs to the process that made it.
_BOUND = {
    "open": "an open file",
    "socket": "a socket",
    "Lock": "a lock",
    "RLock": "a lock",
    "Thread": "a thread",
    "ThreadPoolExecutor": "a pool of threads",
    "ProcessPoolExecutor": "a pool of processes",
    "Pool": "a pool of processes",
    "Popen": "a process",
    "iter": "an iterator",
    "connect": "a connection",
    "create_engine": "a connection",
}


@dataclass(frozen=True)
class Code:
    """What is known of a step's code without running it.

    Attributes
    ----------
    plain
        The source without what does no harm in a notebook.
    tree, names
        Its syntax tree and the names in it.
    definitions
        The statements by which it defines or imports names, which other steps repeat.
    changed
        Names that it visibly changes in place.
    bound
        Names that hold what belongs to a process, and what that is.
    stars
        Imports of whatever a module has.
    """

    plain: str
    tree: ast.Module
    names: Names
    definitions: dict[str, str]
    changed: frozenset[str]
    bound: dict[str, str]
    stars: tuple[str, ...]


def read(cell: StepCell) -> Code:
    """Read the code of a step.

    Raises
    ------
    TracksideError
        When it is not plain Python.
    """
    plain, wrong = magics.plain_python(cell.source)
    if wrong:
        number, line = wrong[0]
        raise TracksideError(
            f"Line {number + cell.first_line - 1} of step {cell.name} ({cell.place}) is no Python:"
            f" {line}.",
            _advice(line),
        )
    try:
        tree = _parsed(plain)
    except (SyntaxError, ValueError) as error:
        at = int(getattr(error, "lineno", None) or 1) + cell.first_line - 1
        what = getattr(error, "msg", error)
        raise TracksideError(
            f"Step {cell.name} ({cell.place}) is not valid Python: line {at}: {what}.",
            _AWAIT if "await" in str(what) else None,
        ) from error
    text = Text(plain, tree)
    definitions = {
        name: definition(text, node)
        for name, node in text.bindings.items()
        if isinstance(node, ast.Import | ast.ImportFrom) or is_definition(node)
    }
    stars = tuple(ast.unparse(node) for node in tree.body if _is_star(node))
    changed = frozenset(uses(tree).changed)
    return Code(plain, tree, analyse(tree), definitions, changed, dict(_bound(text)), stars)


def _advice(line: str) -> str:
    """Return what to do about a line that is not Python."""
    if re.search(r"\b(pip|conda|mamba|uv)\b.*\binstall\b", line):
        return "Take it out, and write --package and what it installs behind %%step."
    if line.startswith("!") or "=!" in line.replace(" ", ""):
        return "Steps run plain Python: use subprocess.run."
    return "Steps run plain Python: take the line out, or put it into a cell of its own."


def _is_star(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)


def is_definition(node: ast.stmt | None) -> TypeGuard[ast.stmt]:
    """Tell whether a statement makes a function or class; one that names a lambda does."""
    match node:
        case ast.Assign(targets=[ast.Name()], value=ast.Lambda()):
            return True
    return isinstance(node, Definition)


def definition(text: Text, node: ast.stmt) -> str:
    """Return a statement as one of its own, as it is written where it has whole lines."""
    if isinstance(node, ast.Assign):
        return ast.unparse(node) + "\n"
    return textwrap.dedent(text.segment(node))


def _parsed(plain: str) -> ast.Module:
    """Parse a program; what only a notebook runs is refused, such as await outside a function."""
    tree = ast.parse(plain)
    with warnings.catch_warnings():
        # They are told where the code runs.
        warnings.simplefilter("ignore")
        compile(tree, "step", "exec", dont_inherit=True)
    return tree


def _bound(text: Text) -> Iterator[tuple[str, str]]:
    for name, node in text.bindings.items():
        value: ast.expr | None = None
        if isinstance(node, ast.Assign | ast.AnnAssign):
            value = node.value
        elif isinstance(node, ast.With):
            made = [item for item in node.items if _names(item.optional_vars, name)]
            value = made[0].context_expr if made else None
        if isinstance(value, ast.GeneratorExp):
            yield name, "a generator"
        elif isinstance(value, ast.Call):
            called = getattr(value.func, "attr", getattr(value.func, "id", ""))
            if called in _BOUND:
                yield name, _BOUND[called]


def _names(target: ast.expr | None, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name
