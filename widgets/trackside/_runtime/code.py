"""Running cells, functions and scripts as ``__main__``."""

from __future__ import annotations
import __future__

import ast
import contextlib
import importlib.util
import io
import json
import linecache
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine
    from pathlib import Path

    from .run import Task


def run_cell(task: Task) -> None:
    """Run the definitions, set the params as variables, run the cell."""
    assert task.source is not None
    space = _prepared(task)
    space.update(task.params)
    source = (task.work / task.source).read_text(encoding="utf-8")
    name = task.cell_name
    # Blank lines stand for the magic above the code: line numbers are those of the cell.
    padded = "\n" * (task.first_line - 1) + source
    lines = padded.splitlines(keepends=True)
    linecache.cache[name] = (len(padded), None, lines, name)
    with contextlib.closing(Loop()) as loop:
        for part in _compiled(padded, name, lazy_annotations=task.lazy_annotations):
            outcome = eval(part, space)  # noqa: S307  (running the user's code is the purpose)
            if isinstance(outcome, types.CoroutineType):
                loop.run(outcome)


def run_function(task: Task) -> None:
    """Call the function with the params and keep what it returns."""
    assert task.function is not None
    space = _prepared(task)
    outcome = space[task.function](**task.params)
    if isinstance(outcome, types.CoroutineType):
        with contextlib.closing(Loop()) as loop:
            outcome = loop.run(outcome)
    from . import results

    results.keep(task, outcome)


def run_script(task: Task) -> None:
    """Run a script as Python itself would, with the params as options."""
    assert task.source is not None
    path = task.work / task.source
    with io.open_code(str(path)) as file:
        content = file.read()
    text = importlib.util.decode_source(content)
    sys.argv = [str(path), *task.arguments, *options(task.params, text)]
    sys.path.insert(0, str(path.parent))
    if path.parent != task.work:
        sys.path.insert(1, str(task.work))
    space = _main_module(path)
    exec(compile(content, str(path), "exec", dont_inherit=True), space)  # noqa: S102


def options(params: dict[str, Any], text: str) -> list[str]:
    """Return the command-line options for params.

    ``lr=0.1`` is ``--lr 0.1``, a list several values, True a flag; False and None are left out.
    The spelling with dashes is taken where the script has it.
    """
    found: list[str] = []
    for name, value in params.items():
        if value is None or value is False:
            continue
        option = f"--{name}"
        dashed = option.replace("_", "-")
        if option not in text and dashed in text:
            option = "--" + name.replace("_", "-")
        found.append(option)
        if value is True:
            continue
        values = value if isinstance(value, list) else [value]
        found.extend(json.dumps(item) if isinstance(item, dict) else str(item) for item in values)
    return found


class Loop:
    """One event loop for all that the code awaits, made when it is needed."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def close(self) -> None:
        """End what asynchronous generators are left, and the loop."""
        if self._loop is not None:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end."""
        if self._loop is None:
            # Imported when it is needed: it takes longer than all the rest of the start.
            import asyncio

            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(work)


def _prepared(task: Task) -> dict[str, Any]:
    """Return the namespace of ``__main__`` after the captured definitions were run."""
    sys.argv = [task.label]
    sys.path.insert(0, str(task.work))
    # Processes that the code spawns import this file: they find the definitions there.
    path = task.work / task.preamble if task.preamble else None
    space = _main_module(path)
    space["display"] = _display
    if path is not None:
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)  # noqa: S102
    return space


def _main_module(path: Path | None) -> dict[str, Any]:
    module = types.ModuleType("__main__")
    module.__dict__["__builtins__"] = __builtins__
    if path is not None:
        module.__dict__["__file__"] = str(path)
    sys.modules["__main__"] = module
    return module.__dict__


def _compiled(source: str, name: str, *, lazy_annotations: bool) -> list[types.CodeType]:
    """Compile a cell as a notebook does: its last expression is shown, `await` is allowed."""
    tree = ast.parse(source, name)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    if lazy_annotations:
        flags |= __future__.annotations.compiler_flag
    parts: list[types.CodeType] = []
    last = tree.body[-1] if tree.body else None
    shown: ast.Interactive | None = None
    if isinstance(last, ast.Expr) and not source.rstrip().endswith(";"):
        shown = ast.Interactive([tree.body.pop()])
    parts.append(compile(tree, name, "exec", flags=flags, dont_inherit=True))
    if shown is not None:
        parts.append(compile(shown, name, "single", flags=flags, dont_inherit=True))
    return parts


def _display(*values: object, **_: object) -> None:
    """Print what a notebook would draw."""
    for value in values:
        print(value)  # noqa: T201
