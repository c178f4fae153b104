"""Looks what tasks can be run with here."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from .context import Means

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ENGINES: Final = ("docker", "podman")
# A Python on a slow disk takes a while to start, an engine that hangs must not hold up the rest.
_PATIENCE: Final = 15.0
_ASK: Final = (
    "import importlib.util, sys; sys.exit(importlib.util.find_spec('kfp.dsl.executor') is None)"
)

# Only what was found is remembered: who reads that kfp is missing installs it and tries again.
_known: set[tuple[str, ...]] = set()


def look(python: str, overlays: Path) -> Means:
    """Ask an interpreter and this machine what they have.

    Parameters
    ----------
    python
        The interpreter of Python components.
    overlays
        The folder of environments for ``packages_to_install``.
    """
    return Means(
        python=python,
        has_kfp=_answers((python, "-c", _ASK)),
        container_engine=_container_engine(),
        overlays=overlays,
    )


def _container_engine() -> str | None:
    for name in _ENGINES:
        path = shutil.which(name)
        # The client alone is no engine.
        if path is not None and _answers((path, "ps")):
            return path
    return None


def _answers(command: Sequence[str]) -> bool:
    key = tuple(command)
    if key in _known:
        return True
    try:
        done = subprocess.run(
            command,
            # Without this, importing the SDK would load its client too.
            env={**os.environ, "_KFP_RUNTIME": "true"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return False
    if done.returncode == 0:
        _known.add(key)
    return done.returncode == 0
