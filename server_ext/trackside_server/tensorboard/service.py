"""TensorBoards as the handlers see them: opened for runs, found again, ended when nobody looks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import time
from importlib.util import find_spec
from itertools import chain, count
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from msgspec import Struct, field

from trackside_server.errors import NotFound, TracksideError
from trackside_server.structs import Discreet

from .files import folder_name
from .process import BoardFailed, Process

if TYPE_CHECKING:
    import logging
    from collections.abc import Sequence
    from pathlib import Path

    from .files import Files, Gathered, Watch

FOLDER: Final = "tensorboard"
MOST_BOARDS: Final = 4
MOST_RUNS: Final = 20
IDLE: Final = 900.0
# A tab that is in view asks every half a minute; one question may get lost.
IN_VIEW: Final = 75.0
_LOOK: Final = 5.0


class NotInstalled(TracksideError):
    """TensorBoard is not there."""

    status: ClassVar[int] = 501
    code: ClassVar[str] = "NOT_INSTALLED"


class Board(Discreet, Struct):
    """One TensorBoard.

    Attributes
    ----------
    id
        Its name for the API.
    key, shared_key
        Secrets that its page is asked for with: as a page with an origin of its own, or as one of
        the Jupyter server's.
    run_ids
        The runs that it shows.
    folder
        Its folder; the event files are in ``logs`` below it, in a folder for each run.
    state
        EMPTY as long as the runs have no event files.
    message
        Why it failed.
    truncated
        Whether the runs may have more event files than are shown.
    used, viewed
        When somebody asked for it or its page, and when its tab was in view: a page that nobody
        sees may renew itself all the same.
    """

    secret_fields = ("key", "shared_key")

    id: str
    run_ids: tuple[str, ...]
    folder: Path
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    shared_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    state: Literal["STARTING", "EMPTY", "READY", "FAILED"] = "STARTING"
    message: str | None = None
    truncated: bool = False
    process: Process | None = None
    watches: dict[str, Watch] = field(default_factory=dict)
    found: dict[str, Gathered] = field(default_factory=dict)
    used: float = field(default_factory=time.monotonic)
    viewed: float = field(default_factory=time.monotonic)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    @property
    def is_in_view(self) -> bool:
        """Whether a tab shows it now, as far as is known."""
        return time.monotonic() - self.viewed < IN_VIEW

    def touch(self) -> None:
        """Note that somebody asked for its page."""
        self.used = time.monotonic()

    def view(self) -> None:
        """Note that its tab is in view."""
        if not self.is_in_view:
            self.hurry()
        self.used = self.viewed = time.monotonic()

    def hurry(self) -> None:
        """Look for what is new as soon as it can be."""
        for watch in self.watches.values():
            watch.hurry()

    def move(self, state: Literal["EMPTY", "READY", "FAILED"], message: str | None = None) -> None:
        """Change the state and tell who waits for that."""
        if state != self.state:
            self.state, self.message = state, message
            self.news.set()
            self.news = asyncio.Event()


class TensorBoards:
    """Starts, finds and ends TensorBoards.

    Parameters
    ----------
    files
        Finds the event files of runs.
    root
        The folder of everything that Trackside keeps.
    log
        The server's.
    idle
        After how many seconds without a request a TensorBoard is ended.
    """

    def __init__(
        self, files: Files, root: Path, log: logging.Logger, *, idle: float = IDLE
    ) -> None:
        self._files = files
        self._folder = root / FOLDER
        self._log = log
        self._idle = idle
        self._boards: dict[str, Board] = {}
        # Who asks for the same runs at the same time gets the same board.
        self._opening = asyncio.Lock()

    @property
    def is_installed(self) -> bool:
        """Whether TensorBoard is installed beside this server."""
        return find_spec("tensorboard") is not None

    async def start(self) -> None:
        """Remove what dead servers left."""
        await asyncio.to_thread(_sweep, self._folder)

    async def stop(self) -> None:
        """End all of them."""
        await asyncio.gather(*(self._end(board) for board in list(self._boards.values())))

    async def open(self, run_ids: Sequence[str]) -> Board:
        """Give the TensorBoard of some runs, starting it when there is none.

        Raises
        ------
        NotInstalled
            TensorBoard is not there.
        NotFound
            One of the runs is not.
        """
        if not self.is_installed:
            raise NotInstalled(
                "TensorBoard is not installed beside the Jupyter server.",
                hint="Run `pip install tensorboard` in its environment. Scalars can be read into "
                "the run without it.",
            )
        wanted = tuple(sorted(set(run_ids)))
        async with self._opening:
            for board in self._boards.values():
                if board.run_ids == wanted and board.state != "FAILED":
                    board.view()
                    board.hurry()
                    return board
            for run_id in wanted:
                await self._files.name(run_id)
            await self._make_room(wanted)
            return self._new(wanted)

    def _new(self, wanted: tuple[str, ...]) -> Board:
        identifier = f"tb-{secrets.token_hex(6)}"
        board = Board(identifier, wanted, self._folder / f"{os.getpid()}-{identifier}")
        self._boards[identifier] = board
        board.task = asyncio.create_task(self._live(board))
        return board

    def list(self) -> list[Board]:
        """Give all of them."""
        return list(self._boards.values())

    async def get(self, identifier: str, wait: float = 0) -> Board:
        """Give one of them; while it starts, when there is news or after some seconds.

        Raises
        ------
        NotFound
            There is none (any more).
        """
        board = self._boards.get(identifier)
        if board is None:
            raise NotFound(
                f"There is no TensorBoard {identifier[:60]!r} any more.", hint="Open it again."
            )
        board.view()
        if wait and board.state == "STARTING":
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(board.news.wait(), wait)
        return board

    async def close(self, identifier: str) -> None:
        """End one of them."""
        await self._end(await self.get(identifier))

    def admitted(self, identifier: str, key: str) -> tuple[Board, bool] | None:
        """Give the board that a key opens, and whether its page shares Jupyter's origin."""
        board = self._boards.get(identifier)
        if board is None:
            return None
        for secret, is_shared in ((board.key, False), (board.shared_key, True)):
            if secrets.compare_digest(secret.encode(), key.encode()):
                board.touch()
                return board, is_shared
        return None

    async def _make_room(self, wanted: tuple[str, ...]) -> None:
        # What is there for these runs failed.
        for board in [board for board in self._boards.values() if board.run_ids == wanted]:
            await self._end(board)
        while len(self._boards) >= MOST_BOARDS:
            await self._end(min(self._boards.values(), key=lambda board: board.used))

    async def _end(self, board: Board) -> None:
        self._boards.pop(board.id, None)
        task = board.task
        if task is not None and task is not asyncio.current_task():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _live(self, board: Board) -> None:
        try:
            await self._look_after(board)
        except TracksideError as error:
            board.move("FAILED", " ".join(filter(None, (error.message, error.hint))))
        except Exception:  # noqa: BLE001 - a bug ends this one, not the server
            self._log.exception("A TensorBoard failed")
            board.move("FAILED", "Something went wrong: the server's log has the details.")
        finally:
            if board.process is not None:
                await board.process.stop()
            await asyncio.to_thread(shutil.rmtree, board.folder, ignore_errors=True)

    async def _look_after(self, board: Board) -> None:
        logs = board.folder / "logs"
        names = await self._names(board)
        board.watches = {
            run_id: self._files.watch(run_id, logs / name) for run_id, name in names.items()
        }
        while time.monotonic() - board.used < self._idle:
            found = await self._gather(board) if board.is_in_view else 0
            if board.process is None and not found:
                board.move("EMPTY")
                await asyncio.sleep(_LOOK)
                continue
            if board.process is None:
                board.process = Process(board.folder)
                await board.process.start()
                board.move("READY")
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(board.process.wait(), _LOOK)
                raise BoardFailed(f"TensorBoard ended: {board.process.last_words}")
        self._boards.pop(board.id, None)

    async def _gather(self, board: Board) -> int:
        for run_id in board.run_ids:
            await self._gather_one(board, run_id)
        board.truncated = any(found.truncated for found in board.found.values())
        return sum(len(found.files) for found in board.found.values())

    async def _gather_one(self, board: Board, run_id: str) -> None:
        try:
            board.found[run_id] = await board.watches[run_id].gather()
        except TracksideError as error:
            if board.process is None:
                raise
            # What is shown stays, though an MLflow server went away or a run was deleted.
            self._log.debug("Event files of %s: %s", board.id, error.message)

    async def _names(self, board: Board) -> dict[str, str]:
        """Give each run a folder of its own that is called like it."""
        names: dict[str, str] = {}
        for run_id in board.run_ids:
            plain = folder_name(await self._files.name(run_id))
            further = (f"{plain} ({number})" for number in count(2))
            names[run_id] = next(
                name
                for name in chain((plain, f"{plain} ({run_id[:8]})"), further)
                if name not in names.values()
            )
        return names


def _sweep(folder: Path) -> None:
    import psutil

    with contextlib.suppress(FileNotFoundError):
        for left in folder.iterdir():
            pid = left.name.partition("-")[0]
            if pid.isdecimal() and not psutil.pid_exists(int(pid)):
                shutil.rmtree(left, ignore_errors=True)
