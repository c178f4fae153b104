"""What the form that runs a pipeline asks: what a file holds, and when a schedule would run it."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput
from trackside_server.pipelines.ir.parsing import parse
from trackside_server.pipelines.recurring.schedule import Schedule
from trackside_server.web import TracksideHandler

from .pipelines import read_upload, write_documents

BASE: Final = r"/trackside/api/v1/pipelines"
# How many moments are told.
_MOMENTS: Final = 3


class ReadHandler(TracksideHandler):
    """``POST /trackside/api/v1/pipelines/read``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Read and check the compiled pipeline of a file; nothing is kept."""
        _, documents = await read_upload(self)
        await asyncio.to_thread(parse, documents)
        await self.reply_large({"pipeline_spec": write_documents(documents)})


class TimesHandler(TracksideHandler):
    """``GET /trackside/api/v1/pipelines/times``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Say when a schedule would start runs next, by the clock of this server."""
        cron = self.get_query_argument("cron", "")
        interval = self.get_query_argument("interval", "")
        if bool(cron) == bool(interval):
            raise InvalidInput("Give either cron or interval.")
        trigger = (
            {"cron_schedule": {"cron": cron}}
            if cron
            else {"periodic_schedule": {"interval_second": interval}}
        )
        schedule = Schedule.read(trigger)
        moments = await asyncio.to_thread(_moments, schedule)
        self.reply({"times": [int(moment * 1000) for moment in moments]})


def _moments(schedule: Schedule) -> list[float]:
    found: list[float] = []
    due = schedule.after(time.time())
    while due is not None and len(found) < _MOMENTS:
        found.append(due)
        due = schedule.after(due)
    return found
