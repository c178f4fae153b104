"""Commands with parameters in braces, made scripts of the shell in which no value stands.

A value pasted into a script is read by the shell, and one that is quoted is not safe either: the
command may have quotes around the braces. Here each parameter is a variable of the shell, which
the shell replaces after it has read the script, and keeps one word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Collection

_TOKEN = re.compile(r"\\.|\$\{(?!\{)[^}]*\}|\{\{|\}\}|\{\s*([A-Za-z_]\w*)\s*\}|['\"]|.", re.DOTALL)


def script(command: str, names: Collection[str]) -> tuple[str, list[str]]:
    """Return a script for the shell, and the parameters that are its first, second, … argument.

    Parameters
    ----------
    command
        The command: ``python train.py --lr {lr}``. ``{{`` and ``}}`` stand for braces, and
        ``${HOME}`` is the shell's own.
    names
        The parameters that have a value.

    Raises
    ------
    TracksideError
        When the command names another one.
    """
    order: list[str] = []
    quote = ""
    parts: list[str] = []
    for match in _TOKEN.finditer(command):
        token, name = match.group(0), match.group(1)
        if name is not None:
            if name not in names:
                raise TracksideError(
                    f"The command has {{{name}}}, which is no parameter of it.",
                    "Declare it under parameters, or write two braces for one: {{ }}.",
                )
            if name not in order:
                order.append(name)
            parts.append(_reference(order.index(name) + 1, quote))
        elif token in ("{{", "}}"):
            parts.append(token[0])
        elif token.startswith("\\") and quote == "'" and token[1:] == "'":
            # In single quotes a backslash is one, and the quote behind it closes.
            parts.append(token)
            quote = ""
        else:
            if token in ("'", '"') and quote in ("", token):
                quote = "" if quote else token
            parts.append(token)
    return "".join(parts), order


def _reference(number: int, quote: str) -> str:
    variable = f"${{{number}}}"
    if quote == '"':
        return variable
    return f"'\"{variable}\"'" if quote else f'"{variable}"'
