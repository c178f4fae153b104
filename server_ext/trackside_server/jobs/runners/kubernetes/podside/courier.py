"""Brings a task of a pipeline its inputs, or sends what it left; beside the task's container.

Standard library only. What is left goes to the Jupyter server over HTTP; where that is out of
reach, over the output of this container, which the server reads when it has ended.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import http.client
import io
import json
import os
import signal
import ssl
import threading
import time
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import parcels
from .framing import Frames

if TYPE_CHECKING:
    from collections.abc import Iterator

# A node keeps the last 10 MiB of a container's output, and frames take a third more than bytes.
MAX_FRAMED = 4 * 1024 * 1024
_FRAME = 1024 * 1024
_WORTH_PACKING = 16 * MAX_FRAMED
# Between tries; a server that was killed is back after a while.
_PAUSE = 2.0
_CONNECT_SECONDS = 10.0
_SECONDS = 300.0
_FETCH_PATIENCE = 180.0
# Before the cluster's own patience with this container is at its end.
_SEND_PATIENCE = 1500.0
# Where there is another way.
_SMALL_PATIENCE = 10.0
# A server that never answered is not there.
_UNKNOWN_PATIENCE = 20.0


class RefusedError(Exception):
    """The server answers that it will not."""


def run(word: str, launch: dict[str, Any], here: Path) -> int:
    """Do what the name of the container says.

    Parameters
    ----------
    word
        The name.
    launch
        The content of ``launch.json``.
    here
        Where that lies.
    """
    return _fetch(launch, here) if word == launch["fetches"] else _send(launch)


def _fetch(launch: dict[str, Any], here: Path) -> int:
    home = Path(launch["home"])
    try:
        if launch["download"]:
            _try(lambda: _download(launch["url"], home), _FETCH_PATIENCE)
        else:
            parts = b"".join(piece.read_bytes() for piece in sorted(here.glob("cargo-*")))
            parcels.unpack(io.BytesIO(gzip.decompress(parts)), home)
    except (OSError, ValueError, http.client.HTTPException, RefusedError) as error:
        message = f"Its inputs could not be fetched from the Jupyter server: {_why(error)}."
        with contextlib.suppress(OSError):
            Path("/dev/termination-log").write_text(json.dumps({"message": message}), "utf-8")
        print(message, flush=True)  # noqa: T201 - the log of this container
        return 1
    return 0


def _send(launch: dict[str, Any]) -> int:
    """Wait until the task's container has ended, then send."""
    home = Path(launch["home"])
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    (home / launch["listens"]).touch()
    known = _answers(launch["url"])
    while not asked.wait(3600):
        pass
    frames = Frames()
    left = {name: str(home / name) for name in launch["outputs"]}
    try:
        _send_somehow(left, launch["url"], frames, known=known)
    except (OSError, ValueError, http.client.HTTPException, RefusedError) as error:
        _tell(frames, "OUTPUTS_NOT_SENT", f"Its outputs could not be sent: {_why(error)}.")
    return 0


def _send_somehow(left: dict[str, str], url: str | None, frames: Frames, *, known: bool) -> None:
    small = _packed(left)
    if url:
        if small is None:
            patience = _SEND_PATIENCE if known else _UNKNOWN_PATIENCE
        else:
            patience = _SMALL_PATIENCE if known else 0.0
        try:
            _try(lambda: _upload(url, left), patience)
        except (OSError, http.client.HTTPException, RefusedError):
            # Who refuses may be somebody else: a proxy, or a page to sign in.
            if small is None and known:
                raise
        else:
            return
    if small is None:
        _tell(frames, "OUTPUTS_TOO_LARGE", _too_large(left))
        return
    for at in range(0, len(small), _FRAME):
        data = base64.b64encode(small[at : at + _FRAME]).decode("ascii")
        frames.send({"cargo": {"at": at, "data": data}})
    digest = hashlib.sha256(small).hexdigest()
    frames.send({"cargo": {"size": len(small), "digest": digest}})


def _packed(left: dict[str, str]) -> bytes | None:
    """Return an archive that goes over the output; None where it is too large for that."""
    if parcels.size_of(left.values()) > _WORTH_PACKING:
        return None
    content = gzip.compress(b"".join(parcels.pieces(left)), 6)
    return content if len(content) <= MAX_FRAMED else None


def _too_large(left: dict[str, str]) -> str:
    found = [
        (parcels.size_of([str(path)]), path.name)
        for folder in left.values()
        for path in Path(folder).glob("*")
    ]
    size, name = max(found, default=(0, "?"))
    return (
        f"Its output {name} is {_size(size)}, and the Jupyter server is out of reach of this "
        f"cluster's pods, so at most {_size(MAX_FRAMED)} packed can be sent back. Set "
        "c.Trackside.cluster_url to the address under which pods reach the server, or keep its "
        "store on a volume that notebook and pods share."
    )


def _size(size: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.1f}".replace(".0", "") + f" {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def _tell(frames: Frames, code: str, message: str) -> None:
    frames.send({"cargo": {"code": code, "message": message}})


def _try(do: Any, patience: float) -> None:
    """Do something that may have to wait for a server that is just away."""
    deadline = time.monotonic() + patience
    while True:
        try:
            do()
        except (OSError, http.client.HTTPException) as error:  # noqa: PERF203 - a round is seconds
            if time.monotonic() > deadline or _is_of_file(error):
                raise
            time.sleep(_PAUSE)
        else:
            return


def _is_of_file(error: Exception) -> bool:
    """Tell whether it is a file of this pod that is to blame, which no waiting mends."""
    return isinstance(error, OSError) and error.filename is not None


def _why(error: Exception) -> str:
    if isinstance(error, PermissionError) and error.filename is not None:
        return (
            f"{error.filename} can only be read by the user that the task's container runs as, "
            "and the container that sends it runs as another one; let the task make it readable "
            "for all (chmod -R a+rX)"
        )
    return str(error).rstrip(".") or type(error).__name__


def _connect(url: str) -> tuple[http.client.HTTPConnection, str]:
    place = urllib.parse.urlsplit(url)
    host = place.hostname or ""
    connection: http.client.HTTPConnection
    if place.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            host, place.port, timeout=_CONNECT_SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, place.port, timeout=_CONNECT_SECONDS)
    connection.connect()
    assert connection.sock is not None
    connection.sock.settimeout(_SECONDS)
    return connection, place.path


def _headers() -> dict[str, str]:
    return {"Authorization": "Bearer " + os.environ.get("TRACKSIDE_TOKEN", "")}


def _answers(url: str | None) -> bool:
    if not url:
        return False
    try:
        connection, path = _connect(url)
        try:
            connection.request("HEAD", f"{path}/inputs", headers=_headers())
            return connection.getresponse().status < 300
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return False


def _download(url: str, home: Path) -> None:
    connection, path = _connect(url)
    try:
        connection.request("GET", f"{path}/inputs", headers=_headers())
        answer = connection.getresponse()
        _check(answer)
        try:
            parcels.unpack(answer, home)
        except ValueError as error:
            # It broke off: another try may be whole.
            raise OSError(str(error)) from None
    finally:
        connection.close()


def _upload(url: str, left: dict[str, str]) -> None:
    connection, path = _connect(url)
    try:
        connection.request(
            "PUT",
            f"{path}/outputs?pod={urllib.parse.quote(os.environ.get('TRACKSIDE_POD', ''))}",
            body=_counted(parcels.pieces(left)),
            headers={**_headers(), "Content-Type": "application/x-tar"},
            encode_chunked=True,
        )
        _check(connection.getresponse())
    finally:
        connection.close()


def _counted(pieces: Iterator[bytes]) -> Iterator[bytes]:
    # An empty chunk would be the end.
    return (piece for piece in pieces if piece)


def _check(answer: http.client.HTTPResponse) -> None:
    if answer.status < 300:
        return
    said = answer.read(65536).decode("utf-8", "replace")
    with contextlib.suppress(ValueError, KeyError, TypeError):
        said = str(json.loads(said)["message"])
    message = f"it answers {answer.status}: {said[:500]}"
    if answer.status < 500 and answer.status not in (408, 429):
        raise RefusedError(message)
    raise OSError(message)
