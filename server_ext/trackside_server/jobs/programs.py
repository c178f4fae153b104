"""Reads what a job runs: the code, and the values and words that it is given."""

from __future__ import annotations

import json
import keyword
import re
from typing import TYPE_CHECKING, Any

from trackside_server.errors import InvalidInput

from .fields import finite, shown
from .quantities import size_text

if TYPE_CHECKING:
    from .entities import Kind
    from .fields import Fields

MAX_PARAMS = 1000
MAX_PARAM_BYTES = 256 * 1024
MAX_ARGUMENT_BYTES = 256 * 1024

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SCRIPT_PARAM = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,249}")


def read_code(fields: Fields, kind: Kind) -> tuple[str, str | None]:
    """Return the digest of the bundle, or the path that is still to be packed."""
    bundle, path = fields.text("bundle"), fields.text("path", 4000)
    if (bundle is None) == (path is None):
        raise InvalidInput(
            "A job needs either bundle or path.",
            hint="Send the digest of an uploaded bundle, or the path of a script or notebook.",
            reason="bundle",
        )
    if bundle is not None and not _DIGEST.fullmatch(bundle):
        raise fields.wrong("bundle", "the digest of an uploaded bundle (64 hex digits)")
    if path is not None and kind not in ("script", "notebook"):
        raise fields.wrong("path", f"absent for a {kind}", "Send its code as a bundle.")
    return bundle or "", path


def read_function(fields: Fields, kind: Kind) -> str | None:
    """Return the name of the function."""
    name = fields.text("function", 200)
    if name is not None and not all(part.isidentifier() for part in name.split(".")):
        raise fields.wrong("function", "the name of a function")
    if kind == "function" and name is None:
        raise fields.wrong("function", "the name of the function to run")
    return name


def read_params(fields: Fields, kind: Kind) -> dict[str, Any]:
    """Return the params."""
    params = fields.mapping("params")
    if params and kind == "command":
        raise fields.wrong(
            "params",
            "absent for a command",
            "Write them among its arguments, or pass them as env.",
        )
    if len(params) > MAX_PARAMS:
        raise InvalidInput(f"params holds {len(params)} names; {MAX_PARAMS} is the most.")
    for name, value in params.items():
        plain = bool(_SCRIPT_PARAM.fullmatch(name))
        if not (plain if kind == "script" else name.isidentifier() and not keyword.iskeyword(name)):
            raise InvalidInput(
                f"params has the name {shown(name)}, which no variable can have.",
                hint="Use letters, digits and _, and begin with a letter.",
                reason="params",
            )
        if not finite(value):
            raise InvalidInput(
                f"params.{name} holds NaN or an infinity, which JSON does not know.",
                hint=f'Send it as a text ("inf") and use float({name}) in the code.',
                reason=f"params.{name}",
            )
    if len(json.dumps(params)) > MAX_PARAM_BYTES:
        raise InvalidInput(
            f"params is larger than {size_text(MAX_PARAM_BYTES)}.",
            hint="Put large values into a file that travels with the code.",
            reason="params",
        )
    return dict(params)


def read_arguments(fields: Fields, kind: Kind) -> tuple[str, ...]:
    """Return the arguments of a script, or all words of a command."""
    arguments = fields.texts("arguments")
    if kind == "command":
        if not arguments or not arguments[0].strip():
            raise fields.wrong(
                "arguments", "the words of the command", 'Write ["./train", "--lr", "0.1"].'
            )
    elif arguments and kind != "script":
        raise fields.wrong("arguments", f"absent for a {kind}", "Use params.")
    if sum(len(word) for word in arguments) > MAX_ARGUMENT_BYTES:
        raise InvalidInput(
            f"arguments is larger than {size_text(MAX_ARGUMENT_BYTES)}.",
            hint="Put large values into a file that travels with the code.",
            reason="arguments",
        )
    return arguments
