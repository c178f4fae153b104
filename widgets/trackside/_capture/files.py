"""The files that travel because the user or the code names them."""

from __future__ import annotations

import ast
import glob
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from trackside._bundle import MAX_BYTES, MAX_FILES, size_text
from trackside._capture.paths import inside, is_secret, relative, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trackside._capture.model import Capture

MAX_NAMED_FILE = 20 * 1000 * 1000
MAX_NAMED_TOTAL = 50 * 1000 * 1000
MAX_NAMED_FILES = 200
_MAX_TEXT = 300

# Functions whose first argument is a file to be read.
_READERS = frozenset(
    {"open", "load", "loads", "loadtxt", "genfromtxt", "fromfile", "imread", "loadmat", "read_text"}
    | {"read_bytes", "safe_load", "load_file", "load_model", "from_file", "memmap", "Image"}
)


def add_explicit(capture: Capture, files: Sequence[str | Path], folder: Path) -> None:
    """Add files, folders and patterns that the user asks for.

    What lies outside of the folder, matches nothing or leads out of it is refused.
    """
    for asked in [files] if isinstance(files, str | Path) else files:
        text = str(Path(asked).expanduser())
        # The user's own files come before patterns: a name may have brackets in it.
        if (folder / text).exists():
            matches = [folder / text]
        else:
            pattern = str(Path(glob.escape(str(folder))) / text)
            # Unlike Path.glob it takes patterns that begin at the root or with "..".
            matches = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207
        if not matches:
            capture.refuse(str(asked), "", f"there is no such file in {folder}")
        for match in matches:
            _add_match(capture, match, folder, exact=len(matches) == 1)


def add_named(
    capture: Capture, trees: Iterable[ast.AST], folder: Path, constants: Mapping[str, str]
) -> None:
    """Add files below the folder that the code names by string literals.

    Parameters
    ----------
    capture
        Where they are added.
    trees
        The code.
    folder
        What the names are relative to.
    constants
        Variables that hold a path: ``{"DATA": "data"}``.
    """
    total = count = 0
    named: dict[str, bool] = {}
    for tree in trees:
        known = {**constants, **_assigned_paths(tree)}
        for text, opened in _texts(tree, known):
            named[text] = named.get(text, False) or opened
    for text, opened in sorted(named.items()):
        path = named_path(text, folder)
        if path is None:
            continue
        inner = relative(path, folder)
        assert inner is not None
        if inner in capture.contents:
            continue
        if path.is_dir():
            if opened or "/" in text:
                capture.note(f"The folder {inner} stays here; add --file {inner} to send it.")
            continue
        size = path.stat().st_size
        if is_secret(Path(inner)):
            capture.note(f"{inner} looks like a secret and stays here; use --env for secrets.")
        elif not inside(path, folder):
            capture.refuse(inner, "link", "it leads out of the folder; copy the file instead")
        elif size > MAX_NAMED_FILE or total + size > MAX_NAMED_TOTAL or count >= MAX_NAMED_FILES:
            advice = f"add --file {inner} to send it, or read it by its absolute path"
            if opened:
                capture.refuse(inner, size_text(size), f"too large to travel unasked; {advice}")
            else:
                capture.note(f"{inner} ({size_text(size)}) stays here; {advice}.")
        else:
            capture.add(inner, path)
            capture.took.append(inner)
            total, count = total + size, count + 1


def named_path(text: str, folder: Path) -> Path | None:
    """Return the existing file or folder below `folder` that a text names."""
    if not text or len(text) > _MAX_TEXT or "\n" in text or "\0" in text or text in (".", "./"):
        return None
    if Path(text).is_absolute():
        return None  # Its absolute path holds in the job too.
    if relative(Path(text), folder) is None:
        return None
    path = folder / text
    try:
        return path if path.is_file() or path.is_dir() else None
    except OSError:
        return None


def _add_match(capture: Capture, match: Path, folder: Path, *, exact: bool) -> None:
    inner = relative(match, folder)
    if inner is None and match.resolve() == folder.resolve():
        inner = "."
    if inner is None:
        why = f"it lies outside of {folder}; read it in the job by its absolute path"
        capture.refuse(str(match), "", why)
        return
    found = [match]
    if match.is_dir() and inside(match, folder):
        found = list(islice(walk(match), MAX_FILES + 1))
    if len(found) > MAX_FILES:
        capture.refuse(inner, "folder", f"more than {MAX_FILES} files; name those that are needed")
        return
    size = 0
    for file in found:
        path = relative(file, folder)
        assert path is not None
        if not inside(file, folder) or file.is_dir():
            capture.refuse(path, "link", "it leads out of the folder; copy the file instead")
        elif is_secret(Path(path)) and not (exact and file == match):
            # Named by itself it is the user's decision; a folder or pattern is no decision.
            capture.note(f"{path} looks like a secret and stays here; name it to send it.")
        else:
            capture.add(path, file)
            size += file.stat().st_size
    if size > MAX_BYTES:
        capture.refuse(inner, size_text(size), f"a job takes at most {size_text(MAX_BYTES)} along")
    capture.took.append(inner + "/" if match.is_dir() else inner)


def _texts(tree: ast.AST, constants: Mapping[str, str]) -> list[tuple[str, bool]]:
    """Return the texts in the code that may be paths, and whether they are clearly opened."""
    opened: set[int] = set()
    written: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if node.args and _is_reader(node.func):
            (written if _writes(node) else opened).add(id(node.args[0]))
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _READERS:
            opened.add(id(node.func.value))  # Path("x").read_text()
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and id(node) not in written:
            text = _path_of(node, constants)
            if text is not None:
                found.append((text, id(node) in opened))
    return found


def _writes(call: ast.Call) -> bool:
    """Tell whether a call of `open` makes the file instead of reading it."""
    modes = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
    return any(
        isinstance(mode, ast.Constant)
        and isinstance(mode.value, str)
        and mode.value[:1] in ("w", "a", "x")
        for mode in modes
    )


def _path_of(node: ast.expr, constants: Mapping[str, str]) -> str | None:
    """Return the path that an expression of literals makes."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _joined([node.left, node.right], constants)
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        if name in ("Path", "PurePath", "PosixPath", "join", "joinpath") and node.args:
            parts = list(node.args)
            if name == "joinpath" and isinstance(node.func, ast.Attribute):
                parts.insert(0, node.func.value)
            return _joined(parts, constants)
    return None


def _joined(nodes: Sequence[ast.expr], constants: Mapping[str, str]) -> str | None:
    parts = [_path_of(node, constants) for node in nodes]
    texts = [part for part in parts if part is not None]
    return "/".join(texts) if len(texts) == len(parts) else None


def _assigned_paths(tree: ast.AST) -> dict[str, str]:
    """Return the variables that the code sets once, to a path made of literals."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                text = _path_of(node.value, found)
                if target.id in found or text is None:
                    twice.add(target.id)
                else:
                    found[target.id] = text
    return {name: text for name, text in found.items() if name not in twice}


def _is_reader(function: ast.expr) -> bool:
    name = getattr(function, "attr", getattr(function, "id", None))
    return isinstance(name, str) and (name in _READERS or name.startswith("read_"))
