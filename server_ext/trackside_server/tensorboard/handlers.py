"""The routes of TensorBoards: parse, call, answer. Never open to jobs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput
from trackside_server.web import Core, TracksideHandler

from .proxy import ProxyHandler
from .service import MOST_RUNS

if TYPE_CHECKING:
    from .importing import Importer
    from .service import Board, TensorBoards

_MAX_WAIT: Final = 25
_RUN: Final = re.compile(r"[A-Za-z0-9][\w-]{0,255}\Z")


class BoardHandler(TracksideHandler):
    """Base of these handlers."""

    max_body = 64 * 1024

    def initialize(  # type: ignore[override]
        self, core: Core, boards: TensorBoards, importer: Importer
    ) -> None:
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.boards = boards
        self.importer = importer


class BoardListHandler(BoardHandler):
    """``/trackside/api/v1/tensorboard``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the TensorBoards that run."""
        self.reply(
            {
                "is_installed": self.boards.is_installed,
                "boards": [_told(board) for board in self.boards.list()],
            }
        )

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Open a TensorBoard for some runs."""
        asked = self.json_object().get("run_ids")
        if not isinstance(asked, list) or not 1 <= len(asked) <= MOST_RUNS:
            raise InvalidInput(f"run_ids has to be a list of 1 to {MOST_RUNS} ids of runs.")
        board = await self.boards.open([_run_id(item) for item in asked])
        self.set_header("Location", f"{self.request.path.rstrip('/')}/{board.id}")
        self.reply(_told(board), 201)


class BoardOneHandler(BoardHandler):
    """``/trackside/api/v1/tensorboard/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, identifier: str) -> None:
        """Return a TensorBoard, at once or when there is news."""
        wait = self.integer("wait", 0, high=_MAX_WAIT)
        self.reply(_told(await self.boards.get(identifier, wait)))

    @web.authenticated
    @authorized
    async def delete(self, identifier: str) -> None:
        """End a TensorBoard."""
        await self.boards.close(identifier)
        self.reply({})


class ReadScalarsHandler(BoardHandler):
    """``/trackside/api/v1/tensorboard/import``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Read scalars into a run."""
        body = self.json_object()
        path = body.get("path")
        if path is not None and not isinstance(path, str):
            raise InvalidInput("path has to be a text: a file or folder among the artifacts.")
        done = await self.importer.run(_run_id(body.get("run_id")), path)
        self.reply(
            {
                "files": done.files,
                "points": done.points,
                "metrics": sorted(done.metrics),
                "damaged": done.damaged,
                "truncated": done.truncated,
            }
        )


def routes(
    core: Core, boards: TensorBoards, importer: Importer
) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes of this module."""
    base = r"/trackside/api/v1/tensorboard"
    given = {"core": core, "boards": boards, "importer": importer}
    return [
        (base, BoardListHandler, given),
        (rf"{base}/import", ReadScalarsHandler, given),
        (rf"{base}/([\w-]+)", BoardOneHandler, given),
        (
            r"/trackside/tensorboard/(tb-\w+)/([\w-]+)/(.*)",
            ProxyHandler,
            {"core": core, "boards": boards},
        ),
    ]


def _told(board: Board) -> dict[str, Any]:
    path = f"tensorboard/{board.id}"
    return {
        "id": board.id,
        "run_ids": list(board.run_ids),
        "state": board.state,
        "message": board.message,
        "truncated": board.truncated,
        "url": f"{path}/{board.key}/",
        "shared_url": f"{path}/{board.shared_key}/",
    }


def _run_id(value: object) -> str:
    if not isinstance(value, str) or not _RUN.match(value):
        raise InvalidInput("run_id has to be the id of a run.")
    return value
