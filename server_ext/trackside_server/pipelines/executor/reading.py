"""Reads small files that a task wrote; it could have put anything in their place."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from trackside._bundle import size_text

from .places import inside
from .reasons import ContractError

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 16 * 2**20


def read_small(path: Path, folder: Path, what: str) -> str | None:
    """Return the text of a file below a folder, None where there is no such file.

    Parameters
    ----------
    path, folder
        The file, and what it has to be in.
    what
        How a sentence calls it.

    Raises
    ------
    ContractError
        It is a link or pipe, lies elsewhere, is too large, or is no text.
    """
    if inside(path.parent, (folder,)) is None:
        raise ContractError("OUTPUT_OUTSIDE", f"{what} leads out of the folder of its task.")
    try:
        # A pipe would be waited for without the second flag.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ContractError(
            "OUTPUT_UNREADABLE", f"{what} cannot be read: {error.strerror}."
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ContractError("OUTPUT_UNREADABLE", f"{what} is no plain file.")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > MAX_BYTES:
        raise ContractError(
            "OUTPUT_TOO_LARGE",
            f"{what} is larger than {size_text(MAX_BYTES)}; large results belong into an artifact.",
        )
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ContractError("OUTPUT_UNREADABLE", f"{what} is no UTF-8 text.") from None
