"""One TensorBoard as a child process of this server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trackside_server.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHILD: Final = Path(__file__).with_name("child.py")
_START: Final = 90.0
_GRACE: Final = 3.0
_LAST_LINES: Final = 20
# What is the server's and its kernels' alone.
_KEPT_BACK: Final = ("TRACKSIDE_", "MLFLOW_", "JUPYTER", "JPY_", "CONFIGPROXY_")


class BoardFailed(Unavailable):
    """TensorBoard did not start, or ended."""

    code = "TENSORBOARD_FAILED"


class Process:
    """A running TensorBoard.

    Parameters
    ----------
    folder
        The folder of the board, removed in the end; event files are in ``logs`` below it.
    """

    def __init__(self, folder: Path) -> None:
        self.prefix = f"/{secrets.token_urlsafe(24)}"
        self.port = 0
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        self._listening: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it is; the prefix is a secret, for everybody on the machine can reach the port."""
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    @property
    def pid(self) -> int | None:
        """The process id."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start it and wait until it serves.

        Raises
        ------
        BoardFailed
            With what it said last.
        """
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(_CHILD),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(os.environ),
            # An interrupt in the terminal is meant for the server.
            start_new_session=True,
        )
        self._listening = asyncio.create_task(self._listen(self._process))
        wish = {
            "folder": str(self._folder),
            "logdir": str(self._folder / "logs"),
            "prefix": self.prefix,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(wish).encode() + b"\n")
            await self._process.stdin.drain()
            line = await asyncio.wait_for(self._process.stdout.readline(), _START)
            self.port = int(json.loads(line)["port"])
        except (OSError, ValueError, asyncio.TimeoutError):
            await self.stop()
            raise BoardFailed(
                f"TensorBoard did not start: {self.last_words}",
                hint="Run `tensorboard --version` in the environment of the Jupyter server.",
            ) from None

    @property
    def last_words(self) -> str:
        """The last line that it printed."""
        return self._said[-1] if self._said else "it said nothing."

    async def wait(self) -> None:
        """Wait for its end."""
        assert self._process is not None
        await self._process.wait()

    async def stop(self) -> None:
        """End it; it goes by itself when its input ends."""
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _GRACE)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._listening is not None:
            await self._listening

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while True:
            try:
                line = await process.stderr.readline()
            except ValueError:
                continue  # longer than any sentence
            if not line:
                return
            text = line.decode("utf-8", "replace").strip()
            if text:
                self._said.append(text[:500])


def environment(base: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of a program that has no business with the server."""
    kept = {name: value for name, value in base.items() if not name.startswith(_KEPT_BACK)}
    return {**kept, "PYTHONUNBUFFERED": "1"}
