"""The images that pods run, made without a registry.

An image is an OCI archive that containerd imports. That of Python takes a minute to make, and is
kept.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from tests.cluster.hermetic.paths import BUILT, built, need

PYTHON = "trackside.test/python:1"
PAUSE = "trackside.test/pause:1"
BARE = "trackside.test/bare:1"
KFP = "trackside.test/kfp:1"
# Kept from build to build: another content needs another tag.
ARCHIVE = BUILT / f"python-{PYTHON.rpartition(':')[2]}.tar"

_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Where any Python of Debian looks.
_PACKAGES = "usr/lib/python3/dist-packages"

# Most of a small Debian is there for people who read it, and for packages still to be installed.
UNREAD = (
    "usr/share/doc",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/man",
    "usr/share/zoneinfo",
    "var/cache/apt",
    "var/lib/apt/lists",
)


def make_python() -> None:
    """Make the archive of the Python image, unless it is there."""
    if ARCHIVE.exists():
        return
    BUILT.mkdir(exist_ok=True)
    # A system is unpacked with devices and owners of its own, which only root can write.
    with tempfile.TemporaryDirectory(dir=BUILT, prefix="python-") as folder:
        system = Path(folder, "system")
        _bootstrap(system)
        for path in UNREAD:
            shutil.rmtree(system / path, ignore_errors=True)
        (system / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        layer = Path(folder, "layer.tar")
        with tarfile.open(layer, "w", format=tarfile.GNU_FORMAT) as tar:
            # The runtime brings its own.
            tar.add(system, ".", filter=lambda entry: None if entry.isdev() else entry)
        _write(Path(folder, "image.tar"), PYTHON, layer, {"Cmd": ["python3"]})
        Path(folder, "image.tar").rename(ARCHIVE)


def make_pause(archive: Path) -> None:
    """Make the archive of the image that holds a pod's namespaces."""
    layer = archive.with_suffix(".layer")
    with tarfile.open(layer, "w") as tar:
        tar.add(built("pause"), "pause")
    _write(archive, PAUSE, layer, {"Entrypoint": ["/pause"]})
    layer.unlink()


def make_bare(archive: Path) -> None:
    """Make the archive of an image that holds the program cp, and neither a shell nor Python."""
    program = Path(need("cp")).resolve()
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    libraries = [word for word in told.split() if word.startswith("/")]
    layer = archive.with_suffix(".layer")
    with tarfile.open(layer, "w", dereference=True) as tar:
        tar.add(program, "bin/cp")
        for library in libraries:
            tar.add(library, library.lstrip("/"))
    _write(archive, BARE, layer, {"Entrypoint": ["/bin/cp"]})
    layer.unlink()


def make_kfp(archive: Path, packages: Path) -> None:
    """Make the archive of that of Python with the SDK of KFP, on top of what containerd has of it.

    Parameters
    ----------
    archive
        Where it is written.
    packages
        The folder that the SDK was installed to.
    """
    found = importlib.util.find_spec("pip")
    assert found is not None
    assert found.submodule_search_locations
    layer = archive.with_suffix(".layer")
    with tarfile.open(layer, "w") as tar:
        for path in (*packages.glob("kfp*"), Path(found.submodule_search_locations[0])):
            tar.add(path, f"{_PACKAGES}/{path.name}", filter=_as_installed)
        _add(tar, "usr/local/bin/pip", b'#!/bin/sh\nexec python3 -m pip "$@"\n', mode=0o755)
    # There is no network. Python images that are made for it let pip install beside Debian's.
    env = [_PATH, "PIP_NO_INDEX=1", "PIP_BREAK_SYSTEM_PACKAGES=1"]
    _write(archive, KFP, layer, {"Cmd": ["python3"], "Env": env}, below=_layers(ARCHIVE))
    layer.unlink()


def _as_installed(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in entry.name else entry


def _layers(archive: Path) -> list[dict]:
    """Return the descriptors of the layers of an archive that was made here."""
    with tarfile.open(archive) as tar:

        def read(name: str) -> dict:
            member = tar.extractfile(name)
            assert member
            return json.load(member)

        (manifest,) = read("index.json")["manifests"]
        return read(f"blobs/sha256/{manifest['digest'].removeprefix('sha256:')}")["layers"]


def _bootstrap(system: Path) -> None:
    uri, release = _origin()
    command = [need("debootstrap"), "--variant=minbase", "--include=python3", release, system]
    log = BUILT / "debootstrap.log"
    with log.open("wb") as output:
        done = subprocess.run(
            [*command, *([uri] if uri else [])], stdout=output, stderr=output, check=False
        )
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise RuntimeError(f"debootstrap could not make the Python image:\n{tail}")


def _origin() -> tuple[str, str]:
    """Return from where this machine takes its own packages, and of which release it is."""
    described = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    )
    for line in described.stdout.splitlines():
        uri, _, release = line.partition(" ")
        if Path("/usr/share/debootstrap/scripts", release).exists():
            return uri, release
    return "", "stable"


def _write(archive: Path, name: str, layer: Path, config: dict, below: Sequence[dict] = ()) -> None:
    """Write an OCI archive of one layer, on top of those that are known already."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    with layer.open("rb") as content:
        digest = _digest(content)
    layers = [
        *below,
        {
            "mediaType": "application/vnd.oci.image.layer.v1.tar",
            "digest": f"sha256:{digest}",
            "size": layer.stat().st_size,
        },
    ]
    with tarfile.open(archive, "w") as tar:

        def blob(kind: str, content: dict) -> dict:
            data = json.dumps(content).encode()
            found = hashlib.sha256(data).hexdigest()
            _add(tar, f"blobs/sha256/{found}", data)
            return {
                "mediaType": f"application/vnd.oci.image.{kind}+json",
                "digest": f"sha256:{found}",
                "size": len(data),
            }

        tar.add(layer, f"blobs/sha256/{digest}")
        described = blob(
            "config.v1",
            {
                "architecture": machine,
                "os": "linux",
                "config": {"Env": [_PATH], **config},
                # They are not compressed, so both digests are one.
                "rootfs": {"type": "layers", "diff_ids": [one["digest"] for one in layers]},
            },
        )
        manifest = blob(
            "manifest.v1",
            {"schemaVersion": 2, "config": described, "layers": layers},
        )
        manifest["annotations"] = {"io.containerd.image.name": name}
        _add(tar, "index.json", json.dumps({"schemaVersion": 2, "manifests": [manifest]}).encode())
        _add(tar, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')


def _digest(content: BinaryIO) -> str:
    found = hashlib.sha256()
    while chunk := content.read(1 << 20):
        found.update(chunk)
    return found.hexdigest()


def _add(tar: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.mode = mode
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))
