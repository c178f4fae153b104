"""Looks what tasks can be run with here."""

from __future__ import annotations

import math
import os
import subprocess
import time
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Final

from . import engines
from .context import Means

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A Python on a slow disk takes a while to start, an engine that hangs must not hold up the rest.
_PATIENCE: Final = 15.0
_HAS_KFP: Final = (
    "import importlib.util, sys; sys.exit(importlib.util.find_spec('kfp.dsl.executor') is None)"
)

# What is missing is asked for again soon: who reads it installs or starts it, and tries again. What
# is there may be taken away, but not while a pipeline is likely to run.
_AGAIN: Final[dict[bool, float]] = {False: 10.0, True: 300.0}
# The path of an interpreter comes out of requests.
_KEPT: Final = 64


class Looks:
    """Looks what there is on this machine, and remembers it for a while; belongs into a thread.

    Parameters
    ----------
    clock
        Counts seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[tuple[tuple[str, ...], str], tuple[bool, float]] = OrderedDict()
        self._lock = Lock()

    def look(self, python: str, overlays: Path, gpus: int, *, cluster: bool = False) -> Means:
        """Ask an interpreter and this machine what they have.

        Parameters
        ----------
        python
            The interpreter of Python components.
        overlays
            The folder of environments for ``packages_to_install``.
        gpus
            How many GPUs there are; who hands them out knows.
        cluster
            Whether there is a cluster.
        """
        return Means(
            python=python,
            has_kfp=self._answers((python, "-c", _HAS_KFP)),
            container_engine=engines.find(self._answers),
            overlays=overlays,
            gpus=gpus,
            cluster=cluster,
        )

    def _answers(self, command: tuple[str, ...], expected: str = "") -> bool:
        key = (command, expected)
        with self._lock:
            answer, until = self._known.get(key, (False, -math.inf))
        if self._clock() < until:
            return answer
        told = _ask(command, expected)
        # One that is too busy to answer has not lost what it had.
        answer = answer if told is None else told
        with self._lock:
            self._known[key] = (answer, self._clock() + _AGAIN[answer])
            self._known.move_to_end(key)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return answer


def _ask(command: tuple[str, ...], expected: str) -> bool | None:
    """Run a command: whether it succeeded and said that, None where it did not end."""
    try:
        done = subprocess.run(
            command,
            # Without this, importing the SDK would load its client too.
            env={**os.environ, "_KFP_RUNTIME": "true"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if expected else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    except (OSError, ValueError):
        return False
    return done.returncode == 0 and expected.encode() in (done.stdout or b"").lower()
