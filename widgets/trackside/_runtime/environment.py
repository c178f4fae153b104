"""What the job ran in: Python, machine and the installed packages."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

_DIST = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py[^-]+)?\.(?:dist|egg)-info")


def describe() -> dict[str, Any]:
    """Return the content of environment.json.

    The names of the folders that installers leave say all that is needed; reading the metadata in
    them would take a hundred times as long.
    """
    machine = os.uname()  # The module `platform` would read the interpreter's file for the same.
    return {
        "python": sys.version.split()[0],
        "executable": sys.executable,
        "implementation": sys.implementation.name,
        "platform": f"{machine.sysname} {machine.release} {machine.machine}",
        "host": machine.nodename,
        "packages": packages(),
    }


def packages() -> dict[str, str]:
    """Return the installed distributions and their versions, the first on the path winning."""
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = [item.name for item in os.scandir(folder or ".")]
        except OSError:
            continue
        for name in sorted(names):
            match = _DIST.fullmatch(name)
            if match:
                key = re.sub(r"[-_.]+", "-", match.group("name")).lower()
                found.setdefault(key, match.group("version"))
    return dict(sorted(found.items()))
