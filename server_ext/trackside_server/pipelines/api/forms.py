"""What the form that runs a pipeline asks: what a file holds."""

from __future__ import annotations

import asyncio
from typing import Final

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.pipelines.ir.parsing import parse

from .base import PipelineBody
from .pipelines import read_upload, write_documents

BASE: Final = r"/trackside/api/v1/pipelines"


class ReadHandler(PipelineBody):
    """``POST /trackside/api/v1/pipelines/read``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Read and check the compiled pipeline of a file; nothing is kept."""
        _, documents = await read_upload(self)
        await asyncio.to_thread(parse, documents)
        await self.reply_large({"pipeline_spec": write_documents(documents)})
