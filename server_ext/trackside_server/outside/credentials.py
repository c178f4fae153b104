"""What proves to a server who asks; it stays in this process and in no log."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .errors import ServerMisconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .words import Words

# How long a token from a file is used until the file is looked at again.
_FRESH: Final = 10.0
_MOST: Final = 64 * 1024


@dataclass
class Credentials:
    """Makes the headers that prove who asks.

    Attributes
    ----------
    words
        How the server is called.
    authorization
        The whole header, when it does not change.
    token_file
        The file of a bearer token that may change.
    fixed
        Further headers.
    cookie_file
        The file of a cookie that may change.
    """

    words: Words
    authorization: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    fixed: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookie_file: Path | None = None
    _read: dict[Path, tuple[float, str]] = field(default_factory=dict, repr=False)

    async def headers(self) -> dict[str, str]:
        """Give the headers of a request that is sent now.

        Raises
        ------
        ServerMisconfigured
            A file cannot be used.
        """
        found = dict(self.fixed)
        if self.authorization is not None:
            found["Authorization"] = self.authorization
        elif self.token_file is not None:
            token = await self._content(self.token_file, "token")
            found["Authorization"] = f"Bearer {bare(token, self.words)}"
        if self.cookie_file is not None:
            cookie = await self._content(self.cookie_file, "cookie")
            found["Cookie"] = bare(cookie, self.words, "cookie")
        return found

    def refused(self) -> None:
        """Read the files again before the next request: the server did not take what they held."""
        self._read.clear()

    async def _content(self, file: Path, what: str) -> str:
        read = self._read.get(file)
        if read is None or time.monotonic() - read[0] > _FRESH:
            text = await asyncio.to_thread(_read, file, what, self.words)
            read = self._read[file] = (time.monotonic(), text)
        return read[1]


def bare(secret: str, words: Words, what: str = "token") -> str:
    """Give a token or cookie that a header may carry.

    Raises
    ------
    ServerMisconfigured
        It is none.
    """
    spaced = secret if what == "token" else secret.replace(" ", "")
    if not spaced.isascii() or any(mark.isspace() or not mark.isprintable() for mark in spaced):
        raise ServerMisconfigured(
            f"The {what} for the {words.server} holds characters that no header may carry.",
            hint=f"Write the bare {what}, in one line.",
        )
    return secret


def _read(file: Path, what: str, words: Words) -> str:
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(_MOST).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise ServerMisconfigured(
            f"The {what} for the {words.server} cannot be read from {file}: {why}.",
            hint=f"Set {words.token_file} to a file that holds it.",
        ) from None
    if not text:
        raise ServerMisconfigured(
            f"The file {file} holds no {what} for the {words.server}.",
            hint=f"Write the {what} into it; it is read again within seconds.",
        )
    return text
