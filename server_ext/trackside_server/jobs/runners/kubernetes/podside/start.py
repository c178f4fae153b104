"""Begin in the pod: put together what was delivered, then hand over to `attempt.py`.

Mounted beside ``launch.json`` and the pieces of the archive, and run by its path. Beside the
container of a pipeline's task it is given a word, and hands over to `courier.py`.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import shutil
import socket
import sys
import tarfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

_START_SECONDS = 300.0
_TRIES = 5
_CONNECT_SECONDS = 5.0


def main() -> int:
    """Unpack and hand over."""
    here = Path(__file__).parent
    launch = json.loads((here / "launch.json").read_text(encoding="utf-8"))
    home = Path(launch["home"])
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    if word == "listens":
        return _wait_for(home / launch["listens"])
    _unpack(b"".join(piece.read_bytes() for piece in sorted(here.glob("piece-*"))), home)
    work = home / "work"
    if launch.get("shared"):
        shutil.copytree(launch["shared"], str(work), copy_function=shutil.copyfile)
    elif launch.get("fetch"):
        _unpack(_fetch(launch["fetch"]), home)
    sys.path.insert(0, str(home / "lib"))
    from podside import attempt, courier  # type: ignore[import-not-found]  # there only in the pod

    code: int = courier.run(word, launch, here) if word else attempt.run(launch)
    return code


def _wait_for(path: Path) -> int:
    """Wait until whoever sends the outputs of a task listens."""
    deadline = time.monotonic() + _START_SECONDS
    while not path.exists():
        if time.monotonic() > deadline:
            return 1
        time.sleep(0.01)
    return 0


def _unpack(content: bytes, home: Path) -> None:
    if not content:
        return
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(str(home), filter="data")
        else:
            # It was made by the server that sent it.
            archive.extractall(str(home))  # noqa: S202


def _fetch(address: str) -> bytes:
    """Get the code from the Jupyter server, with the token of this job."""
    headers = {"Authorization": "Bearer " + os.environ.get("TRACKSIDE_TOKEN", "")}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - it was delivered
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    place = urlsplit(address)
    port = place.port or (443 if place.scheme == "https" else 80)
    for left in reversed(range(_TRIES)):
        try:
            # To pack the code takes the server a while; to take a connection does not.
            socket.create_connection((place.hostname or "", port), _CONNECT_SECONDS).close()
            with opener.open(request, timeout=60) as answer:
                content: bytes = answer.read()
                return content
        except (OSError, urllib.error.URLError, http.client.HTTPException) as error:  # noqa: PERF203
            if not left:
                _give_up(
                    f"The code of this job could not be fetched from the Jupyter server: {error}."
                )
            time.sleep(2)
    return b""


def _give_up(message: str) -> None:
    """End, with words that the cluster keeps for whoever asks why."""
    try:
        text = json.dumps({"type": "", "message": message})
        Path("/dev/termination-log").write_text(text, encoding="utf-8")
    except OSError:
        pass
    raise SystemExit(message)


if __name__ == "__main__":
    sys.exit(main())
