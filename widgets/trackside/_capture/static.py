"""Capturing scripts and notebooks from disk without running anything.

The server uses it too, for a job given by a path and for the preview of one.
"""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any

from trackside._capture import magics
from trackside._capture.files import add_explicit, add_named
from trackside._capture.model import Capture, Parameters
from trackside._capture.modules import Entry, Modules
from trackside._capture.params import script_params, variables
from trackside._capture.paths import relative
from trackside._errors import TracksideError
from trackside._runtime.parameters import assigned

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MAX_SOURCE = 50 * 1000 * 1000


def capture_path(
    path: Path,
    *,
    files: Sequence[str | Path] = (),
    root: Path | None = None,
    search_path: Sequence[Path] = (),
) -> Capture:
    """Capture a script or notebook with its local modules and the files that it names.

    Parameters
    ----------
    path
        The ``.py`` or ``.ipynb`` file.
    files
        Further files, folders and patterns, relative to the root.
    root
        The folder that becomes the job's working directory. Default: the folder of the file.
    search_path
        Further folders in which modules are looked for.

    Returns
    -------
    Capture
        What was found; `Capture.check` refuses what cannot travel.

    Raises
    ------
    TracksideError
        When the file cannot be read, or is neither.
    """
    path = path.absolute()
    root = path.parent if root is None else root.absolute()
    inner = relative(path, root)
    if inner is None:
        raise TracksideError(f"{path} does not lie in {root}.", "Choose a folder above it.")
    kind = {".py": "script", ".ipynb": "notebook"}.get(path.suffix)
    if kind is None:
        raise TracksideError(f"{path} is neither a script nor a notebook.", "Give a .py or .ipynb.")
    capture = Capture(kind=kind, label=inner, path=path, experiment=path.stem)
    content = _read(path)
    add_explicit(capture, files, root)
    if kind == "script":
        tree = _script(capture, inner, content)
        capture.params = script_params(tree)
    else:
        tree = _notebook(capture, inner, content)
    modules = modules_of(capture, tree, path.parent, root, search_path)
    # Notebooks run in their own folder, scripts in that of the job.
    add_named(capture, [tree, *modules.trees], path.parent if kind == "notebook" else root, {})
    capture.entry = {"kind": kind, "source": inner}
    capture.took = list(dict.fromkeys(capture.took))
    return capture


def modules_of(
    capture: Capture,
    tree: ast.Module,
    home: Path,
    root: Path,
    search_path: Sequence[Path] = (),
) -> Modules:
    """Add the local modules that a piece of code imports, and return them.

    Parameters
    ----------
    capture
        Where they are added.
    tree
        The code.
    home
        The folder of the code, where Python looks first.
    root
        The folder that becomes the job's working directory.
    search_path
        Further folders in which modules are looked for.
    """
    entries = [Entry(home, relative(home, root) or ""), Entry(root)]
    entries += [entry for entry in _added_paths(tree, home, root) if entry.folder.is_dir()]
    entries += [Entry(folder) for folder in search_path]
    modules = Modules(capture, entries)
    modules.follow(tree)
    return modules


def preview(
    path: Path, *, files: Sequence[str | Path] = (), root: Path | None = None
) -> dict[str, Any]:
    """Return what would travel with a script or notebook, and which params it takes."""
    capture = capture_path(path, files=files, root=root)
    listed = [
        {
            "path": name,
            "size": len(content) if isinstance(content, bytes) else content.stat().st_size,
        }
        for name, content in sorted(capture.contents.items())
    ]
    refused = [
        {"name": item.name, "what": item.what, "why": item.why}
        for item in sorted(capture.refused, key=lambda item: item.name)
    ]
    params = [
        {"name": param.name, "default": param.default, "help": param.help}
        for param in capture.params
    ]
    return {"files": listed, "refused": refused, "params": params, "notes": capture.notes}


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _MAX_SOURCE:
            raise TracksideError(f"{path} is too large to be read as code.")
        return path.read_bytes()
    except OSError as error:
        raise TracksideError(f"{path} cannot be read: {error.strerror}.") from error


def _script(capture: Capture, inner: str, content: bytes) -> ast.Module:
    capture.add(inner, content)
    try:
        return ast.parse(content)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        what = f"line {line}: {error.msg}" if isinstance(error, SyntaxError) else str(error)
        raise TracksideError(f"{inner} is not valid Python: {what}.") from error


def _notebook(capture: Capture, inner: str, content: bytes) -> ast.Module:
    """Add the notebook without its outputs, and return the code of its cells."""
    try:
        notebook = json.loads(content)
        cells = [cell for cell in notebook["cells"] if isinstance(cell, dict)]
    except (ValueError, KeyError, TypeError) as error:
        raise TracksideError(f"{inner} is not a notebook.", "Open and save it once.") from error
    body: list[ast.stmt] = []
    names: frozenset[str] | None = None
    for cell in cells:
        if cell.get("cell_type") != "code":
            continue
        # Outputs are no part of the code: the same notebook executed again is the same bundle.
        cell["outputs"], cell["execution_count"] = [], None
        try:
            code = magics.without_magics(_text(cell.get("source", "")))
            tree = ast.parse(code)
        except (SyntaxError, ValueError):
            continue  # It may be of another language; its own run will tell.
        body.extend(tree.body)
        if "parameters" in (cell.get("metadata") or {}).get("tags", ()):
            capture.params = variables(tree, _text(cell.get("source", "")))
            names = assigned(code)
    if names is not None:
        capture.parameters = Parameters(names, _words(cells))
    (notebook.get("metadata") or {}).pop("widgets", None)
    stripped = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    capture.add(inner, stripped.encode())
    return ast.Module(body=body, type_ignores=[])


def _words(cells: Sequence[dict[str, Any]]) -> frozenset[str]:
    codes = (_text(cell.get("source", "")) for cell in cells if cell.get("cell_type") == "code")
    return frozenset(word for code in codes for word in re.findall(r"\w+", code))


def _text(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _added_paths(tree: ast.Module, home: Path, root: Path) -> list[Entry]:
    """Return the folders below the root that the code puts on ``sys.path`` by a literal."""
    found = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("append", "insert")
            and ast.unparse(node.func.value) == "sys.path"
            and isinstance(node.args[-1] if node.args else None, ast.Constant)
        ):
            value = node.args[-1]
            assert isinstance(value, ast.Constant)
            inner = relative(home / str(value.value), root)
            if inner is not None:
                found.append(Entry(root / inner, inner))
    return found
