"""Where what was built lies, and where the programs of the system are."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILT = ROOT / ".cluster"
BIN = BUILT / "bin"
MANIFESTS = BUILT / "manifests"
CNI_PLUGINS = Path("/usr/lib/cni")

# Debian keeps some of them out of the search path of ordinary users.
SEARCH = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]
)


class Missing(Exception):
    """Something that a cluster is made of is not here; the message says how to get it."""


def find(program: str) -> str | None:
    """Return the path of a program of the system or of this environment."""
    return shutil.which(program, path=SEARCH)


def need(program: str) -> str:
    """Return the path of a program.

    Raises
    ------
    Missing
        It is not here; the message says how to get it.
    """
    path = find(program)
    if path is None:
        raise Missing(
            f"{program} is not here: run 'make .make/cluster', which builds and installs "
            "everything that the tests' cluster is made of, or says what to install."
        )
    return path


def built(name: str) -> str:
    """Return the path of a program that ``build.sh`` builds.

    Raises
    ------
    Missing
        It was not built.
    """
    path = BIN / name
    if not path.exists():
        raise Missing(f"{path.relative_to(ROOT)} was not built yet: run 'make .make/cluster'.")
    return str(path)
