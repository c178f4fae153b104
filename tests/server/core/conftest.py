"""Walks the routes of the extension, whatever domains it has."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

import pytest
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# One of these fits each group of a pattern.
_FILLINGS = ("0" * 64, "0" * 32, "1", "create", "x")


@dataclass(frozen=True)
class Endpoint:
    """One verb of one route."""

    verb: str
    pattern: str
    handler: Any

    @property
    def path(self):
        """A path that the pattern matches, relative to ``/trackside/``."""
        literal, groups = _split(self.pattern)
        for fillings in itertools.product(_FILLINGS, repeat=groups):
            path = literal.format(*fillings)
            if re.fullmatch(self.pattern, path):
                return path.removeprefix("/trackside/")
        raise AssertionError(f"add something to _FILLINGS that fits {self.pattern}")

    @property
    def is_socket(self):
        return issubclass(self.handler, WebSocketHandler)

    def __str__(self):
        return f"{self.verb} {self.pattern}"


def _split(pattern):
    """Return a format string with a field for each group of a pattern, and their number."""
    literal, groups, depth = "", 0, 0
    for piece in re.findall(r"\\.|\)[?*+]?|[^\\)]", pattern):
        if piece == "(":
            literal += "{}" if depth == 0 else ""
            groups += depth == 0
            depth += 1
        elif piece.startswith(")"):
            depth -= 1
        elif depth == 0:
            literal += piece[1] if len(piece) == 2 else piece
    return literal.replace(".*", "x").replace("/?", "").replace("$", ""), groups


@pytest.fixture
def endpoints(trackside):
    """Every verb of every route that this extension answers."""
    found = []
    for pattern, handler, *_ in trackside.handlers:
        for verb in VERBS:
            method = getattr(handler, verb.lower())
            if method is not getattr(RequestHandler, verb.lower()):
                found.append(Endpoint(verb, pattern, handler))
    return found
