"""What the doors say about a wrong option: the complaint of argparse as a sentence."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackside._option import Option

_ABOUT = re.compile(r"^argument (?P<names>\S+?): (?P<rest>.*)$", re.DOTALL)
_UNKNOWN = "unrecognized arguments: "
_MISSING = "the following arguments are required: "


def sentence(message: str, options: Iterable[Option]) -> str:
    """Return a complaint of argparse as a sentence that says what to do."""
    options = tuple(options)
    about = _ABOUT.match(message)
    if about:
        return _about(about["names"].split("/")[0], about["rest"], options)
    if message.startswith(_UNKNOWN):
        return _unknown(message.removeprefix(_UNKNOWN).split()[0], options)
    if message.startswith(_MISSING):
        return _missing(message.removeprefix(_MISSING), options)
    return message[:1].upper() + message[1:] + ("" if message.endswith(".") else ".")


def _about(name: str, complaint: str, options: tuple[Option, ...]) -> str:
    if complaint.startswith("invalid choice: "):
        chosen, _, choices = complaint.removeprefix("invalid choice: ").partition(" (choose from ")
        choices = choices.rstrip(")").replace("'", "")
        return f"There is no {name.lower()} {chosen}. There is {choices}."
    if not complaint.startswith("expected"):
        return complaint
    option = next((o for o in options if name in (*o.names, o.keyword)), None)
    value = option.metavar if option else "VALUE"
    return f"{name} needs a value: {name} {value}."


def _missing(metavar: str, options: tuple[Option, ...]) -> str:
    about = next((option.help for option in options if option.metavar == metavar), "")
    return (
        f"{metavar} is missing: {about[0].lower()}{about[1:]}"
        if about
        else f"{metavar} is missing."
    )


def _unknown(word: str, options: tuple[Option, ...]) -> str:
    if not word.startswith("-"):
        cure = "Put a value that has blanks into quotes."
        if "=" in word and any(option.keyword == "params" for option in options):
            cure = f"A param is written --param {word}."
        return f"{word!r} is one word too many. {cure}"
    word = word.split("=")[0]
    known = [name for option in options for name in option.names if name.startswith("--")]
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"There is no option {word}. Did you mean {near[0]}?"
    return f"There is no option {word}. The options are {', '.join(known)}."
