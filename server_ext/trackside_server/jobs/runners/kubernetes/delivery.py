"""How a job's code gets into its pod: in pieces, over a shared volume, or fetched from here."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from functools import lru_cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec import Struct

from trackside_server.errors import InvalidInput
from trackside_server.jobs.quantities import size_text

from .manifests.pod import HOME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.jobs.entities import Job

Way = Literal["pieces", "shared", "fetch"]

# The API takes a Secret or ConfigMap of 1 MiB; names and the rest of the object need a little.
PIECE: Final = 1_000_000
MAX_PIECES: Final = 16
_HERE = Path(__file__).parent
# What a job never needs of the client: doors for people.
_LEFT_OUT = frozenset(
    {"_capture", "_cli", "_magics", "_display", "_widget", "static", "__pycache__"}
)


class Delivery(Struct, frozen=True):
    """What is mounted into the pod.

    Parameters
    ----------
    way
        How the code comes.
    pieces
        The files of each Secret or ConfigMap.
    """

    way: Way
    pieces: tuple[Mapping[str, bytes], ...]


def deliver(
    job: Job, bundle: Path, *, install: tuple[str, ...], shared: str | None, fetch: str | None
) -> Delivery:
    """Make what a pod needs to begin.

    Parameters
    ----------
    job
        The job.
    bundle
        The folder of the bundle's files.
    install
        Packages to be installed first.
    shared
        The folder of the bundle inside the pod, where a volume of the notebook shows it there.
    fetch
        Where the pod gets the code when it is too large for the API; None when it cannot.

    Raises
    ------
    InvalidInput
        The code is too large for every way that is open.
    """
    launch = _launch(job, install)
    runtime = _runtime()
    if shared is not None:
        return Delivery("shared", _pieces({**launch, "shared": shared}, runtime))
    archive = pack({"work": bundle}, runtime)
    if len(archive) <= PIECE * MAX_PIECES:
        return Delivery("pieces", _pieces(launch, archive))
    if fetch is not None:
        return Delivery("fetch", _pieces({**launch, "fetch": fetch}, runtime))
    raise InvalidInput(
        f"The code of the job is {size_text(len(archive))} packed, and a cluster takes at most "
        f"{size_text(PIECE * MAX_PIECES)}.",
        hint="Put data on a volume that the notebook shares (ReadWriteMany), or set "
        "Trackside.cluster_url so that jobs can fetch their code from this server.",
        reason="bundle",
    )


def files_of(bundle: Path) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """Return the files of a bundle for an image that may have no Python to unpack them.

    Parameters
    ----------
    bundle
        The folder of the bundle's files.

    Returns
    -------
    data, items
        The content by keys that a ConfigMap may have, and the path of each.

    Raises
    ------
    InvalidInput
        They are too large for one ConfigMap.
    """
    paths = [
        path
        for path in sorted(bundle.rglob("*"))
        if path.is_file() and "__trackside__" not in path.relative_to(bundle).parts
    ]
    size = sum(path.stat().st_size for path in paths)
    if size > PIECE:
        raise InvalidInput(
            f"The files of the command are {size_text(size)}, and a cluster takes at most "
            f"{size_text(PIECE)} of them.",
            hint="Put them into the image, or on a volume that the notebook shares.",
            reason="bundle",
        )
    data = {f"file-{index}": path.read_bytes() for index, path in enumerate(paths)}
    items = [
        {"key": f"file-{index}", "path": path.relative_to(bundle).as_posix()}
        for index, path in enumerate(paths)
    ]
    return data, items


def archive_of(bundle: Path) -> bytes:
    """Return the archive that a pod fetches."""
    return pack({"work": bundle}, b"")


def pack(
    folders: Mapping[str, Path], runtime: bytes, left_out: frozenset[str] = frozenset()
) -> bytes:
    """Return an archive of folders, the same for the same content, behind another one.

    Parameters
    ----------
    folders
        What each is called in the archive, and where it is.
    runtime
        An archive whose files come first.
    left_out
        Folders that are not packed, wherever they are.
    """
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        if runtime:
            with tarfile.open(fileobj=io.BytesIO(runtime), mode="r:gz") as first:
                for member in first:
                    archive.addfile(member, first.extractfile(member))
        for name, folder in folders.items():
            for path in sorted(folder.rglob("*")):
                relative = path.relative_to(folder)
                if path.is_file() and not left_out & set(relative.parts[:-1]):
                    _add(archive, f"{name}/{relative.as_posix()}", path)
    return buffer.getvalue()


def _add(archive: tarfile.TarFile, name: str, path: Path) -> None:
    info = tarfile.TarInfo(name)
    info.size = path.stat().st_size
    info.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
    with path.open("rb") as file:
        archive.addfile(info, file)


def load() -> None:
    """Read what runs in pods: what launches them and what runs there are one version then.

    A newer version may be installed while the server runs.
    """
    start_code()
    _runtime()


@lru_cache(maxsize=1)
def start_code() -> bytes:
    """Return what a pod begins with."""
    return (_HERE / "podside" / "start.py").read_bytes()


@lru_cache(maxsize=1)
def _runtime() -> bytes:
    spec = find_spec("trackside")
    assert spec is not None
    assert spec.origin is not None
    client = Path(spec.origin).parent
    return pack({"lib/trackside": client, "lib/podside": _HERE / "podside"}, b"", _LEFT_OUT)


def _launch(job: Job, install: tuple[str, ...]) -> dict[str, Any]:
    spec = job.spec
    return {
        "version": 1,
        "home": HOME,
        # Where the cluster looks for the last words of a container.
        "words": "/dev/termination-log",
        "job_id": job.job_id,
        "name": job.name,
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "kind": spec.kind,
        "function": spec.function,
        "params": dict(spec.params),
        "arguments": list(spec.arguments),
        "label": spec.label,
        "first_line": spec.source.get("first_line", 1),
        "nodes": spec.resources.nodes,
        "install": list(install),
    }


def _pieces(launch: Mapping[str, Any], archive: bytes) -> tuple[Mapping[str, bytes], ...]:
    first = {
        "launch.json": json.dumps(launch).encode(),
        "start.py": start_code(),
    }
    room = PIECE - sum(map(len, first.values()))
    cuts = [0, *range(room, len(archive), PIECE), len(archive)]
    parts = [archive[begin:end] for begin, end in pairwise(cuts)]
    named = [{f"piece-{index:04}": part} for index, part in enumerate(parts)]
    return ({**first, **named[0]}, *named[1:])
