"""What a task has left comes here: unpacked into its folder, and noted in that of its job."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from trackside_server.jobs.directory import read_json, write_json
from trackside_server.jobs.entities import Reason
from trackside_server.jobs.runners.kubernetes.output.frames import FrameReader
from trackside_server.jobs.runners.kubernetes.podside import parcels
from trackside_server.jobs.runners.kubernetes.podside.courier import MAX_FRAMED

from . import layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trackside_server.jobs.directory import JobDirectory

    from .cargo import Cargo

_FOLDERS: Final = (layout.OUTPUTS, layout.PARAMETERS)
_ASIDE: Final = ".arriving-"
_MOST_TOLD: Final = 2000


def expect_shared(cargo: Cargo, directory: JobDirectory) -> None:
    """Let a task leave its outputs here by itself, on a volume that both sides see."""
    for name in _FOLDERS:
        folder = Path(cargo.outputs) / name
        folder.mkdir(parents=True, exist_ok=True)
        # The image may run as anybody; what is around this folder is not seen there.
        folder.chmod(0o777)
    directory.make()
    write_json(directory.arrival, {"arrived": True})


def reason_of(directory: JobDirectory) -> Reason | None:
    """Say why what a task has left is not here; None where it is."""
    noted = read_json(directory.arrival)
    if noted is None:
        return Reason(
            "OUTPUTS_NOT_SENT",
            "Its container ended well, but its pod was gone before all outputs had been sent.",
        )
    if noted.get("arrived"):
        return None
    return Reason(str(noted.get("code")), str(noted.get("message")))


def forget_other(directory: JobDirectory, pod: str) -> bool:
    """Say whether what a pod has left is here; forget that another one left something.

    What the cluster takes from its node sends as much as there is by then, and a new pod begins.
    """
    noted = read_json(directory.arrival)
    if noted is not None and noted.get("pod", pod) == pod:
        return True
    directory.arrival.unlink(missing_ok=True)
    return False


def take(archive: IO[bytes], cargo: Cargo, directory: JobDirectory, pod: str = "") -> None:
    """Unpack what came, in the place of what was there before.

    Parameters
    ----------
    archive
        What came.
    cargo
        The task.
    directory
        That of its job.
    pod
        The name of the pod that it is from; empty where that is not said.

    Raises
    ------
    OSError
        It cannot be written.
    ValueError
        It broke off, or names a place that is not its own.
    """
    folder = Path(cargo.outputs)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    clear_away(cargo)
    aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=folder))
    try:
        parcels.unpack(archive, aside)
        for name in _FOLDERS:
            shutil.rmtree(folder / name, ignore_errors=True)
            came = aside / name
            if came.is_dir() and not came.is_symlink():
                came.rename(folder / name)
            else:
                (folder / name).mkdir()
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _note(directory, pod, {"arrived": True})


def clear_away(cargo: Cargo) -> None:
    """Remove what a server that was killed has left of what was just arriving."""
    for stale in Path(cargo.outputs).glob(f"{_ASIDE}*"):
        shutil.rmtree(stale, ignore_errors=True)


def take_told(lines: Iterable[bytes], cargo: Cargo, directory: JobDirectory, pod: str) -> bool:
    """Take what came as frames of the output of a pod's sidecar; say whether that was all.

    Raises
    ------
    OSError
        It cannot be written.
    """
    heard, reader = _Heard(), FrameReader()
    try:
        for line in lines:
            _, message = reader.read(line)
            if message is not None and isinstance(told := message.get("cargo"), dict):
                heard.take(told)
        if heard.failure is not None:
            _note(directory, pod, {"arrived": False, **heard.failure})
        elif heard.whole:
            content = gzip.GzipFile(fileobj=io.BytesIO(bytes(heard.content)))
            take(content, cargo, directory, pod)  # type: ignore[arg-type]  # it is read as a file
        else:
            return False
    except (ValueError, EOFError, gzip.BadGzipFile, zlib.error):
        return False
    return True


def _note(directory: JobDirectory, pod: str, what: dict[str, Any]) -> None:
    write_json(directory.arrival, {**what, "pod": pod} if pod else what)


class _Heard:
    """Puts an archive together."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.whole = False
        self.failure: dict[str, str] | None = None

    def take(self, told: Mapping[str, Any]) -> None:
        if "code" in told:
            self.failure = {key: str(told.get(key, ""))[:_MOST_TOLD] for key in ("code", "message")}
        elif "data" in told and told.get("at") == len(self.content):
            data = base64.b64decode(str(told["data"]))
            if len(self.content) + len(data) <= MAX_FRAMED:
                self.content += data
        elif "digest" in told:
            self.whole = hashlib.sha256(self.content).hexdigest() == told["digest"]
