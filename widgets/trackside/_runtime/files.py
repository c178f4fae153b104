"""Reading and writing the small files of a job's folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def read_json(path: Path) -> dict[str, Any]:
    """Return the object that a file holds."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def write_json(path: Path, content: object) -> None:
    """Write an object so that a reader never sees half of it."""
    write_bytes(path, json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes so that a reader never sees half of them."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        # Half of it takes room on a disk that is full.
        part.unlink(missing_ok=True)
        raise
