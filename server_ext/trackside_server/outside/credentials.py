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
_MAX_TOKEN: Final = 64 * 1024


@dataclass
class Credentials:
    """Makes the headers that prove who asks.

    Attributes
    ----------
    authorization
        The whole header, when it does not change.
    token_file
        The file of a bearer token that may change.
    fixed
        Further headers.
    words
        How the server is called.
    """

    words: Words

    authorization: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    fixed: Mapping[str, str] = field(default_factory=dict, repr=False)
    _read: tuple[float, str] | None = field(default=None, repr=False)

    async def headers(self) -> dict[str, str]:
        """Give the headers of a request that is sent now.

        Raises
        ------
        ServerMisconfigured
            The file of the token cannot be used.
        """
        found = dict(self.fixed)
        authorization = self.authorization
        if self.token_file is not None:
            if self._read is None or time.monotonic() - self._read[0] > _FRESH:
                token = await asyncio.to_thread(_token_of, self.token_file, self.words)
                self._read = (time.monotonic(), token)
            authorization = f"Bearer {self._read[1]}"
        if authorization is not None:
            found["Authorization"] = authorization
        return found

    def refused(self) -> None:
        """Read the token again before the next request: the server did not take this one."""
        self._read = None


def _token_of(file: Path, words: Words) -> str:
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(_MAX_TOKEN).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise ServerMisconfigured(
            f"The token for the {words.server} cannot be read from {file}: {why}.",
            hint=f"Set {words.token_file} to a file that holds it.",
        ) from None
    if not text:
        raise ServerMisconfigured(
            f"The file {file} holds no token for the {words.server}.",
            hint="Write the token into it; it is read again within seconds.",
        )
    return bare(text, words)


def bare(token: str, words: Words) -> str:
    """Give a token that a header may carry.

    Raises
    ------
    ServerMisconfigured
        It is none.
    """
    if not token.isascii() or any(mark.isspace() or not mark.isprintable() for mark in token):
        raise ServerMisconfigured(
            f"The token for the {words.server} holds characters that no header may carry.",
            hint="Write the bare token, in one line.",
        )
    return token
