"""Sending a file to the server; a large one goes on where a broken connection left it."""

from __future__ import annotations

import hashlib
import os
from typing import IO, TYPE_CHECKING

from trackside._client import get_client
from trackside._errors import ServerUnavailable, TracksideError

if TYPE_CHECKING:
    from pathlib import Path

# Smaller files are as fast sent again as asked for.
RESUMABLE = 8 * 1024 * 1024
_FILES = "/api/2.0/mlflow-artifacts/artifacts/"
_TIMEOUT = 60.0
_BUSY = 409


class Rest:
    """The part of a file behind an offset, as a file of its own.

    Parameters
    ----------
    file
        The whole file.
    start
        The offset.
    """

    def __init__(self, file: IO[bytes], start: int) -> None:
        self._file = file
        self._start = start
        self.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        return self._file.read(size)

    def seek(self, place: int) -> int:
        """Go to a place in this part; sending it twice begins there again."""
        return self._file.seek(self._start + place)


def upload(path: str, file: Path) -> None:
    """Send a file to its path, which is quoted already.

    Raises
    ------
    TracksideError
        The server refuses, or is away; of a large file what has arrived is kept there.
    OSError
        The file cannot be read.
    """
    with file.open("rb") as body:
        known = os.fstat(body.fileno())
        size = known.st_size
        if size < RESUMABLE:
            get_client().request("PUT", _FILES + path, body=body, timeout=_TIMEOUT)
            return
        # A file that was changed meanwhile is another upload.
        mark = f"{file.name}\0{known.st_mtime_ns}\0{known.st_ino}"
        name = {"X-Trackside-Upload": hashlib.sha256(mark.encode()).hexdigest()[:32]}
        asked = {**name, "Content-Range": f"bytes */{size}"}
        try:
            answer = get_client().request(
                "PUT", _FILES + path, body=b"", headers=asked, timeout=_TIMEOUT
            )
        except TracksideError as error:
            if error.status == _BUSY:
                # The server has not noticed yet that the last connection is gone.
                raise ServerUnavailable(error.message, "It is tried again.") from error
            raise
        # Before an MLflow server that keeps the runs nothing is known of pieces.
        start = int(answer.json().get("received", 0)) if answer.body else 0
        if start >= size:
            return
        headers = {
            **name,
            "Content-Range": f"bytes {start}-{size - 1}/{size}",
            "Content-Length": str(size - start),
        }
        # Not repeated by itself: the next attempt asks again how much has come.
        get_client().request(
            "PUT",
            _FILES + path,
            body=Rest(body, start),
            headers=headers,
            timeout=_TIMEOUT,
            repeatable=False,
        )
