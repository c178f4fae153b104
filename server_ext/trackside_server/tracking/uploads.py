"""Files on their way in: out of sight until they are whole.

Everything here blocks on the disk, so it is called on a thread, never on the event loop.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from trackside_server.errors import Conflict, InvalidInput, NotFound, StorageFailed, from_disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

_CHUNK: Final = 1024 * 1024
_NAME: Final = re.compile(r"[\w-]{8,64}", re.ASCII)
_UPLOAD_ID: Final = re.compile(r"[0-9a-f]{32}")
MOST_PARTS: Final = 10_000


class Upload:
    """A file that is being written, out of sight until `commit`.

    Used as a context manager it leaves nothing behind when it is not committed.

    Parameters
    ----------
    incoming
        The folder of uploads in progress, on the same disk as the target.
    target
        Where the file will be.
    durable
        Whether its name has to outlive a power cut too; its content always does.
    """

    def __init__(self, incoming: Path, target: Path, *, durable: bool = False) -> None:
        descriptor, name = tempfile.mkstemp(dir=incoming)
        self._file: IO[bytes] = os.fdopen(descriptor, "wb")
        self._temporary: Path | None = Path(name)
        self._target = target
        self._durable = durable

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        with storage_errors():
            self._file.write(chunk)

    def commit(self) -> None:
        """Put the file in its place, whole, on the disk.

        Raises
        ------
        InvalidInput
            A folder has that path, or a file stands where a folder of the path should be.
        """
        assert self._temporary is not None
        with storage_errors():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            place(self._temporary, self._target, durable=self._durable)
        self._temporary = None

    def abort(self) -> None:
        """Throw away what was written; nothing to do after `commit`."""
        with contextlib.suppress(OSError):
            self._file.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)
            self._temporary = None

    def __enter__(self) -> Upload:  # noqa: PYI034 -- typing.Self needs Python 3.11
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.abort()


class Resumable:
    """A file that comes in pieces, over as many connections as it takes.

    What has come stays when a connection breaks; the client asks how much that is and goes on.

    Parameters
    ----------
    incoming
        The folder of uploads in progress.
    path
        Where the file will be, relative to the root, as text.
    target
        The same, on the disk.
    name
        The client's name for this upload.
    total
        The size of the whole file.
    durable
        As for `Upload`.
    """

    def __init__(
        self, incoming: Path, path: str, target: Path, name: str, total: int, *, durable: bool
    ) -> None:
        if not _NAME.fullmatch(name):
            raise InvalidInput("The name of an upload has 8 to 64 letters, digits, '-' or '_'.")
        mark = hashlib.sha256(f"{path}\0{name}\0{total}".encode()).hexdigest()[:32]
        self._temporary = incoming / f"resume-{mark}"
        self._target = target
        self._durable = durable
        self._end = 0
        # The number of a closed file is given to the next one that is opened, which may be the
        # store: nothing is written while the connection's end closes it.
        self._lock = threading.Lock()
        self.total = total
        with storage_errors():
            self._descriptor: int | None = os.open(
                self._temporary, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
            )
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.abort()
                raise Conflict(
                    "Another connection is sending this file.",
                    hint="Ask again in a moment how much has come.",
                    reason="BUSY",
                ) from None
            found = os.fstat(self._descriptor)
        if not self._is_there(found):
            self.abort()
            raise Conflict(
                "Another connection has just sent the last of this file.",
                hint="Ask whether the file is there.",
                reason="BUSY",
            )
        self.received = found.st_size

    @property
    def whole(self) -> bool:
        """Whether all of the file has come."""
        return self.received >= self.total

    def begin(self, start: int, end: int) -> None:
        """Expect the bytes from `start` to before `end`.

        Raises
        ------
        Conflict
            The file is not known up to `start`.
        """
        if start != self.received:
            raise Conflict(
                f"{self.received} bytes of this file have come, so the next piece begins there and "
                f"not at {start}.",
                reason="OFFSET",
            )
        if not start <= end <= self.total:
            raise InvalidInput("The Content-Range of this piece leads beyond the file's end.")
        self._end = end

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        if self.received + len(chunk) > self._end:
            raise InvalidInput("The piece is longer than its Content-Range says.")
        with self._lock, storage_errors():
            assert self._descriptor is not None
            view = memoryview(chunk)
            while view:
                written = os.write(self._descriptor, view)
                self.received += written
                view = view[written:]

    def commit(self) -> None:
        """Put the file in its place if it is whole."""
        if not self.whole:
            return
        with self._lock, storage_errors():
            assert self._descriptor is not None
            os.fsync(self._descriptor)
            place(self._temporary, self._target, durable=self._durable)

    def abort(self) -> None:
        """Let go of the file; what has come stays for another connection."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is not None:
                os.close(descriptor)

    def _is_there(self, found: os.stat_result) -> bool:
        """Whether the file is still in progress: it may have been put in its place meanwhile."""
        try:
            return os.path.samestat(found, self._temporary.stat())
        except FileNotFoundError:
            return False


class Multipart:
    """A file that comes in numbered parts, in any order: MLflow's multipart protocol.

    Parameters
    ----------
    incoming
        The folder of uploads in progress.
    upload_id
        Names the upload.
    path
        Where the file will be, relative to the root.

    Raises
    ------
    NotFound
        There is no such upload for this path.
    """

    def __init__(self, incoming: Path, upload_id: str, path: str) -> None:
        self._folder = incoming / f"parts-{upload_id}"
        meta = self._folder / "upload.json"
        try:
            known = bool(_UPLOAD_ID.fullmatch(upload_id)) and json.loads(meta.read_text())
        except (OSError, ValueError):
            known = False
        if not known or known["path"] != path:
            raise NotFound("There is no such upload: it was completed, aborted or too old.")
        self.parts: int = known["parts"]

    @classmethod
    def create(cls, incoming: Path, path: str, parts: int) -> str:
        """Begin an upload; give its id."""
        if not 1 <= parts <= MOST_PARTS:
            raise InvalidInput(f"A file comes in 1 to {MOST_PARTS} parts.")
        upload_id = secrets.token_hex(16)
        folder = incoming / f"parts-{upload_id}"
        with storage_errors():
            folder.mkdir(mode=0o700)
            (folder / "upload.json").write_text(json.dumps({"path": path, "parts": parts}))
        return upload_id

    def part(self, number: int) -> Part:
        """Begin to write a part."""
        if not 1 <= number <= self.parts:
            raise InvalidInput(f"This file has the parts 1 to {self.parts}, and no {number}.")
        with storage_errors():
            return Part(self._folder, number)

    def complete(self, etags: Sequence[tuple[int, str]], begin: Callable[[], Upload]) -> None:
        """Put the parts together, and the file in its place.

        Parameters
        ----------
        etags
            Number and mark of each part, as the client was told them.
        begin
            Begins to write the file.

        Raises
        ------
        InvalidInput
            A part is missing, or is another one than the client means.
        """
        numbers = [number for number, _ in etags]
        if numbers != list(range(1, self.parts + 1)):
            raise InvalidInput(f"The file is complete with the parts 1 to {self.parts}, in order.")
        parts = []
        for number, etag in etags:
            mark = etag.strip('"')
            part = self._folder / f"{number}-{mark}"
            if not _UPLOAD_ID.fullmatch(mark) or not part.is_file():
                raise InvalidInput(f"Part {number} of this file has not come.")
            parts.append(part)
        with begin() as upload:
            for part in parts:
                with part.open("rb") as file:
                    while chunk := file.read(_CHUNK):
                        upload.write(chunk)
            upload.commit()
        self.abort()

    def abort(self) -> None:
        """Throw away what has come."""
        shutil.rmtree(self._folder, ignore_errors=True)


class Part(Upload):
    """A part of a `Multipart` that is being written."""

    def __init__(self, folder: Path, number: int) -> None:
        self.etag = secrets.token_hex(16)
        super().__init__(folder, folder / f"{number}-{self.etag}")


def place(temporary: Path, target: Path, *, durable: bool) -> None:
    """Give a whole file its name."""
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.replace(target)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise InvalidInput(
            f"{target.name!r} cannot be stored: a file and a folder cannot share a path."
        ) from None
    if durable:
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Tell a disk that refuses as such."""
    try:
        yield
    except OSError as error:
        known = from_disk(error)
        if known is not error:
            raise known from error
        raise StorageFailed(
            f"An artifact cannot be written: {error.strerror or error}.",
            hint="Look at the disk that holds the artifact root.",
        ) from error
