"""What is delivered to the pod of a task: the code that fetches and sends, and small inputs."""

from __future__ import annotations

import gzip
import io
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import InvalidInput
from trackside_server.jobs.quantities import size_text
from trackside_server.jobs.runners.kubernetes.delivery import MAX_PIECES, PIECE, pack, start_code
from trackside_server.jobs.runners.kubernetes.podside import parcels

from . import layout

if TYPE_CHECKING:
    from collections.abc import Mapping

# What is larger than this is not packed to see whether it becomes small enough.
_WORTH_PACKING: Final = 4 * PIECE * MAX_PIECES
_HERE: Final = Path(__file__).parent


def pieces(inputs: Mapping[str, str], url: str | None) -> tuple[Mapping[str, bytes], ...]:
    """Return the files of each ConfigMap or Secret.

    Parameters
    ----------
    inputs
        What travels: how it is called in the pod, and where it is.
    url
        Where the pod finds this job on this server; None where it is out of reach.

    Raises
    ------
    InvalidInput
        The inputs are too large for every way that is open.
    """
    launch: dict[str, Any] = {
        "home": layout.HOME,
        "url": url,
        "download": False,
        "fetches": layout.FETCHES,
        "listens": ".listens",
        "outputs": [layout.OUTPUTS, layout.PARAMETERS],
    }
    archive = _packed(inputs)
    if inputs and (archive is None or (url is not None and len(archive) > PIECE)):
        if url is None:
            raise _too_large(inputs)
        launch, archive = {**launch, "download": True}, b""
    first = {"launch.json": json.dumps(launch).encode(), "start.py": start_code()}
    files = {**first, "piece-0000": _code(), **_cut(archive or b"", "cargo-")}
    return _together(files)


def _packed(inputs: Mapping[str, str]) -> bytes | None:
    if not inputs:
        return b""
    if parcels.size_of(inputs.values()) > _WORTH_PACKING:
        return None
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed:
        for piece in parcels.pieces(inputs):
            packed.write(piece)
    content = buffer.getvalue()
    return content if len(content) <= PIECE * (MAX_PIECES - 1) else None


def _cut(content: bytes, prefix: str) -> dict[str, bytes]:
    # Names and the code need a little of the room, too.
    size = PIECE // 2
    return {
        f"{prefix}{index:04}": content[at : at + size]
        for index, at in enumerate(range(0, len(content), size))
    }


def _together(files: Mapping[str, bytes]) -> tuple[Mapping[str, bytes], ...]:
    """Put as many files together as one object takes."""
    found: list[dict[str, bytes]] = [{}]
    for name, content in files.items():
        if sum(map(len, found[-1].values())) + len(content) > PIECE:
            found.append({})
        found[-1][name] = content
    return tuple(found)


@lru_cache(maxsize=1)
def _code() -> bytes:
    return pack({"lib/podside": _HERE.parent / "podside"}, b"", frozenset({"__pycache__"}))


def _too_large(inputs: Mapping[str, str]) -> InvalidInput:
    name, path = max(inputs.items(), key=lambda one: parcels.size_of([one[1]]))
    size = size_text(parcels.size_of([path]))
    return InvalidInput(
        f"The input {name} is {size}, and this server is out of reach of the cluster's pods, so "
        f"inputs of at most {size_text(PIECE * (MAX_PIECES - 1))} packed can be handed to a task.",
        hint="Set c.Trackside.cluster_url to the address under which pods reach this server, or "
        "keep the store on a volume that notebook and pods share (ReadWriteMany).",
        reason="inputs",
    )
