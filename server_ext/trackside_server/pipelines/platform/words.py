"""Reads the single words of settings: names, paths, amounts and variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from trackside_server.cluster.quantities import parse_quantity
from trackside_server.pipelines.ir.mistakes import mistake, shown
from trackside_server.pipelines.ir.model import Constant

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.fields import Message
    from trackside_server.pipelines.ir.model import ParameterBinding

    from .reader import Reader
    from .settings import Name

_PLACEHOLDER: Final = "{{$"
VOLUME_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
MODES: Final = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")


def name_of(reader: Reader, message: Message, parameter: str, old: str, what: str) -> Name:
    """Read a name that an input may give; older SDKs wrote a plain text instead."""
    if parameter in message:
        return _plain(reader.binding(message, parameter), message.at(parameter), what)
    text = message.text(old)
    if not text:
        raise mistake("MISSING", message.place, f"It is not said which {what} is meant.")
    return text


def absolute(message: Message, name: str = "mount_path") -> str:
    """Read where something is mounted."""
    path = message.text(name)
    if not path or ":" in path or "\0" in path:
        raise mistake(
            "WRONG_KIND",
            message.at(name),
            f"{shown(path)} is no path to mount something at.",
            "Name a folder such as /data, without a colon.",
        )
    # A kubelet begins at the root as well.
    return path if path.startswith("/") else f"/{path}"


def volume_name(message: Message, name: str = "volume_name") -> str:
    """Read the name of a volume of the pod."""
    text = message.text(name)
    if not VOLUME_NAME.match(text):
        raise mistake(
            "BAD_NAME",
            message.at(name),
            f"{shown(text)} cannot name a volume.",
            "Take small letters, digits and hyphens, at most 63.",
        )
    return text


def quantity(message: Message, name: str) -> str:
    """Read an amount; an absent one is empty."""
    return amount(message.text(name), message.at(name))


def amount(text: str, place: str) -> str:
    """Return an amount that is one."""
    try:
        bad = bool(text) and parse_quantity(text) < 0
    except ValueError:
        bad = True
    if bad:
        raise mistake(
            "WRONG_KIND", place, f"{shown(text)} is no amount.", "Write one such as 5Gi or 500m."
        )
    return text


def needed_quantity(message: Message, name: str) -> str:
    """Read an amount that has to be there."""
    if not message.text(name):
        raise mistake("MISSING", message.at(name), "It is not said how large it shall be.")
    return quantity(message, name)


def modes(message: Message, name: str) -> tuple[str, ...]:
    """Read how a volume may be mounted."""
    found = message.texts(name)
    for index, mode in enumerate(found):
        if mode not in MODES:
            raise mistake(
                "WRONG_KIND",
                f"{message.at(name)}[{index}]",
                f"It has to be one of {', '.join(MODES)}, not {shown(mode)}.",
            )
    if not found:
        hint = f"Name one of {', '.join(MODES)}."
        raise mistake("MISSING", message.at(name), "It is not said how it is mounted.", hint)
    return found


def variable(message: Message, name: str) -> str:
    """Read the name of an environment variable."""
    text = message.text(name)
    if not text or "=" in text or "\0" in text:
        raise mistake(
            "BAD_NAME", message.at(name), f"{shown(text)} cannot be set in an environment."
        )
    return text


def _plain(found: ParameterBinding, place: str, what: str) -> Name:
    if not isinstance(found.source, Constant) or found.selector:
        return found
    value = found.source.value
    if not isinstance(value, str) or not value:
        raise mistake("WRONG_KIND", place, f"The name of the {what} has to be a text.")
    return found if _PLACEHOLDER in value else value
