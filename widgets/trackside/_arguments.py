"""The options of a job and of the questions about jobs: one table for every door.

The magics, the command line and the reference are made from what stands here, so an option is
spelled the same wherever it is typed, and its keyword is that of the Python function.
"""

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


def _pair(option: str, example: str) -> Callable[[str], tuple[str, str]]:
    def read(text: str) -> tuple[str, str]:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ArgumentTypeError(
                f"{option} takes NAME=VALUE, as in {option} {example}; it got {text!r}."
            )
        return name.strip(), value

    return read


_split_param = _pair("--param", "lr=0.01")


def _read_param(text: str) -> tuple[str, object]:
    name, value = _split_param(text)
    return name, read_value(value)


def _read_env(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    if not name.strip():
        raise ArgumentTypeError("--env takes NAME=VALUE, or NAME to pass a variable on.")
    return name.strip(), value if equals else None


def _whole(option: str, least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text) if text.strip().isdecimal() else -1
        if value < least:
            raise ArgumentTypeError(
                f"{option} takes a whole number from {least} up; it got {text!r}."
            )
        return value

    return read


def _read_cpus(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ArgumentTypeError(f"--cpus takes a number above 0; it got {text!r}.")
    return int(value) if value.is_integer() else value


def _read_variable(text: str) -> str:
    if not text.isidentifier() or iskeyword(text):
        raise ArgumentTypeError(f"--as takes the name of a variable; {text!r} cannot be one.")
    return text


def _most(what: str, default: int) -> Option:
    return Option(
        ("--max", "-n"),
        f"How many {what} at most. Default: {default}.",
        "max_results",
        "N",
        _whole("--max", 1),
    )


def _experiment(what: str) -> Option:
    return Option(
        ("experiment",),
        f"Only the {what} of this experiment.",
        "experiment",
        "EXPERIMENT",
        shape="optional",
    )


JOB_OPTIONS: tuple[Option, ...] = (
    Option(
        ("--param", "-p"),
        "A param: a variable of a cell, a keyword argument of a function, --NAME VALUE of a"
        " script, the parameters cell of a notebook. Python literals keep their type, anything"
        " else is text. Can be given several times.",
        "params",
        "NAME=VALUE",
        _read_param,
        "pairs",
    ),
    Option(
        ("--name",), "The name of the job. Default: the experiment and a number.", "name", "NAME"
    ),
    Option(
        ("--experiment",),
        "The experiment that the run belongs to. Default: the name of the notebook or script.",
        "experiment",
        "NAME",
    ),
    Option(("--gpus",), "How many GPUs the job needs.", "gpus", "N", _whole("--gpus", 0)),
    Option(("--cpus",), "How many CPUs the job needs.", "cpus", "N", _read_cpus),
    Option(
        ("--memory",),
        "How much memory the job may use, as in 16Gi or 500M; more than that ends it.",
        "memory",
        "SIZE",
    ),
    Option(
        ("--time-limit",),
        "How long the job may run, as in 90s, 30m or 2h; longer than that ends it.",
        "time_limit",
        "TIME",
    ),
    Option(
        ("--retries",),
        "How many times a failed job is started again.",
        "retries",
        "N",
        _whole("--retries", 0),
    ),
    Option(
        ("--env",),
        "An environment variable of the job; NAME alone passes on the one that is set here."
        " Values that look like secrets are never stored or shown. Can be given several times.",
        "env",
        "NAME[=VALUE]",
        _read_env,
        "pairs",
    ),
    Option(
        ("--file",),
        "A file or folder that travels with the job. Can be given several times.",
        "files",
        "PATH",
        str,
        "many",
    ),
    Option(
        ("--metric-pattern",),
        "A regular expression that finds metrics in what the job prints: a named group for each"
        " metric, or the groups 'name' and 'value'.",
        "metric_pattern",
        "REGEX",
    ),
    Option(
        ("--tag",),
        "A tag of the run. Can be given several times.",
        "tags",
        "NAME=VALUE",
        _pair("--tag", "team=vision"),
        "pairs",
    ),
    Option(("--on",), "Where the job runs. Default: local, this machine.", "on", "RUNNER"),
    Option(
        ("--python",),
        "The Python that runs the job. Default: the one of this notebook or command.",
        "python",
        "PATH",
    ),
)

_HELP = Option(("--help", "-h"), "Show this help.", "help", doors=(MAGIC,))
_JSON = Option(("--json",), "Print JSON instead of a table.", "json", doors=(CLI,))

TRAIN = Command(
    "train",
    "Run this cell as a job.",
    (
        *JOB_OPTIONS,
        Option(("--wait",), "Wait until the job has ended.", "wait"),
        Option(
            ("--as",),
            "A variable that the job is stored in.",
            "variable",
            "NAME",
            _read_variable,
        ),
        _HELP,
    ),
    cell=True,
)
SUBMIT = Command(
    "submit",
    "Run a script or a notebook as a job.",
    (
        Option(("path",), "The script (.py) or notebook (.ipynb).", "path", "FILE"),
        *JOB_OPTIONS,
        Option(
            ("--wait",),
            "Show the log until the job has ended; the exit status is 0 only if it succeeded.",
            "wait",
        ),
        _JSON,
    ),
)
RUNS = Command(
    "runs",
    "List runs with their metrics and params.",
    (
        _experiment("runs"),
        Option(
            ("--filter", "-f"),
            "Only the runs that fit, in MLflow's words, as in 'metrics.loss < 0.3'.",
            "filter",
            "FILTER",
        ),
        Option(
            ("--order-by", "-o"),
            "What to sort by, as in 'metrics.loss' or 'params.lr DESC'. Can be given several"
            " times. Default: the newest first.",
            "order_by",
            "COLUMN",
            str,
            "many",
        ),
        _most("runs", 100),
        _JSON,
        _HELP,
    ),
)
JOBS = Command(
    "jobs",
    "List jobs, the newest first.",
    (
        _experiment("jobs"),
        Option(
            ("--state", "-s"),
            "Only the jobs in this state: queued, starting, running, succeeded, failed or"
            " canceled. Can be given several times.",
            "state",
            "STATE",
            str,
            "many",
        ),
        _most("jobs", 20),
        _JSON,
        _HELP,
    ),
)
LOGS = Command(
    "logs",
    "Show what a job printed.",
    (
        Option(
            ("job",),
            "The name or id of the job. Default: the newest.",
            "job",
            "JOB",
            shape="optional",
        ),
        Option(("--follow", "-f"), "Go on until the job has ended.", "follow"),
        Option(("--tail", "-n"), "Only the last lines.", "tail", "LINES", _whole("--tail", 0)),
        _HELP,
    ),
)
CANCEL = Command(
    "cancel",
    "Stop jobs.",
    (
        Option(("jobs",), "The names or ids of the jobs.", "jobs", "JOB", shape="rest"),
        _HELP,
    ),
)

MAGICS = (TRAIN, RUNS, JOBS, LOGS, CANCEL)
COMMANDS = (SUBMIT, RUNS, JOBS, LOGS, CANCEL)
