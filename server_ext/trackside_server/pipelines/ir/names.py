"""Which names are taken: each becomes part of a path in files and in the run's tree."""

from __future__ import annotations

from typing import Final

from .mistakes import mistake, shown

MAX_NAME: Final = 200
_SEPARATORS: Final = frozenset("/\\[]")


def check_name(name: str, place: str) -> str:
    """Return the name of a component, task, input or output.

    Raises
    ------
    InvalidInput
        It is empty, too long, or would lead elsewhere as part of a path.
    """
    if not name or len(name.encode(errors="replace")) > MAX_NAME:
        why = "is empty" if not name else f"is longer than {MAX_NAME} bytes"
    elif name in (".", ".."):
        why = "leads to another folder as part of a path"
    elif not name.isprintable() or not _SEPARATORS.isdisjoint(name):
        why = 'holds one of the characters "/", "\\", "[", "]", or one that cannot be seen'
    else:
        return name
    raise mistake("BAD_NAME", place, f"The name {shown(name)} {why}.", "Give it another name.")
