"""The command line: ``trackside submit|runs|…``, also ``python -m trackside``.

Exit status: 0 when all went well, 1 when a job that was waited for did not succeed or the server
refused, 2 when the command line was wrong, 130 after Ctrl-C. What was asked for goes to standard
output, words about it to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from trackside._arguments import CLI, COMMANDS
from trackside._client import reset_client
from trackside._errors import TracksideError
from trackside._option import add_to
from trackside._usage import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside._option import Option

_FAILED, _USAGE, _INTERRUPTED = 1, 2, 130


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are sentences."""

    options: tuple[Option, ...] = ()

    def error(self, message: str) -> NoReturn:
        words = sentence(message, self.options)
        self.exit(_USAGE, f"trackside: {words}\n`{self.prog} --help` shows the options.\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    words, rest = _split(list(sys.argv[1:] if argv is None else argv))
    if not words:
        parser().print_help()
        return _USAGE
    found, unknown = parser().parse_known_args(words)
    if rest and found.command not in ("submit", "schedule"):
        unknown += rest
    if unknown:
        found.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    if found.command == "submit" and found.path is None and not rest:
        found.parser.error("Name a script or notebook, or write a command after a bare --.")
    from trackside._cli import commands

    try:
        status = commands.run(found, rest)
        sys.stdout.flush()
    except TracksideError as error:
        print(f"trackside: {error}", file=sys.stderr)  # noqa: T201
        return _FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader (`head`) has seen enough. Python would complain once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        reset_client()
    return status


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    whole = _Parser(
        prog="trackside",
        description="Train, track and compare models beside the notebook.",
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="version", version=f"trackside {_version()}")
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        epilog = None
        if command.name == "submit":
            epilog = (
                "What follows a bare -- goes to the script as it is; without a script it is the"
                " command to run."
            )
        elif command.name == "schedule":
            epilog = "What follows a bare -- goes to the script as it is."
        sub = commands.add_parser(
            command.name,
            help=command.help,
            description=command.help,
            epilog=epilog,
            allow_abbrev=False,
        )
        sub.options = command.at(CLI)
        sub.set_defaults(parser=sub)
        add_to(sub, sub.options)
    return whole


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in argv:
        return argv, []
    at = argv.index("--")
    return argv[:at], argv[at + 1 :]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("trackside")
    except PackageNotFoundError:
        return "(not installed)"
