"""Looks what tasks can be run with here."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Final

from .context import Means

if TYPE_CHECKING:
    from pathlib import Path

_ENGINES: Final = ("docker", "podman")
# A Python on a slow disk takes a while to start, an engine that hangs must not hold up the rest.
_PATIENCE: Final = 15.0
_HAS_KFP: Final = (
    "import importlib.util, sys; sys.exit(importlib.util.find_spec('kfp.dsl.executor') is None)"
)

# What is missing is asked for again soon: who reads it installs or starts it, and tries again.
_AGAIN: Final = 10.0

_known: dict[tuple[str, ...], tuple[bool, float]] = {}


def look(python: str, overlays: Path, gpus: int) -> Means:
    """Ask an interpreter and this machine what they have.

    Parameters
    ----------
    python
        The interpreter of Python components.
    overlays
        The folder of environments for ``packages_to_install``.
    gpus
        How many GPUs there are; who hands them out knows.
    """
    return Means(
        python=python,
        has_kfp=_answers((python, "-c", _HAS_KFP)),
        container_engine=_container_engine(),
        overlays=overlays,
        gpus=gpus,
    )


def _container_engine() -> str | None:
    for name in _ENGINES:
        path = shutil.which(name)
        # The client alone is no engine.
        if path is not None and _answers((path, "ps")):
            return path
    return None


def _answers(command: tuple[str, ...]) -> bool:
    answer, asked = _known.get(command, (False, -_AGAIN))
    if not answer and time.monotonic() - asked >= _AGAIN:
        answer = _ask(command)
        _known[command] = (answer, time.monotonic())
    return answer


def _ask(command: tuple[str, ...]) -> bool:
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
    return done.returncode == 0
