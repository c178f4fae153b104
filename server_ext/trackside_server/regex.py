"""Regular expressions that take time in proportion to the text, whatever they say.

Python's own engine tries one way after the other: an expression like ``(a+)+$`` keeps it busy for
ever, with the lock that every thread of the server needs. RE2 cannot be brought to that; its price
is that there are no back-references and no looking around.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# What compiled expressions may take of the server's memory, each.
_MAX_MEMORY = 1 << 20


class Unsupported(ValueError):
    """The expression cannot be compiled; the message says why."""


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Callable[[str], Any]:
    """Compile an expression, or give the one that was compiled before, as a search of a text.

    Raises
    ------
    Unsupported
        It is no expression, or one that RE2 does not know.
    """
    import re2  # a C extension: only loaded when somebody uses an expression

    options = re2.Options()
    # What is wrong with an expression is told to whoever wrote it, not to the server's log.
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        found: Callable[[str], Any] = re2.compile(pattern, options).search
    except re2.error as error:
        reason = error.args[0]
        told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise Unsupported(f"the regular expression does not work: {told}") from None
    return found


def matches(pattern: str, text: object) -> bool:
    """Say whether a text matches; SQLite's ``text REGEXP pattern``."""
    return text is not None and compiled(pattern)(str(text)) is not None
