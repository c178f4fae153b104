"""Which files may travel, and under which path."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Folders that tools fill and that no job needs.
_SKIPPED = frozenset(
    {"__pycache__", "node_modules", "venv", "site-packages", "mlruns", "wandb", "lightning_logs"}
)
_SECRET = re.compile(
    r"(\.env(\..+)?|.*\.(pem|key|p12|pfx|jks|keystore|kdbx)|id_(rsa|dsa|ecdsa|ed25519)(\.pub)?"
    r"|\.?(netrc|pgpass|pypirc|npmrc|git-credentials|htpasswd)|credentials(\.(json|ya?ml|ini|toml))?"
    r"|.*service[-_]account.*\.json|client_secret.*\.json|secrets?(\.(json|ya?ml|ini|toml|txt|py))?"
    r"|kaggle\.json|kubeconfig)",
    re.IGNORECASE,
)
_SECRET_FOLDERS = frozenset({".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure", ".gcloud"})


def is_secret(path: Path) -> bool:
    """Tell by its name whether a file seems to hold keys or passwords."""
    return bool(_SECRET.fullmatch(path.name)) or any(p in _SECRET_FOLDERS for p in path.parts)


def inside(path: Path, folder: Path) -> bool:
    """Tell whether a path lies in a folder once all links are followed."""
    return path.resolve().is_relative_to(folder.resolve())


def relative(path: Path, folder: Path) -> str | None:
    """Return the path of a file below a folder as a bundle writes it; None when it is outside.

    Links are not followed: this is the name under which the code finds the file.
    """
    whole = os.path.normpath(folder / path)
    base = os.path.normpath(folder)
    if not whole.startswith(base.rstrip(os.sep) + os.sep):
        return None
    return whole[len(base.rstrip(os.sep)) + 1 :].replace(os.sep, "/")


def walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in a fixed order, without what tools and editors leave."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.startswith(".") or entry.name in _SKIPPED:
            continue
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            if not (path / "pyvenv.cfg").exists():
                yield from walk(path)
        elif entry.name.endswith((".pyc", ".pyo")):
            continue
        elif entry.is_file() or entry.is_dir():
            yield path  # Links to folders too: whoever asks says whether they may travel.
