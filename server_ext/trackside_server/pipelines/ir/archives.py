"""What `kfp` uploads besides plain text: a YAML file in a ``.zip`` or a ``.tar.gz``."""

from __future__ import annotations

import gzip
import io
import math
import tarfile
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Final

from .mistakes import mistake

if TYPE_CHECKING:
    from trackside_server.errors import InvalidInput

MAX_FILE: Final = 32 * 1024 * 1024
"""Bytes of a pipeline's file, unpacked."""

_MAX_MEMBERS: Final = 100
_ENDINGS: Final = (".yaml", ".yml", ".json")
_DAMAGED: Final = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


def unpacked(data: bytes) -> bytes:
    """Return the pipeline's file out of an archive; what is no archive is returned as it is.

    Raises
    ------
    InvalidInput
        The archive is damaged, too large, or does not hold exactly one pipeline.
    """
    if len(data) > MAX_FILE:
        raise too_large("file", len(data))
    try:
        if data.startswith(b"PK"):
            return _of_zip(data)
        if data.startswith(b"\x1f\x8b"):
            return _of_tar(_read(gzip.GzipFile(fileobj=io.BytesIO(data))))
    except _DAMAGED as error:
        raise mistake(
            "NOT_READABLE",
            "",
            "The archive is damaged or of a kind that is not read.",
            "Compile the pipeline again, or upload the YAML file itself.",
        ) from error
    return data


def _of_zip(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {one.filename: one for one in archive.infolist() if not one.is_dir()}
        member = members[_chosen([*members])]
        # The others may ask for gigabytes of memory before they give the first byte.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotImplementedError
        with archive.open(member) as file:
            return _read(file)


def _of_tar(data: bytes) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        members = {one.name: one for one in archive if one.isfile()}
        file = archive.extractfile(members[_chosen([*members])])
        assert file is not None
        return _read(file)


def _chosen(names: list[str]) -> str:
    pipelines = [name for name in names if _is_pipeline(name)]
    if len(names) > _MAX_MEMBERS or len(pipelines) != 1:
        count = len(pipelines) or "no"
        raise mistake(
            "NO_PIPELINE",
            "",
            f"The archive holds {count} YAML files; it has to hold one, the compiled pipeline.",
            "Pack the file that the KFP compiler wrote, and nothing else.",
        )
    return pipelines[0]


def _is_pipeline(name: str) -> bool:
    last = name.rpartition("/")[2]
    return last.lower().endswith(_ENDINGS) and not last.startswith(".")


def _read(file: IO[bytes] | gzip.GzipFile) -> bytes:
    found = file.read(MAX_FILE + 1)
    if len(found) > MAX_FILE:
        raise _refusal("The pipeline's file is larger, unpacked,")
    return found


def too_large(what: str, size: int) -> InvalidInput:
    """Return the error for more bytes than a pipeline may have.

    Parameters
    ----------
    what
        What it came in: a file or a request.
    size
        In bytes.
    """
    # Rounded up: by a byte more it is not of the size that is allowed.
    return _refusal(
        f"The {what} with the pipeline has {math.ceil(size / 2**20 * 10) / 10} MiB, more"
    )


def _refusal(begun: str) -> InvalidInput:
    return mistake(
        "TOO_LARGE",
        "",
        f"{begun} than the {MAX_FILE // 2**20} MiB that are read.",
        "Take large constants out of it: give them to tasks as artifacts, or by their address.",
    )
