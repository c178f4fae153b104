"""Magics with options out of the table of arguments, and errors that are one sentence."""

from __future__ import annotations

import functools
import shlex
from typing import TYPE_CHECKING, Any

from IPython.core import magic_arguments
from IPython.core.error import UsageError

from trackside._arguments import MAGIC
from trackside._errors import TracksideError
from trackside._usage import sentence

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from trackside._option import Command

_ipython: Any = magic_arguments


class Refused(TracksideError):
    """A magic that could not do what it was asked; the user's code is not to blame."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Stopped(KeyboardInterrupt):
    """The user stopped waiting or following."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def with_options(command: Command) -> Callable[[Any], Any]:
    """Give a magic the options of a command, and its help."""

    def decorate(function: Any) -> Any:
        for option in reversed(command.at(MAGIC)):
            names, settings = option.arguments()
            function = _ipython.argument(*names, **settings)(function)
        # IPython puts one % before the name.
        name = f"%{command.name}" if command.cell else command.name
        function = _ipython.magic_arguments(name)(function)
        function.parser.allow_abbrev = False
        return function

    return decorate


def told(method: Any) -> Any:
    """Let a magic end with a sentence instead of a traceback when Trackside cannot do it."""

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        # A cell that runs inside of a magic has a traceback of its own.
        __tracebackhide__ = True
        try:
            return method(*args, **kwargs)
        except Refused:
            raise
        except TracksideError as error:
            refused = Refused(error.message, error.hint, status=error.status, code=error.code)
        raise refused

    return call


def parse(magic: Any, command: Command, line: str) -> Namespace | None:
    """Return the options of a line; None when it asked for help, which is then shown.

    Raises
    ------
    UsageError
        When the line cannot be understood.
    """
    try:
        words = shlex.split(line)
    except ValueError:
        raise UsageError("A quote is opened and not closed.") from None
    if not {"--help", "-h"}.isdisjoint(words):
        print(magic.parser.format_help())  # noqa: T201  (showing is what was asked)
        return None
    try:
        found: Namespace = magic.parser.parse_args(words)
    except UsageError as error:
        raise UsageError(sentence(str(error), command.at(MAGIC))) from None
    return found
