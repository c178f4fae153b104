"""The container engine of this machine, and what has to be said to one and not to the other."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

_INIT: Final = "--init"
# Where podman looks by itself, before anything that Debian does not install along with it.
_OWN_INITS: Final = ("/usr/libexec/podman/catatonit", "/usr/lib/podman/catatonit")
_OTHER_INITS: Final = ("catatonit", "tini-static", "docker-init", "tini")


class Ask(Protocol):
    """Runs a command: whether it succeeded, and said what was expected."""

    def __call__(self, command: tuple[str, ...], expected: str = "") -> bool:
        """Run it."""


class Engine(Struct, frozen=True):
    """A container engine that answers.

    Parameters
    ----------
    path
        Of its client.
    user
        The words that make a container's files those of the user of this process.
    init
        The words that put a small first process into a container, which hands on signals and takes
        note of ends; none where there is no such program.
    gpus
        The words that let a container have GPUs.
    """

    path: str
    user: tuple[str, ...]
    init: tuple[str, ...]
    gpus: tuple[str, ...]


def docker(path: str, *, rootless: bool = False) -> Engine:
    """Describe Docker; where it runs without root, root of its containers is the user."""
    uid, gid = (0, 0) if rootless else (os.getuid(), os.getgid())
    return Engine(path, (f"--user={uid}:{gid}",), (_INIT,), ("--gpus=all",))


def podman(path: str) -> Engine:
    """Describe Podman."""
    uid, gid = os.getuid(), os.getgid()
    # Without root, it would give the files to one of the user's subordinate ids; with it, it
    # refuses to keep any.
    user = "--userns=keep-id" if uid else f"--user={uid}:{gid}"
    return Engine(path, (user,), _init_of_podman(), ("--device=nvidia.com/gpu=all",))


def find(ask: Ask) -> Engine | None:
    """Return the engine of this machine, None where none answers."""
    path = shutil.which("docker")
    # A client alone is no engine. Podman, which some machines call so, does not know this word.
    asked = (path or "", "info", "--format", "{{.SecurityOptions}}")
    if path is not None and ask(asked):
        return docker(path, rootless=ask(asked, "name=rootless"))
    path = shutil.which("podman")
    return podman(path) if path is not None and ask((path, "ps")) else None


def _init_of_podman() -> tuple[str, ...]:
    """Choose the first process: without a program for it, podman would start no container."""
    if not sys.platform.startswith("linux") or any(map(os.path.exists, _OWN_INITS)):
        return (_INIT,)
    return next(iter(_found(_OTHER_INITS)), ())


def _found(names: Sequence[str]) -> list[tuple[str, ...]]:
    paths = (shutil.which(name) for name in names)
    return [(_INIT, f"--init-path={path}") for path in paths if path is not None]
