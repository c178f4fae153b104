"""The bundles that were sent here: each stored once, under the hash of its content."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
import time
from functools import lru_cache
from typing import IO, TYPE_CHECKING

from trackside._bundle import Bundle, BundleError, Manifest, unpack
from trackside_server.errors import InvalidInput, NotFound, StorageFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

DIGEST = re.compile(r"[0-9a-f]{64}")

_FILES = "files"
_MANIFEST = "manifest.json"
# A bundle is sent before the job that uses it, and a client may think for a while in between.
_KEEP_SECONDS = 24 * 3600.0


class Bundles:
    """The folder ``<root>/bundles``.

    Parameters
    ----------
    root
        The root of the store.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / "bundles"
        self._manifests = lru_cache(maxsize=64)(self._read)

    def has(self, digest: str) -> bool:
        """Whether a bundle is here, ready to be used; asking keeps it for another while."""
        manifest = self._path(digest) / _MANIFEST
        try:
            os.utime(manifest.parent)
        except OSError:
            return False
        return manifest.is_file()

    def manifest(self, digest: str) -> Manifest:
        """Return what is in a bundle.

        Raises
        ------
        NotFound
            When it is not here.
        """
        try:
            return self._manifests(digest)
        except FileNotFoundError:
            raise NotFound(
                f"There is no bundle {digest}.", hint="Send it first, by PUT to the same address."
            ) from None

    def files(self, digest: str) -> Path:
        """Return the folder of a bundle's files."""
        return self._path(digest) / _FILES

    def spool(self) -> IO[bytes]:
        """Return a file for an archive that is on its way, on the disk of the store."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=self._folder)

    def receive(self, digest: str, archive: IO[bytes]) -> Manifest:
        """Unpack an archive that was sent, and believe only what was computed from its content.

        Raises
        ------
        InvalidInput
            When it is damaged, unsafe, or not what the digest says.
        """
        if not DIGEST.fullmatch(digest):
            raise InvalidInput(f"{digest[:80]!r} is not a digest: 64 hex digits.")
        return self._store(digest, lambda folder: unpack(archive, folder, digest))

    def add(self, bundle: Bundle) -> str:
        """Store a bundle made of files on this disk, and return its digest.

        Raises
        ------
        InvalidInput
            When a file changed since it was looked at.
        """

        def write(folder: Path) -> Manifest:
            bundle.write(folder)
            return bundle.manifest

        if not self.has(bundle.digest):
            self._store(bundle.digest, write)
        return bundle.digest

    def remove_unused(self, used: Collection[str]) -> None:
        """Remove the bundles that no job refers to and that nobody asked for lately."""
        before = time.time() - _KEEP_SECONDS
        for folder in self._folder.glob("*"):
            if folder.name not in used and folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)

    def _read(self, digest: str) -> Manifest:
        return Manifest.from_json((self._path(digest) / _MANIFEST).read_text(encoding="utf-8"))

    def _path(self, digest: str) -> Path:
        if not DIGEST.fullmatch(digest):
            raise NotFound(f"There is no bundle {digest[:80]}.")
        return self._folder / digest

    def _store(self, digest: str, write: Callable[[Path], Manifest]) -> Manifest:
        # Made aside and moved into place: a bundle that can be seen is whole.
        aside = self._folder / f".{digest[:16]}.{secrets.token_hex(4)}"
        try:
            (aside / _FILES).mkdir(mode=0o700, parents=True)
            manifest = write(aside / _FILES)
            (aside / _MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
            try:
                aside.rename(self._folder / digest)
            except OSError:
                # Somebody else sent the same bundle meanwhile.
                if not self.has(digest):
                    raise
        except BundleError as error:
            raise InvalidInput(str(error), hint="Send the bundle again.") from error
        except OSError as error:
            raise not_stored(error) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return manifest


def not_stored(error: OSError) -> StorageFailed:
    """Say why a bundle could not be stored."""
    return StorageFailed(
        f"The bundle could not be stored: {error.strerror}.",
        hint="Free some space on the disk of the Trackside store.",
    )
