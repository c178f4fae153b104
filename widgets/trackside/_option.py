"""What an option is, and how its text becomes a value. The table of them is `_arguments`."""

from __future__ import annotations

import ast
import json
from argparse import ArgumentTypeError
from dataclasses import dataclass
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable

MAGIC = "magic"
CLI = "command line"


@dataclass(frozen=True)
class Option:
    """One option or positional argument.

    Parameters
    ----------
    names
        The spellings, the documented one first; a name without dashes is a positional argument.
    help
        What it does, for the help texts and the reference.
    keyword
        The keyword argument of the Python function that it fills.
    metavar
        What stands for the value in help texts; empty for a switch.
    read
        Turns the typed text into a value.
    shape
        What several uses of the option make: the last one (``one``), a list (``many``) or a
        dictionary (``pairs``). A positional argument may be left out (``optional``) or take all
        further words (``rest``).
    doors
        Where the option exists.
    """

    names: tuple[str, ...]
    help: str
    keyword: str
    metavar: str = ""
    read: Callable[[str], object] = str
    shape: Literal["one", "many", "pairs", "optional", "rest"] = "one"
    doors: tuple[str, ...] = (MAGIC, CLI)

    @property
    def positional(self) -> bool:
        """Whether it is told by its place rather than by a name."""
        return not self.names[0].startswith("-")

    def arguments(self) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Return what `argparse.ArgumentParser.add_argument` takes."""
        settings: dict[str, Any] = {"help": self.help.replace("%", "%%")}
        names = (self.keyword,) if self.positional else self.names
        if not self.positional:
            settings["dest"] = self.keyword
        if not self.metavar:
            return names, {**settings, "action": "store_true"}
        settings |= {"metavar": self.metavar, "type": self.read}
        if self.shape in ("many", "pairs"):
            settings["action"] = "append"
        elif self.shape in ("optional", "rest"):
            settings["nargs"] = "?" if self.shape == "optional" else "*"
        return names, settings


@dataclass(frozen=True)
class Command:
    """A subcommand of the command line, and the magic of the same name."""

    name: str
    help: str
    options: tuple[Option, ...]
    cell: bool = False

    def at(self, door: str) -> tuple[Option, ...]:
        """Return the options that exist at a door, positional ones first."""
        found = [option for option in self.options if door in option.doors]
        return tuple(sorted(found, key=lambda option: not option.positional))


def add_to(parser: ArgumentParser, options: Iterable[Option]) -> None:
    """Add options to a parser."""
    for option in options:
        names, settings = option.arguments()
        parser.add_argument(*names, **settings)


def given(options: Iterable[Option], found: Namespace) -> dict[str, Any]:
    """Return the keyword arguments that were really given."""
    keywords: dict[str, Any] = {}
    for option in options:
        value = getattr(found, option.keyword, None)
        if value is None or value is False or value == []:
            continue
        keywords[option.keyword] = dict(value) if option.shape == "pairs" else value
    return keywords


def days(name: str) -> Callable[[str], float]:
    """Return a reader of a number of days.

    >>> days("--older-than")("0.5")
    0.5
    """

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 36_500:
            raise ArgumentTypeError(f"{name} is a number of days, not {text!r}.")
        return value

    return read


def read_value(text: str) -> object:
    """Return the Python literal that a text is, or the text itself.

    >>> read_value("0.01"), read_value("[1, 2]"), read_value("adam")
    (0.01, [1, 2], 'adam')
    """
    try:
        value = ast.literal_eval(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text
    return value


def pair(option: str, example: str) -> Callable[[str], tuple[str, str]]:
    """Return the reader of an option that takes ``NAME=VALUE``."""

    def read(text: str) -> tuple[str, str]:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ArgumentTypeError(
                f"{option} takes NAME=VALUE, as in {option} {example}; it got {text!r}."
            )
        return name.strip(), value

    return read


_split_param = pair("--param", "lr=0.01")


def read_param(text: str) -> tuple[str, object]:
    """Read a param."""
    name, value = _split_param(text)
    return name, read_value(value)


def read_env(text: str) -> tuple[str, str | None]:
    """Read an environment variable; None stands for the value that it has here."""
    name, equals, value = text.partition("=")
    if not name.strip():
        raise ArgumentTypeError("--env takes NAME=VALUE, or NAME to pass a variable on.")
    return name.strip(), value if equals else None


def whole(option: str, least: int) -> Callable[[str], int]:
    """Return the reader of an option that takes a whole number."""

    def read(text: str) -> int:
        value = int(text) if text.strip().isdecimal() else -1
        if value < least:
            raise ArgumentTypeError(
                f"{option} takes a whole number from {least} up; it got {text!r}."
            )
        return value

    return read


def one_of(option: str, *words: str) -> Callable[[str], str]:
    """Return the reader of an option that takes one of some words."""

    def read(text: str) -> str:
        if text not in words:
            raise ArgumentTypeError(f"{option} takes one of {', '.join(words)}; it got {text!r}.")
        return text

    return read


def read_cpus(text: str) -> float:
    """Read a number of CPUs, which may be a part of one."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ArgumentTypeError(f"--cpus takes a number above 0; it got {text!r}.")
    return int(value) if value.is_integer() else value


def read_gpus(text: str) -> int | str:
    """Read a number of GPUs, or which ones; what they are called, the server knows."""
    words = text.strip()
    if words.isdecimal():
        return int(words)
    if not any(letter.isalpha() for letter in words):
        raise ArgumentTypeError(
            "--gpus takes a whole number from 0 up, or GPUs such as A100, '2 x A100-80GB' or"
            f" 1g.10gb; it got {text!r}."
        )
    return words


def read_variable(text: str) -> str:
    """Read the name of a variable."""
    if not text.isidentifier() or iskeyword(text):
        raise ArgumentTypeError(f"--as takes the name of a variable; {text!r} cannot be one.")
    return text
