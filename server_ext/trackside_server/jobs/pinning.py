"""What a rerun would not find as it was: said before anything starts.

The code of a job is pinned: its bundle is named by its content. What it runs in is not.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from trackside._runtime import environment

from .pythons import is_usable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .bundles import Bundles
    from .directory import JobDirectory
    from .entities import Job

# A Python on a slow disk takes a while to start; nobody waits longer to read a warning.
_PATIENCE: Final = 15.0
_NAMED: Final = 5
_MOST_BYTES: Final = 2**20
# The same function that described the environment of the job, in the Python that would run it.
_PROGRAM: Final = (
    "import json, runpy, sys; print(json.dumps(runpy.run_path(sys.argv[1])['packages']()))"
)


class Finding(Struct, frozen=True):
    """Something that is not pinned.

    Parameters
    ----------
    code
        Stable, for programs.
    message
        A sentence, for people.
    blocks
        Whether the job cannot run again without something else being given.
    """

    code: str
    message: str
    blocks: bool = False


def unpinned(job: Job, directory: JobDirectory, bundles: Bundles) -> list[Finding]:
    """Say what of a job would be another thing when it ran again; reads files and asks its Python.

    Parameters
    ----------
    job
        What ran.
    directory
        Its folder.
    bundles
        The bundles that are here.

    Returns
    -------
    list of Finding
        What keeps it from running first.
    """
    found = [*_of_spec(job, bundles), *_of_place(job, _described(directory))]
    return sorted(found, key=lambda finding: not finding.blocks)


def _of_spec(job: Job, bundles: Bundles) -> Iterator[Finding]:
    spec = job.spec
    if not bundles.has(spec.bundle):
        yield Finding(
            "CODE_GONE", "Its code is no longer here, so it cannot run again.", blocks=True
        )
    if spec.secret_env:
        names = ", ".join(spec.secret_env)
        yield Finding(
            "SECRETS",
            f"Secret values are not kept and have to be given again: {names}.",
            blocks=True,
        )


def _of_place(job: Job, described: Mapping[str, Any]) -> Iterator[Finding]:
    spec = job.spec
    if spec.on != "local":
        if spec.image is None:
            yield Finding(
                "IMAGE", "It runs in the image of this notebook, which may be another one by now."
            )
        elif "@sha256:" not in spec.image:
            yield Finding(
                "IMAGE",
                f"The image {spec.image} is named by a tag, which may mean another one by now.",
            )
        return
    python = described.get("executable")
    packages = described.get("packages")
    if not isinstance(python, str) or not isinstance(packages, dict):
        yield Finding("PACKAGES_UNKNOWN", "It is not known with which packages it ran.")
    elif not is_usable(python):
        yield Finding("PYTHON_GONE", f"The Python that ran it is gone: {python}.")
    else:
        yield from _of_packages(packages, _installed(python))


def _of_packages(then: Mapping[str, Any], now: Mapping[str, Any] | None) -> Iterator[Finding]:
    if now is None:
        yield Finding("PACKAGES_UNKNOWN", "Its Python does not say which packages it has now.")
        return
    changes = [
        f"{name} is gone" if name not in now else f"{name} {version} → {now[name]}"
        for name, version in then.items()
        if now.get(name) != version
    ]
    if changes:
        more = len(changes) - _NAMED
        named = ", ".join(changes[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield Finding("PACKAGES", f"Packages have changed since: {named}.")


def _described(directory: JobDirectory) -> Mapping[str, Any]:
    """Read what the job found around itself; it could write anything there."""
    try:
        with directory.environment.open("rb") as file:
            found = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _installed(python: str) -> Mapping[str, Any] | None:
    try:
        answer = subprocess.run(
            [python, "-c", _PROGRAM, environment.__file__],
            capture_output=True,
            cwd="/",
            timeout=_PATIENCE,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        found = json.loads(answer.stdout)
    except (OSError, ValueError, RecursionError, subprocess.SubprocessError):
        return None
    return found if isinstance(found, dict) else None
