"""Who this process is, so that the server can tell whether it still lives."""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CLIENT_TAG = "trackside.client"
"""A run that no job started says here which process logs it, as JSON."""


def client_tag(source: Mapping[str, Any], cwd: str | None = None) -> str:
    """Return the facts by which a server on the same machine finds this process again.

    Parameters
    ----------
    source
        Where the code comes from; its kernel is what people restart.
    cwd
        Where the server may ask git, unless it is told about that anyway.
    """
    facts = {
        "pid": os.getpid(),
        "started": _started(),
        "host": platform.node(),
        "machine": machine(),
        "kernel_id": source.get("kernel_id"),
        "cwd": cwd,
    }
    return json.dumps({key: value for key, value in facts.items() if value is not None})


def machine() -> str:
    """Name what process numbers are unique in: this boot of the machine, or this container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return f"{sys.platform}/{platform.node()}"


def _started() -> float | None:
    """Return the start of this process in the kernel's clock; other systems have none to read."""
    try:
        text = Path("/proc/self/stat").read_bytes()
        return float(text[text.rfind(b")") + 2 :].split()[19])
    except (OSError, ValueError, IndexError):
        return None
