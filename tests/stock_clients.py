"""Clients that are tested as their users have them: which interpreter and path they run with."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = ROOT / ".clients"


@dataclass(frozen=True)
class StockClient:
    """One version of a package whose client or SDK talks to Trackside.

    Attributes
    ----------
    version
        As the package says it.
    python
        The interpreter to run it with.
    path
        Folders that have to come first on its path.
    """

    version: str
    python: Path
    path: tuple[Path, ...] = field(default=())

    def environment(self) -> dict[str, str]:
        """Return what has to be in the environment for this version."""
        return {"PYTHONPATH": os.pathsep.join(map(str, self.path))} if self.path else {}

    def run(
        self,
        script: Path,
        *arguments: str,
        env: dict[str, str],
        cwd: Path | None = None,
        timeout: float = 500,
    ) -> Any:
        """Run a script and return the JSON of the last line that it prints."""
        done = subprocess.run(
            [self.python, "-W", "ignore", script, *arguments],
            env={**env, **self.environment()},
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-8000:]
        return json.loads(done.stdout.strip().splitlines()[-1])
