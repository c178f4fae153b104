"""The route of exports."""

from __future__ import annotations

from datetime import datetime, timezone

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from trackside_server.table import questions
from trackside_server.table.base import TableHandler
from trackside_server.tracking.ranges import attachment

from .service import File, export


class ExportHandler(TableHandler):
    """``POST /trackside/api/v1/runs/export``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Send a table as a file, or what is picked of it."""
        body = self.json_object()
        kind = questions.text(body, "format") or "csv"
        shown = questions.shown(body, everything=True)
        question, picked = questions.question(body), questions.picked(body)
        async with export(self.table.source, question, shown, kind, picked) as file:
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
