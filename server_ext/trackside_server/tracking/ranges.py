"""The small parts of HTTP that serving a file needs."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from typing import Final
from urllib.parse import quote

from trackside_server.protocol.errors import RangeNotSatisfiable

_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)\s*\Z")
_TEXT_NAMES: Final = frozenset({"MLmodel", "MLproject", "requirements.txt", "Dockerfile"})
_TEXT_SUFFIXES: Final = (
    ".cfg .conf .env .ini .jsonl .log .md .py .r .rst .sh .sql .toml .ts .tsx .yaml .yml .ipynb"
).split()


def wanted_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Read a Range header.

    Parameters
    ----------
    header
        Its value.
    size
        Size of the file.

    Returns
    -------
    tuple of int, or None
        First byte and the one behind the last; None when the whole file is wanted, also for several
        ranges at once and for what is not understood, as HTTP allows.

    Raises
    ------
    RangeNotSatisfiable
        The range begins behind the end.
    """
    match = _RANGE.match(header or "")
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        length = int(match[2])
        if length and size:
            return max(0, size - length), size
    else:
        start = int(match[1])
        end = min(size, int(match[2]) + 1) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
        if start < size:
            return start, end
    raise RangeNotSatisfiable(f"The file has {size} bytes, and {header} begins behind them.")


def content_type(name: str) -> str:
    """Guess the type of a file; what is readable text is called so."""
    if name in _TEXT_NAMES or name.lower().endswith(tuple(_TEXT_SUFFIXES)):
        return "text/plain; charset=utf-8"
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def attachment(name: str) -> str:
    """Write a Content-Disposition that offers a file under its name, in any alphabet."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^\w!#$&+\-.^`|~ ()\[\]@=,;]", "_", plain) or "download"
    if safe == name:
        return f'attachment; filename="{name}"'
    encoded = quote(name, safe="!#$&+-.^_`|~")
    return f"attachment; filename=\"{safe}\"; filename*=UTF-8''{encoded}"
