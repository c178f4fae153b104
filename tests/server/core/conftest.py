"""Walks the routes of the extension, whatever domains it has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

try:
    from re import _parser as parser
except ImportError:  # Python 3.10
    import sre_parse as parser

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Endpoint:
    """One verb of one route."""

    verb: str
    pattern: str
    handler: Any

    @property
    def path(self):
        """A path that the pattern matches, relative to ``/trackside/``."""
        path = "".join(_sample(parser.parse(self.pattern)))
        assert re.fullmatch(self.pattern, path), f"{path} is no sample of {self.pattern}"
        return path.removeprefix("/trackside/")

    @property
    def is_socket(self):
        return issubclass(self.handler, WebSocketHandler)

    def __str__(self):
        return f"{self.verb} {self.pattern}"


def _sample(tree):
    """Yield the pieces of a text that a parsed pattern matches."""
    for operator, argument in tree:
        name = str(operator)
        if name == "LITERAL":
            yield chr(argument)
        elif name in {"ANY", "NOT_LITERAL"}:
            yield "x"
        elif name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            least, _, repeated = argument
            yield "".join(_sample(repeated)) * max(least, 1)
        elif name == "SUBPATTERN":
            yield from _sample(argument[-1])
        elif name == "BRANCH":
            yield from _sample(argument[1][0])
        elif name == "IN":
            yield _member(argument)
        else:
            assert name in {"AT", "ASSERT", "ASSERT_NOT"}, name


def _member(choices):
    kind, argument = choices[0]
    name = str(kind)
    if name == "RANGE":
        return chr(argument[0])
    if name == "CATEGORY":
        return "1"
    return "x" if name == "NEGATE" else chr(argument)


@pytest.fixture(autouse=True)
def _queue_is_still(another_server_leads):
    """Many tests here issue tokens for no job."""


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
