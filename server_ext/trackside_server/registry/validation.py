"""Limits of what can be registered, the same as MLflow's or a little tighter.

Each function gives the value to store or raises :class:`InvalidInput` with a sentence that says
what is allowed.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from trackside_server.errors import InvalidInput
from trackside_server.tracking.validation import is_own_path

from .entities import STAGES

MAX_NAME: Final = 256
MAX_ALIAS: Final = 255
MAX_TEXT: Final = 100_000
MAX_LINK: Final = 2000
MAX_ID: Final = 256
MAX_REASON: Final = 2000

_ALIAS = re.compile(r"[\w\-]+\Z")
_VERSION_ALIAS = re.compile(r"v\d+\Z", re.IGNORECASE)
_STAGES: Final = {stage.lower(): stage for stage in STAGES}


def name(value: str) -> str:
    """Check the name of a registered model."""
    if not value.strip():
        raise InvalidInput("A registered model needs a name that is not blank.")
    if len(value) > MAX_NAME:
        raise InvalidInput(
            f"The name of a registered model has at most {MAX_NAME} characters; this one has "
            f"{len(value)}."
        )
    if "/" in value or ":" in value or "\0" in value:
        raise InvalidInput(f"Invalid model name {value[:80]!r}: it cannot contain '/' or ':'.")
    if not is_own_path(value):
        raise InvalidInput(f"Invalid model name {value[:80]!r}: it means a folder, take another.")
    return value


def version(value: str) -> int:
    """Give the number of a version."""
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise InvalidInput(f"Invalid version {value[:40]!r}: it is a whole number, as text.")
    return int(value)


def alias(value: str) -> str:
    """Check an alias that is looked for or taken away."""
    if len(value) > MAX_ALIAS:
        raise InvalidInput(f"An alias has at most {MAX_ALIAS} characters.")
    if not _ALIAS.match(value):
        raise InvalidInput(
            f"Invalid alias {value[:80]!r}: letters, digits, '_' and '-' are allowed in it."
        )
    return value


def new_alias(value: str) -> str:
    """Check an alias that is given: some words mean something else."""
    alias(value)
    if value.lower() == "latest" or _VERSION_ALIAS.match(value):
        raise InvalidInput(
            f"The alias {value!r} is reserved: 'latest' and 'v' with a number mean versions."
        )
    return value


def stage(value: str) -> str:
    """Give the stage that is meant, in whatever letter case it is written."""
    found = _STAGES.get(value.lower())
    if found is None:
        raise InvalidInput(
            f"Invalid model version stage {value[:40]!r}: it is one of {', '.join(STAGES)}."
        )
    return found


def text(value: str, what: str, most: int = MAX_TEXT) -> str:
    """Check the length of a text."""
    if len(value) > most:
        raise InvalidInput(f"{what} has at most {most} characters; this one has {len(value)}.")
    return value


def reason(value: str) -> str:
    """Check why something is promoted."""
    return text(value.strip(), "A reason", MAX_REASON)


def header_reason(value: str) -> str:
    """Read a reason from a header, which holds it percent-encoded."""
    return reason(unquote(value, errors="replace"))
