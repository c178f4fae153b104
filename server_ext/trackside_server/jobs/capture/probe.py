r"""Tries a regular expression on lines made to keep it busy. Run as a script.

Backtracking cannot be interrupted inside the server, and a pattern such as ``(\w+)*$`` would stop
it for ever on one unlucky line. So each repeat of the pattern is fed as much as it takes, behind
what leads to it and before something that does not match. Standard library only.
"""

from __future__ import annotations

import importlib
import json
import re
import signal
import sys
from typing import Any

LENGTH = 500
MAX_PROBES = 60
SECONDS = 1.0
_SPOILERS = ("\x00", "!", " ", "")


def probes(pattern: str) -> list[str]:
    """Return lines on which the pattern has to try hard."""
    try:
        parser = importlib.import_module("re._parser")
    except ImportError:
        parser = importlib.import_module("sre_parse")
    found = [
        "a" * LENGTH,
        "0" * LENGTH,
        " " * LENGTH,
        "a1 " * (LENGTH // 3),
        "x=0.1, " * (LENGTH // 7),
    ]
    for head, body in _pumped(list(parser.parse(pattern)), ""):
        for spoiler in _SPOILERS:
            pumped = (body or "a") * max(1, LENGTH // max(1, len(body)))
            found.append((head + pumped)[:LENGTH] + spoiler)
    return list(dict.fromkeys(found))[:MAX_PROBES]


def _pumped(nodes: list[Any], head: str) -> list[tuple[str, str]]:
    """Return, for each repeat, an example of what stands before it and of its body."""
    found: list[tuple[str, str]] = []
    for operation, argument in nodes:
        name = str(operation)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            body = list(argument[2])
            found.append((head, _example(body)))
            found.extend(_pumped(body, head))
        elif name == "SUBPATTERN":
            found.extend(_pumped(list(argument[3]), head))
        elif name == "BRANCH":
            for branch in argument[1]:
                found.extend(_pumped(list(branch), head))
        head += _example([(operation, argument)])
    return found


def _example(nodes: list[Any]) -> str:
    """Return a short text that the nodes (roughly) match."""
    text = ""
    for operation, argument in nodes:
        name = str(operation)
        if name == "LITERAL":
            text += chr(argument)
        elif name in ("ANY", "NOT_LITERAL"):
            text += "a"
        elif name == "IN":
            text += _member(argument)
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            text += _example(list(argument[2])) * max(1, argument[0])
        elif name == "SUBPATTERN":
            text += _example(list(argument[3]))
        elif name == "BRANCH":
            text += _example(list(argument[1][0]))
    return text[:LENGTH]


def _member(members: list[Any]) -> str:
    for operation, argument in members:
        name = str(operation)
        if name == "LITERAL":
            return chr(argument)
        if name == "RANGE":
            return chr(argument[0])
        if name == "CATEGORY":
            category = str(argument)
            if category == "CATEGORY_DIGIT":
                return "1"
            if category == "CATEGORY_SPACE":
                return " "
            return "a"
    return "a"


if __name__ == "__main__":
    wanted = json.load(sys.stdin)
    compiled = re.compile(wanted)
    for line in probes(wanted):
        # Ends this process when one line takes more processor time than that.
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        for _ in compiled.finditer(line):
            pass
