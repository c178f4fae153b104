"""The routes of everything that recurs here, and of when a schedule would come."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput
from trackside_server.pipelines.api.base import PipelineBody
from trackside_server.pipelines.api.forms import BASE as FORMS
from trackside_server.pipelines.storage.listing import MAX_PAGE, Query
from trackside_server.web import TracksideHandler

from .destinations import runners
from .idempotency import Idempotency
from .schedule import Schedule
from .wire import write_any, write_tally

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trackside_server.jobs.service import Jobs
    from trackside_server.web import Core

    from .entities import History, RecurringRun, Wish
    from .keeping import Keeping
    from .problems import Problems
    from .service import RecurringRuns
    from .wishes import Wishes

BASE: Final = r"/trackside/api/v1/recurring"
_PAGE: Final = 50
# How many moments of a schedule are told.
_MOMENTS: Final = 3
_ON_ITS_WAY: Final = (
    "The cluster has started it. It is among the jobs as soon as this server has found it there."
)


class _Base(TracksideHandler):
    """What they share."""

    def initialize(  # type: ignore[override]
        self,
        core: Core,
        jobs: Jobs,
        recurring: RecurringRuns,
        wishes: Wishes,
        keeping: Keeping,
        problems: Problems,
    ) -> None:
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.jobs = jobs
        self.recurring = recurring
        self.wishes = wishes
        self.keeping = keeping
        self.problems = problems

    async def reply_one(
        self, recurring_id: str, status: int = 200, notes: Sequence[str] = ()
    ) -> None:
        """Answer with all that is known of one, and what is worth knowing of what was asked for."""
        one = await self.recurring.get(recurring_id)
        history = (await self.recurring.histories([one])).get(recurring_id)
        problem = (await self.problems.of([one])).get(recurring_id)
        runner = (await runners(self.jobs, [one])).get(recurring_id)
        moments = await self.recurring.moments(recurring_id)
        shown = self.jobs.shown
        written = await asyncio.to_thread(write_any, one, shown, history, problem, runner, moments)
        if notes:
            written["notes"] = list(notes)
        await self.reply_large(written, status)


class RecurringListHandler(_Base):
    """``/trackside/api/v1/recurring``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List all that recurs, the newest first; without the compiled pipelines."""
        page = await self.recurring.page(
            Query(
                descending=True,
                limit=self.integer("page_size", _PAGE, low=1, high=MAX_PAGE),
                token=self.get_query_argument("page_token", ""),
            ),
            with_specs=False,
        )
        histories = await self.recurring.histories(page.items)
        problems = await self.problems.of(page.items)
        going = await runners(self.jobs, page.items)
        tally = await self.recurring.tally_jobs()
        await self.reply_large(
            {
                "recurring": await asyncio.to_thread(
                    _written, page.items, self.jobs.shown, histories, problems, going
                ),
                "jobs": write_tally(tally),
                "total_size": page.total,
                "next_page_token": page.token or None,
            }
        )

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Let a notebook or script recur."""
        body = self.json_object()
        asked = Idempotency.read(body)
        # Found by its key alone: the file may be gone since, or the schedule over.
        one = None if asked is None else await self.recurring.known(asked)
        status: int = 200
        notes: tuple[str, ...] = ()
        if one is None:
            body.pop("idempotency_key", None)
            wish = await self.wishes.job(body, self.actor)
            # Not among the wishes: KFP's clients may send such a schedule, as to KFP.
            await asyncio.to_thread(wish.schedule.refuse_over, time.time())
            one = await self.recurring.create(wish, asked)
            status, notes = 201, wish.notes
        self.set_header("Location", f"{self.request.path.rstrip('/')}/{one.recurring_id}")
        await self.reply_one(one.recurring_id, status, notes)


class RecurringHandler(_Base, PipelineBody):
    """``/trackside/api/v1/recurring/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, recurring_id: str) -> None:
        """Give one, with what became of its last moments."""
        await self.reply_one(recurring_id)

    @web.authenticated
    @authorized
    async def put(self, recurring_id: str) -> None:
        """Put something else in its place; what became of its moments stays."""
        body = await self.pipeline_object()
        notes: list[str] = []

        async def read(one: RecurringRun) -> Wish:
            read = self.wishes.job if one.kind == "job" else self.wishes.pipeline
            wish = await read(body, self.actor, one)
            # One that is over can still get another name.
            if wish.schedule != one.schedule:
                await asyncio.to_thread(wish.schedule.refuse_over, time.time())
            notes.extend(wish.notes)
            return wish

        await self.keeping.replace(recurring_id, read)
        await self.reply_one(recurring_id, notes=notes)

    @web.authenticated
    @authorized
    async def delete(self, recurring_id: str) -> None:
        """Delete it; the runs that it started stay."""
        await self.keeping.delete(recurring_id)
        self.reply({})


class RecurringActionHandler(_Base):
    """``/trackside/api/v1/recurring/{id}/enable`` and ``/disable``."""

    @web.authenticated
    @authorized
    async def post(self, recurring_id: str, action: str) -> None:
        """Let it recur, or not."""
        await self.keeping.enable(recurring_id, enabled=action == "enable")
        await self.reply_one(recurring_id)


class RestoreHandler(_Base):
    """``/trackside/api/v1/recurring/{id}/restore``."""

    @web.authenticated
    @authorized
    async def post(self, recurring_id: str) -> None:
        """Bring back what was deleted."""
        await self.recurring.restore(recurring_id)
        await self.reply_one(recurring_id)


class RunNowHandler(_Base):
    """``/trackside/api/v1/recurring/{id}/run``."""

    @web.authenticated
    @authorized
    async def post(self, recurring_id: str) -> None:
        """Start a run of it now, beside its schedule."""
        started, is_there = await self.keeping.run_now(recurring_id)
        is_job = started.job_id is not None
        told = {"job_id": started.job_id} if is_job else {"run_id": started.run_id}
        if is_there:
            self.reply(told)
        else:
            self.reply({**told, "message": _ON_ITS_WAY}, 202)


class CronJobHandler(_Base):
    """``/trackside/api/v1/recurring/{id}/cronjob``."""

    @web.authenticated
    @authorized
    async def put(self, recurring_id: str) -> None:
        """Hand it over to the cluster, with its file as it is now."""
        await self.keeping.hand_over(recurring_id)
        await self.reply_one(recurring_id)

    @web.authenticated
    @authorized
    async def delete(self, recurring_id: str) -> None:
        """Take it back: this server starts its jobs again."""
        leave = self.get_query_argument("leave", "") == "true"
        await self.keeping.take_back(recurring_id, leave=leave)
        await self.reply_one(recurring_id)


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
        bounds = {
            name: text
            for name in ("start_time", "end_time")
            if (text := self.get_query_argument(name, ""))
        }
        trigger = (
            {"cron_schedule": {"cron": cron, **bounds}}
            if cron
            else {"periodic_schedule": {"interval_second": interval, **bounds}}
        )
        schedule = Schedule.read(trigger)
        moments = await asyncio.to_thread(_moments, schedule)
        self.reply({"times": [int(moment * 1000) for moment in moments]})


def routes(
    core: Core,
    jobs: Jobs,
    recurring: RecurringRuns,
    wishes: Wishes,
    keeping: Keeping,
    problems: Problems,
) -> list[tuple[str, type[TracksideHandler], dict[str, Any]]]:
    """Return the routes of this module."""
    means = {
        "core": core,
        "jobs": jobs,
        "recurring": recurring,
        "wishes": wishes,
        "keeping": keeping,
        "problems": problems,
    }
    one = rf"{BASE}/([^/]+)"
    return [
        (BASE, RecurringListHandler, means),
        (one, RecurringHandler, means),
        (rf"{one}/(enable|disable)", RecurringActionHandler, means),
        (rf"{one}/restore", RestoreHandler, means),
        (rf"{one}/run", RunNowHandler, means),
        (rf"{one}/cronjob", CronJobHandler, means),
        (rf"{FORMS}/times", TimesHandler, {"core": core}),
    ]


def _written(
    some: Sequence[RecurringRun],
    shown: Callable[[str], str],
    histories: Mapping[str, History],
    problems: Mapping[str, str],
    going: Mapping[str, str],
) -> list[Any]:
    """Write some; belongs into a thread: a moment may lie years off, and has to be looked for."""
    return [
        write_any(
            one,
            shown,
            histories.get(one.recurring_id),
            problems.get(one.recurring_id),
            going.get(one.recurring_id),
        )
        for one in some
    ]


def _moments(schedule: Schedule) -> list[float]:
    found: list[float] = []
    due = schedule.after(time.time())
    while due is not None and len(found) < _MOMENTS:
        found.append(due)
        due = schedule.after(due)
    return found
