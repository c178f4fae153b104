"""The route of exports."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from trackside_server.errors import InvalidInput
from trackside_server.json_text import loads
from trackside_server.table import questions
from trackside_server.table.base import TableHandler
from trackside_server.tracking.ranges import attachment

from .service import File, export


class ExportHandler(TableHandler):
    """``GET /trackside/api/v1/runs/export``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Send a table as a file."""
        asked = self._question()
        kind = self.get_query_argument("format", "csv")
        shown = questions.shown(asked, everything=True)
        async with export(self.table.source, questions.question(asked), shown, kind) as file:
            await self._send(file, kind)

    async def _send(self, file: File, kind: str) -> None:
        pieces = file.pieces
        # What is refused is refused before anything is sent.
        first = await anext(pieces, b"")
        day = datetime.now(timezone.utc).date().isoformat()
        self.set_header("Content-Disposition", attachment(f"runs-{day}.{kind}"))
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", file.content_type)
        try:
            self.write(first)
            async for piece in pieces:
                self.write(piece)
                await self.flush()
        except StreamClosedError:
            return
        self.finish(set_content_type=file.content_type)

    def _question(self) -> dict[str, Any]:
        try:
            found = loads(self.get_query_argument("question", "").encode())
        except ValueError as error:
            raise InvalidInput(f"question is not valid JSON: {error}.") from error
        if not isinstance(found, dict):
            raise InvalidInput("question has to be a JSON object.")
        return found

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with an error; a file that has begun is broken off, or it would look whole."""
        if self._headers_written:
            if self.request.connection is not None:
                self.request.connection.stream.close()  # type: ignore[attr-defined]
            return
        super().write_error(status_code, **kwargs)
