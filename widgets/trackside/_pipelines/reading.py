"""Reading the code of a step: what it needs, sets, defines and changes in place."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside._capture import magics
from trackside._capture.names import analyse
from trackside._capture.sources import Definition, Text
from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackside._capture.flow import Names
    from trackside._pipelines.model import StepCell

# Methods that change the object they are called on, in the libraries that are used most.
_CHANGING = frozenset(
    {"append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update", "add"}
    | {"setdefault", "popitem", "discard", "fit", "partial_fit", "load_state_dict", "compile"}
    | {"load_weights", "set_params", "fill", "shuffle", "resize", "appendleft", "popleft"}
)
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
    """

    plain: str
    tree: ast.Module
    names: Names
    definitions: dict[str, str]
    changed: frozenset[str]
    bound: dict[str, str]


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
            "Steps run plain Python; take the line out, or add --package for what it installs.",
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
        name: text.segment(node)
        for name, node in text.bindings.items()
        if isinstance(node, Definition | ast.Import | ast.ImportFrom)
    }
    return Code(
        plain, tree, analyse(tree), definitions, frozenset(_changed(tree)), dict(_bound(text))
    )


def _parsed(plain: str) -> ast.Module:
    """Parse a program; what only a notebook runs is refused, such as await outside a function."""
    tree = ast.parse(plain)
    with warnings.catch_warnings():
        # They are told where the code runs.
        warnings.simplefilter("ignore")
        compile(tree, "step", "exec", dont_inherit=True)
    return tree


def _changed(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield from _root(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            method = node.func.attr
            in_place = any(
                keyword.arg == "inplace"
                and isinstance(keyword.value, ast.Constant)
                and keyword.value.value is True
                for keyword in node.keywords
            )
            torch_style = method.endswith("_") and not method.startswith("_")
            if in_place or torch_style or method in _CHANGING:
                yield from _root(node.func.value)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


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
