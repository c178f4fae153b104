"""What `kfp` uploads besides plain text: a YAML file in a ``.zip`` or a ``.tar.gz``."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from typing import IO, Final

from .mistakes import mistake

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
    try:
        if data.startswith(b"PK"):
            return _of_zip(data)
        if data.startswith(b"\x1f\x8b"):
            return _of_tar(data)
    except _DAMAGED as error:
        raise mistake(
            "NOT_READABLE",
            "",
            "The archive is damaged or of a kind that is not read.",
            "Compile the pipeline again, or upload the YAML file itself.",
        ) from error
    if len(data) > MAX_FILE:
        raise _too_large()
    return data


def _of_zip(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        name = _chosen([member.filename for member in members if not member.is_dir()])
        with archive.open(name) as file:
            return _read(file)


def _of_tar(data: bytes) -> bytes:
    # Read as a stream: a member that unpacks to gigabytes is left as soon as it is too large.
    names = []
    found = b""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|gz") as archive:
        for member in archive:
            if not member.isfile():
                continue
            names.append(member.name)
            if member.size > MAX_FILE:
                raise _too_large()
            if len(names) > _MAX_MEMBERS:
                break
            if _is_pipeline(member.name) and (file := archive.extractfile(member)) is not None:
                found = _read(file)
    _chosen(names)
    return found


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


def _read(file: IO[bytes]) -> bytes:
    found = file.read(MAX_FILE + 1)
    if len(found) > MAX_FILE:
        raise _too_large()
    return found


def _too_large() -> Exception:
    return mistake(
        "TOO_LARGE",
        "",
        f"The pipeline's file is larger than {MAX_FILE // 1024 // 1024} MiB.",
        "Pass large data as an artifact, or by its address.",
    )
