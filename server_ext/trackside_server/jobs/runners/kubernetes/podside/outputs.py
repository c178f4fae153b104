"""What the job leaves in its folder: sent to the run's artifacts, or over the output if small."""

from __future__ import annotations

import base64
import http.client
import os
import stat
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from .framing import Frames

# Over the output go small files only: a node keeps the last 10 MiB of a container's output.
MAX_FILE = 1024 * 1024
MAX_ALL = 4 * 1024 * 1024
_SECONDS = 300.0
_SKIPPED = ("__pycache__", "__trackside__", "mlruns", ".ipynb_checkpoints")


def before(work: Path) -> dict[str, tuple[int, int]]:
    """Note size and time of each file that was delivered."""
    return {name: _seen(work / name) for name in _names(work)}


def keep(work: Path, known: dict[str, tuple[int, int]], frames: Frames, lane: str) -> list[str]:
    """Send the files that are new or changed; name those that are too large.

    Parameters
    ----------
    work
        The job's working directory.
    known
        What `before` noted.
    frames
        For what cannot be sent straight.
    lane
        ``server`` where that is possible.
    """
    budget = MAX_ALL
    lost = []
    for name in _names(work):
        path = work / name
        try:
            size, _ = seen = _seen(path)
            if known.get(name) == seen:
                continue
            if lane == "server" and _upload(name, path):
                continue
            if size > min(MAX_FILE, budget):
                lost.append(name)
                continue
            budget -= size
            content = base64.b64encode(path.read_bytes()).decode("ascii")
            frames.send({"output": name, "data": content})
        except OSError:
            lost.append(name)
    return lost


def tell_lost(lost: list[str], frames: Frames) -> None:
    """Tell, and say in the log, what could not be sent."""
    if lost:
        frames.send({"lost": sorted(lost)[:20], "count": len(lost)})
        shown = ", ".join(sorted(lost)[:5]) + (", ..." if len(lost) > 5 else "")
        why = "too large for the output of a pod, and the Jupyter server is out of reach"
        print(f"[trackside] Not kept: {shown} ({why}).", flush=True)  # noqa: T201 - the job's log


def _upload(name: str, path: Path) -> bool:
    root = os.environ.get("TRACKSIDE_ARTIFACTS", "")
    url = os.environ.get("TRACKSIDE_URL", "")
    if not root or not url:
        return False
    address = f"{url}/api/2.0/mlflow-artifacts/artifacts/{quote(root)}/{quote(name)}"
    headers = {
        "Authorization": "Bearer " + os.environ.get("TRACKSIDE_TOKEN", ""),
        "Content-Type": "application/octet-stream",
        "Content-Length": str(path.stat().st_size),
    }
    with path.open("rb") as file:
        request = urllib.request.Request(  # noqa: S310 - the address is the one that was delivered
            address, data=file, headers=headers, method="PUT"
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=_SECONDS):
                return True
        except (OSError, urllib.error.URLError, http.client.HTTPException):
            return False


def _names(work: Path) -> list[str]:
    found = []
    for folder, inner, files in os.walk(work):
        inner[:] = [name for name in inner if name not in _SKIPPED]
        found += [str((Path(folder) / name).relative_to(work)) for name in files]
    return [name for name in sorted(found) if _is_regular(work / name)]


def _is_regular(path: Path) -> bool:
    """Tell whether it is a file: a link leads elsewhere, and to open a pipe can take for ever."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _seen(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
