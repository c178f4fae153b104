"""Unpacks a compressed body, at a bounded size."""

from __future__ import annotations

import zlib
from typing import Final

from trackside_server.errors import InvalidInput, TooLarge

MAX_INFLATED: Final = 64 * 1024 * 1024

_WINDOWS: Final = {"gzip": (31,), "deflate": (15, -15)}
"""Formats to try: some clients send a deflate stream without its envelope."""


def inflated(body: bytes, encoding: str, most: int = MAX_INFLATED) -> bytes:
    """Give the body as it was before it was compressed.

    Parameters
    ----------
    body
        As it came.
    encoding
        The value of the ``Content-Encoding`` header; empty or ``identity`` for none.
    most
        How many bytes it may have.

    Raises
    ------
    InvalidInput
        The encoding is unknown, or the body is not of it.
    TooLarge
        Unpacked it would be too large; no more than that was unpacked.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    windows = _WINDOWS.get(name)
    if windows is None:
        raise InvalidInput(
            f"Content-Encoding {encoding[:40]!r} is not known here; use gzip, deflate or none."
        )
    for window in windows:
        stream = zlib.decompressobj(window)
        try:
            unpacked = stream.decompress(body, most + 1)
        except zlib.error:
            continue
        if len(unpacked) > most:
            raise TooLarge(
                f"Unpacked, this request is larger than {most // 1024 // 1024} MiB.",
                hint="Send it in smaller parts.",
            )
        # What comes behind the end would be lost without a word.
        if stream.eof and not stream.unused_data:
            return unpacked
    raise InvalidInput(f"The body is not valid {name} data.")
