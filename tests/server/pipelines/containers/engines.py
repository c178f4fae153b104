"""The container engines of this machine, and an image for them that no registry has to give."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field, replace  # noqa: TID251 - of a dataclass
from pathlib import Path

# What the scripts of these tests call.
_PROGRAMS = ("sh", "cat", "cp", "env", "id", "mkdir", "sleep", "touch", "wc")
# An engine raises limits of processes, which a machine may forbid; to lower them is always allowed.
_LOWERED = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
_NOWHERE = "unix:///nowhere/docker.sock"


@dataclass(frozen=True)
class Engine:
    """One engine.

    Attributes
    ----------
    name
        ``docker`` or ``podman``.
    folder
        That of the server which uses it.
    env
        What that server needs in its environment to find this engine and no other.
    image
        The name of the image.
    """

    name: str
    folder: Path
    env: dict[str, str]
    image: str = field(default=f"trackside.test/shell:{os.getpid()}")

    def call(self, *words: str) -> str:
        """Run its client as the server would, and return what it says, errors as well."""
        done = subprocess.run(
            [self.name, *words],
            # Without root, images lie below the home.
            env={**os.environ, "HOME": str(self.folder / "home"), **self.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stdout)
        return done.stdout

    def containers(self) -> list[str]:
        """Name the containers that there are, running or not."""
        return self.call("ps", "--all", "--format", "{{.Names}}").split()


def prepared(name: str, folder: Path) -> Engine | str:
    """Return an engine that has the image and runs it; or say why there is none.

    Parameters
    ----------
    name
        ``docker`` or ``podman``.
    folder
        That of the server which will use it.
    """
    if shutil.which(name) is None:
        return f"{name} is not installed"
    (folder / "home").mkdir()
    engine = Engine(name, folder, {"DOCKER_HOST": _NOWHERE} if name == "podman" else {})
    try:
        engine.call("ps")
    except RuntimeError as error:
        return f"{name} does not answer: {error}"
    layer = folder / "layer.tar"
    make_layer(layer)
    engine.call("import", "--change", "ENV PATH=/bin", str(layer), engine.image)
    lowered = folder / "containers.conf"
    lowered.write_text(_LOWERED)
    refused = ""
    for more in ({}, {"CONTAINERS_CONF": str(lowered)}):
        tried = replace(engine, env={**engine.env, **more})
        try:
            tried.call("run", "--rm", "--network=host", engine.image, "sh", "-c", "true")
        except RuntimeError as error:
            refused = f"{name} runs no container here: {error}"
        else:
            return tried
    return refused


def make_layer(path: Path) -> None:
    """Write the files of the image: a shell and a few programs of this machine."""
    files: dict[str, str] = {}
    for name in _PROGRAMS:
        program = shutil.which(name)
        assert program is not None, name
        files[f"bin/{name}"] = program
        told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
        files |= {library.lstrip("/"): library for library in re.findall(r"/\S+", told)}
    with tarfile.open(path, "w", dereference=True) as tar:
        for inner, outer in files.items():
            tar.add(outer, inner)
        for folder in ("tmp", "etc"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            tar.addfile(entry)
