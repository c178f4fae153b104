"""Notebook syntax that is not Python: what does no harm is dropped, the rest is refused."""

from __future__ import annotations

import ast
import re

_MAGIC = re.compile(r"^\s*(%%?|!!?|\?\??)\s*\w*")
_ASSIGNED = re.compile(r"^\s*[\w.,\s\[\]'\"]+=\s*[%!]")
_HELP = re.compile(r"^\s*[%\w.]+\?\??\s*$")
# Magics that change how a notebook looks or reloads, and nothing in what it computes.
_HARMLESS = re.compile(
    r"^\s*%(matplotlib|config|load_ext|reload_ext|unload_ext|autoreload|precision|pylab\s*$)\b"
)
_HARMLESS_CELL = re.compile(r"^\s*%%(time|capture|prun)\b")


def plain_python(source: str) -> tuple[str, list[tuple[int, str]]]:
    """Return the source without harmless magics, and the lines that are not Python.

    Dropped lines stay as blank ones, so that all others keep their numbers.
    """
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        pass
    else:
        return source, []
    lines = source.split("\n")
    wrong: list[tuple[int, str]] = []
    first = True
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        if _HARMLESS.match(line) or (first and _HARMLESS_CELL.match(line)):
            # "pass" keeps a block that had nothing else in it whole.
            indent = line[: len(line) - len(line.lstrip())]
            lines[index] = f"{indent}pass" if indent else ""
        elif _MAGIC.match(line) or _ASSIGNED.match(line) or _HELP.match(line):
            wrong.append((index + 1, line.strip()))
        first = False
    return "\n".join(lines), wrong


def without_magics(source: str) -> str:
    """Return the source with all that is not Python blanked out, for looking at it only."""
    plain, wrong = plain_python(source)
    lines = plain.split("\n")
    if lines and lines[0].lstrip().startswith("%%"):
        return ""
    for number, _ in wrong:
        line = lines[number - 1]
        lines[number - 1] = line[: len(line) - len(line.lstrip())] + "pass"
    return "\n".join(lines)


def advice(line: str) -> str:
    """Return what to do about a line that is not Python."""
    if re.match(r"^\s*[%!]\s*(pip|conda|mamba|uv)\b", line):
        return "install packages before submitting; the job uses the same Python"
    if line.startswith("!") or "=!" in line.replace(" ", ""):
        return "use subprocess.run in the cell"
    return "jobs run plain Python; take this line out of the cell"
