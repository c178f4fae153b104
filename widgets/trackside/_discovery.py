"""Finding the Trackside server: the environment, a server file, or Jupyter's own runtime files."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Place:
    """Where a server may be: its Trackside URL and the token to use there."""

    url: str
    token: str | None
    ca_file: str | None = None


def from_environment() -> Place | None:
    """Return what TRACKSIDE_URL and TRACKSIDE_SERVER_FILE say.

    The server file wins over the variable: it is rewritten whenever the server starts, while a
    process keeps the environment that it was born with.
    """
    place = from_server_file()
    if place is not None:
        return place
    url = os.environ.get("TRACKSIDE_URL")
    ca_file = os.environ.get("TRACKSIDE_CA_FILE") or None
    return Place(url.rstrip("/"), _token(), ca_file) if url else None


def from_server_file() -> Place | None:
    """Return what TRACKSIDE_SERVER_FILE says at this moment."""
    name = os.environ.get("TRACKSIDE_SERVER_FILE")
    if not name:
        return None
    try:
        found = json.loads(Path(name).read_text(encoding="utf-8"))
        url, ca_file = found["url"], found.get("ca_file")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Place(url.rstrip("/"), _token(), ca_file) if isinstance(url, str) and url else None


def _token() -> str | None:
    return os.environ.get("TRACKSIDE_TOKEN") or None


def jupyter_servers(near: Path | None = None) -> list[dict[str, Any]]:
    """Return the live Jupyter servers of this user, the most likely one first.

    Parameters
    ----------
    near
        A folder; servers whose root holds it come first. Default: the current folder.
    """
    found: list[tuple[tuple[int, float], dict[str, Any]]] = []
    here = str(near or Path.cwd())
    for file in runtime_dir().glob("jpserver-*.json"):
        try:
            info = json.loads(file.read_text(encoding="utf-8"))
            started = file.stat().st_mtime
        except (OSError, ValueError):
            continue
        if not isinstance(info, dict) or not info.get("url") or not _alive(info.get("pid")):
            continue
        root = str(info.get("root_dir") or "")
        holds = bool(root) and (here == root or here.startswith(root.rstrip("/") + "/"))
        found.append(((len(root) if holds else -1, started), info))
    found.sort(key=lambda item: item[0], reverse=True)
    return [info for _, info in found]


def jupyter_places(near: Path | None = None) -> list[Place]:
    """Return where Trackside would be on each live Jupyter server."""
    return [
        Place(str(info["url"]).rstrip("/") + "/trackside", info.get("token") or None)
        for info in jupyter_servers(near)
    ]


def runtime_dir() -> Path:
    """Return the folder where Jupyter servers leave their connection files."""
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return _runtime_dir()
    return Path(jupyter_runtime_dir())


def _runtime_dir() -> Path:
    if os.environ.get("JUPYTER_RUNTIME_DIR"):
        return Path(os.environ["JUPYTER_RUNTIME_DIR"])
    if os.environ.get("JUPYTER_DATA_DIR"):
        return Path(os.environ["JUPYTER_DATA_DIR"]) / "runtime"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Jupyter" / "runtime"
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "jupyter" / "runtime"


def _alive(pid: object) -> bool:
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True
