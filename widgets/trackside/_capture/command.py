"""Capturing a command: the program, and what its words name."""

from __future__ import annotations

import ast
import os
import shlex
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from trackside._bundle import MAX_SEGMENT
from trackside._capture.files import add_explicit, add_named, named_path
from trackside._capture.model import Capture
from trackside._capture.paths import relative
from trackside._capture.static import modules_of
from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABEL = 60


def capture_command(
    command: Sequence[str],
    *,
    files: Sequence[str | Path] = (),
    folder: Path | None = None,
) -> Capture:
    """Capture a command with the files below the folder that it names.

    Parameters
    ----------
    command
        The program and its arguments; no shell reads them.
    files
        Further files, folders and patterns.
    folder
        What becomes the job's working directory. Default: the current folder.

    Returns
    -------
    Capture
        What was found. Of a Python script or module among the words, the local modules that it
        imports travel too.

    Raises
    ------
    TracksideError
        When there is no program.
    """
    folder = Path.cwd() if folder is None else folder
    if not command or not command[0].strip():
        raise TracksideError(
            "The command is empty.", 'Write the program and its arguments: ["./train", "--lr=0.1"].'
        )
    capture = Capture(kind="command", label=_label(command))
    add_explicit(capture, files, folder)
    _add_program(capture, command[0], folder)
    _add_python(capture, command, folder)
    # --config=conf.yaml names a file as --config conf.yaml does.
    named = [*command[1:], *(word.partition("=")[2] for word in command[1:])]
    tree = ast.List([ast.Constant(word) for word in named], ast.Load())
    add_named(capture, [tree], folder, {})
    capture.took = list(dict.fromkeys(capture.took))
    code = [word for word in command if os.path.normpath(word) in capture.contents]
    capture.experiment = Path((code or command)[0]).stem
    executable = [
        path
        for path, content in capture.contents.items()
        if isinstance(content, Path) and os.access(content, os.X_OK)
    ]
    # A bundle holds no modes; the job's start gives these back.
    capture.entry = {"kind": "command", "executable": sorted(executable)}
    return capture


def _label(command: Sequence[str]) -> str:
    """Return what people call it: words up to the first option, whose value may be a secret."""
    words = [command[0], *takewhile(lambda word: not word.startswith("-"), command[1:])]
    text = shlex.join(words)
    return text if len(text) <= _LABEL else text[: _LABEL - 1] + "…"


def _add_program(capture: Capture, program: str, folder: Path) -> None:
    """Add a program that is named by its place in the folder, however large it is."""
    if "/" not in program or Path(program).is_absolute():
        return  # Of the machine or image that the job runs on.
    add_explicit(capture, [program], folder)
    inner = relative(Path(program), folder)
    if inner in capture.contents and not os.access(folder / program, os.X_OK):
        capture.refuse(program, "", f"it may not be executed; run chmod +x {program}")


def _add_python(capture: Capture, command: Sequence[str], folder: Path) -> None:
    """Add the local modules of the Python script or module that the command runs."""
    for before, word in zip(("", *command), command, strict=False):
        tree, home = ast.Module([], []), folder
        if before == "-m" and _is_module(word):
            modules = modules_of(capture, tree, home, folder)
            modules.add(word)
        elif word.endswith(".py") and (path := named_path(word, folder)) is not None:
            try:
                tree, home = ast.parse(path.read_bytes()), path.parent
            except (SyntaxError, ValueError, OSError):
                return  # Its own run will tell.
            modules = modules_of(capture, tree, home, folder)
        else:
            continue
        add_named(capture, [tree, *modules.trees], folder, {})
        return


def _is_module(word: str) -> bool:
    return len(word) <= MAX_SEGMENT and all(part.isidentifier() for part in word.split("."))
