"""The bundle: what a job's code needs, named by the hash of its content.

A bundle is a set of files. Its manifest lists path, size and SHA-256 of each, sorted by path; the
SHA-256 of the manifest's canonical JSON is the digest. On the wire it is a gzipped tar archive.
The client packs, the server unpacks and believes nothing that it has not computed itself.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_FILES = 5000
MAX_BYTES = 1024**3
MAX_PATH = 400
MAX_SEGMENT = 255

META = "__trackside__"
ENTRY = f"{META}/entry.json"
PREAMBLE = f"{META}/preamble.py"
CELL = f"{META}/cell.py"

_CHUNK = 1024 * 1024


class BundleError(ValueError):
    """A bundle that is damaged, too large, or tries to leave its folder."""


@dataclass(frozen=True, order=True)
class File:
    """One line of the manifest."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The sorted list of a bundle's files."""

    files: tuple[File, ...]

    @property
    def digest(self) -> str:
        """The bundle's name: the hash of the canonical manifest."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @property
    def size(self) -> int:
        """The sum of the files' sizes in bytes."""
        return sum(file.size for file in self.files)

    def to_json(self) -> str:
        """Return the canonical JSON."""
        listed = [asdict(file) for file in self.files]
        return json.dumps(listed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Parse a manifest.

        Raises
        ------
        BundleError
            When it is not one, or breaks a rule of `of`.
        """
        try:
            found = json.loads(text)
            listed = [
                File(str(item["path"]), int(item["size"]), str(item["sha256"])) for item in found
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise BundleError("The manifest is damaged.") from error
        if not isinstance(found, list):
            raise BundleError("The manifest is damaged.")
        return cls.of(listed)

    @classmethod
    def of(cls, files: Iterable[File]) -> Manifest:
        """Return the manifest of these files, checked.

        Raises
        ------
        BundleError
            For unsafe or clashing paths and for more than a bundle may hold.
        """
        ordered = tuple(sorted(files))
        if len(ordered) > MAX_FILES:
            raise BundleError(f"{len(ordered)} files; a bundle holds at most {MAX_FILES}.")
        paths = {file.path for file in ordered}
        if len(paths) != len(ordered):
            raise BundleError("A path is listed twice.")
        for file in ordered:
            check_path(file.path)
            for parent in PurePosixPath(file.path).parents:
                if str(parent) in paths:
                    raise BundleError(f"{parent} is listed as a file and as a folder.")
        total = sum(file.size for file in ordered)
        if total > MAX_BYTES:
            raise BundleError(
                f"{size_text(total)} in all; a bundle holds at most {size_text(MAX_BYTES)}."
            )
        return cls(ordered)


@dataclass(frozen=True)
class Bundle:
    """Files on disk and in memory under the paths that they will have in the job."""

    contents: Mapping[str, Path | bytes]
    manifest: Manifest

    @classmethod
    def build(cls, contents: Mapping[str, Path | bytes]) -> Bundle:
        """Read and hash the files.

        Raises
        ------
        BundleError
            See `Manifest.of`.
        OSError
            When a file cannot be read.
        """
        if len(contents) > MAX_FILES:
            raise BundleError(f"{len(contents)} files; a bundle holds at most {MAX_FILES}.")
        listed = []
        for path, content in contents.items():
            if isinstance(content, bytes):
                listed.append(File(path, len(content), hashlib.sha256(content).hexdigest()))
            else:
                listed.append(_hashed(path, content))
        return cls(dict(contents), Manifest.of(listed))

    @property
    def digest(self) -> str:
        """The bundle's name."""
        return self.manifest.digest

    def pack(self, target: IO[bytes]) -> None:
        """Write the gzipped tar archive: the same bytes for the same content.

        Raises
        ------
        BundleError
            When a file changed its size since it was hashed.
        """
        with (
            gzip.GzipFile(
                fileobj=target, mode="wb", mtime=0, filename="", compresslevel=6
            ) as zipped,
            tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for file in self.manifest.files:
                member = tarfile.TarInfo(file.path)
                member.size = file.size
                member.mode = 0o644
                content = self.contents[file.path]
                if isinstance(content, bytes):
                    archive.addfile(member, io.BytesIO(content))
                    continue
                with content.open("rb") as source:
                    try:
                        archive.addfile(member, source)
                    except OSError as error:
                        raise BundleError(f"{content} changed while it was read.") from error

    def write(self, folder: Path) -> None:
        """Copy the files into a folder, as `unpack` does from an archive.

        Raises
        ------
        BundleError
            When a file changed since it was hashed.
        """
        for file in self.manifest.files:
            content = self.contents[file.path]
            if isinstance(content, bytes):
                _write(folder, file, io.BytesIO(content))
                continue
            with content.open("rb") as source:
                _write(folder, file, source)


def check_path(path: str) -> None:
    """Refuse a path that could leave the bundle's folder or that no disk would hold.

    Raises
    ------
    BundleError
        With the path and what is wrong with it.
    """
    parts = path.split("/")
    wrong = (
        not path
        or len(path.encode("utf-8", "surrogateescape")) > MAX_PATH
        or "\\" in path
        or any(ord(letter) < 32 or ord(letter) == 127 for letter in path)
        or any(part in ("", ".", "..") for part in parts)
        or any(len(part.encode("utf-8", "surrogateescape")) > MAX_SEGMENT for part in parts)
        or any(0xD800 <= ord(letter) <= 0xDFFF for letter in path)
    )
    if wrong:
        raise BundleError(f"{path[:80]!r} is not a path that a bundle may hold.")


def unpack(source: IO[bytes], folder: Path, digest: str) -> Manifest:
    """Unpack an archive into an empty folder and return its manifest.

    Nothing is written outside the folder whatever the archive says. When it fails, what was
    written so far stays behind for the caller to remove.

    Raises
    ------
    BundleError
        When the archive is damaged, too large, holds anything but plain files, or is not the
        bundle of this digest.
    """
    listed: list[File] = []
    seen: set[str] = set()
    total = 0
    try:
        with (
            gzip.GzipFile(fileobj=source, mode="rb") as zipped,
            tarfile.open(fileobj=_Bounded(zipped), mode="r|") as archive,
        ):
            for member in archive:
                if not member.isreg() or member.issparse():
                    raise BundleError(f"{member.name[:80]!r} is not a plain file.")
                check_path(member.name)
                total += member.size
                if len(listed) >= MAX_FILES or total > MAX_BYTES:
                    raise BundleError(
                        f"A bundle holds at most {MAX_FILES} files and {size_text(MAX_BYTES)}."
                    )
                if member.name in seen:
                    raise BundleError(f"{member.name} is there twice.")
                seen.add(member.name)
                content = archive.extractfile(member)
                assert content is not None
                listed.append(_write(folder, File(member.name, member.size, ""), content))
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
        if isinstance(error, BundleError):
            raise
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile) and error.errno:
            raise  # The disk is full, or the folder cannot be written: not the archive's fault.
        raise BundleError(f"The archive is damaged ({error}).") from error
    manifest = Manifest.of(listed)
    if manifest.digest != digest:
        raise BundleError(
            "The content is not what the name says; a file changed while it was sent."
        )
    return manifest


def size_text(size: int) -> str:
    """Return a size as people read it: ``14 kB``, ``8.1 GB``."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            break
        amount /= 1000
    digits = 0 if unit == "B" or amount >= 9.95 else 1
    return f"{amount:.{digits}f} {unit}"


class _Bounded(io.RawIOBase):
    """Reads no more than an archive may hold, however well it was compressed."""

    def __init__(self, source: gzip.GzipFile) -> None:
        self._source = source
        self._left = MAX_BYTES + MAX_FILES * 4096

    def read(self, size: int = -1, /) -> bytes:
        content = self._source.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise BundleError(f"A bundle holds at most {size_text(MAX_BYTES)}.")
        return content


def _hashed(path: str, file: Path) -> File:
    digest = hashlib.sha256()
    size = 0
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return File(path, size, digest.hexdigest())


def _write(folder: Path, file: File, source: IO[bytes]) -> File:
    target = folder / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    size = 0
    # "x": an archive cannot make us follow a link or write a file twice.
    with target.open("xb") as out:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    written = File(file.path, size, digest.hexdigest())
    if file.sha256 and written != file:
        raise BundleError(f"{file.path} changed while it was read.")
    return written
