"""The params that a script or notebook takes, where they are easily seen."""

from __future__ import annotations

import ast
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from trackside._capture.model import Param
from trackside._errors import TracksideError
from trackside._runtime.parameters import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackside._capture.model import Capture

_OPTION_CALLS = frozenset({"add_argument", "option"})
_IGNORED = frozenset({"help", "version", "h"})


def variables(tree: ast.Module, source: str) -> list[Param]:
    """Return the plain assignments of a parameters cell; a comment behind one explains it."""
    lines = source.split("\n")
    found: dict[str, Param] = {}
    for node in tree.body:
        target: ast.expr | None = None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        elif isinstance(node, ast.AnnAssign):
            target = node.target
        if not isinstance(target, ast.Name):
            continue
        value = node.value  # type: ignore[attr-defined]  # both kinds of assignment have one
        known, default = _plain(value)
        if known:
            found[target.id] = Param(target.id, default, _comment(lines, node))
    return list(found.values())


def script_params(tree: ast.Module) -> list[Param]:
    """Return the options that a script declares for argparse or click."""
    found: dict[str, Param] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", None))
        if called not in _OPTION_CALLS:
            continue
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        options = [text for text in texts if isinstance(text, str) and text.startswith("--")]
        if not options:
            continue
        name = options[0].split("/")[0].lstrip("-").replace("-", "_")
        if name in _IGNORED or not name.isidentifier():
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        _, default = _plain(given.get("default"))
        if default is None and _text(given.get("action")) == "store_true":
            default = False
        found.setdefault(name, Param(name, default, _text(given.get("help"))))
    return list(found.values())


def check_names(capture: Capture, given: Iterable[str]) -> None:
    """Note values that the parameters cell of a notebook has no name for; they are set as well.

    Raises
    ------
    TracksideError
        No cell uses such a name, and one of the parameters is spelt nearly so: the notebook would
        run with its default, and nobody would know.
    """
    known = capture.parameters
    if known is None:
        return
    for name in given:
        if name in known.names:
            continue
        near = get_close_matches(name, known.names, 1)
        if near and name not in known.words:
            raise TracksideError(
                f"The parameters cell of {capture.label} has no {name!r}.",
                f"Did you mean {near[0]!r}? Else add {name} to that cell.",
            )
        capture.note(unknown(capture.label, name))


def _plain(node: ast.expr | None) -> tuple[bool, Any]:
    """Return whether a node is a literal that JSON can hold, and its value."""
    if node is None:
        return False, None
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None
    if isinstance(value, tuple):
        value = list(value)
    plain = isinstance(value, str | int | float | list | dict) or value is None
    return plain, value if plain else None


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _comment(lines: list[str], node: ast.stmt) -> str | None:
    assert node.end_lineno is not None
    rest = lines[node.end_lineno - 1].encode()[node.end_col_offset :].decode("utf-8", "replace")
    text = rest.strip().lstrip("#").strip() if rest.strip().startswith("#") else ""
    return text or None
