"""What can be done with traces apart from their spans."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.structs import replace
from trackside_server.tracking import validation as tracking_validation
from trackside_server.tracking.base import Base, Write
from trackside_server.tracking.experiments import require_active
from trackside_server.tracking.pages import Paging
from trackside_server.tracking.paths import proxied_path
from trackside_server.tracking.search import Field, Order, parse_filter, parse_orders
from trackside_server.tracking.storage import experiments
from trackside_server.tracking.storage import runs as runs_table

from . import validation
from .entities import (
    FINAL_METADATA,
    IN_PROGRESS,
    LOCATION_TAG,
    RUN_METADATA,
    TraceInfo,
)
from .storage import assessments as assessments_table
from .storage import traces as table
from .storage.fields import TRACES, TraceCompiler

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from trackside_server.tracking.entities import Experiment, Page

    from .entities import Assessment
    from .storage.traces import Doomed

MAX_RESULTS: Final = 100
MOST_RESULTS: Final = 500
_TIES: Final = (
    Order(Field("attribute", "timestamp_ms"), ascending=False),
    Order(Field("attribute", "request_id"), ascending=True),
)
_PIECE: Final = 500
_ANY_NUMBER: Final = 2**62


class Infos(Base):
    """The part of the service about traces as a whole."""

    async def start_trace(self, info: TraceInfo, own_run: str | None = None) -> TraceInfo:
        """Store a trace as its client tells it, new or in the place of what was known of it.

        Parameters
        ----------
        info
            The trace.
        own_run
            The run of the job that tells it, if one does: the trace belongs to that run unless it
            names another.
        """
        validation.trace_id(info.trace_id)
        number = tracking_validation.experiment_id(info.experiment_id)
        tags = validation.tags(info.tags)
        metadata = {**validation.metadata(info.metadata), FINAL_METADATA: "true"}
        checked = replace(
            info,
            experiment_id=str(number),
            request_preview=validation.preview(info.request_preview),
            response_preview=validation.preview(info.response_preview),
        )

        def work(write: Write) -> TraceInfo:
            connection = write.connection
            experiment = active_experiment(connection, number)
            row = table.find(connection, info.trace_id)
            if row is None:
                trace = create(connection, checked, experiment)
            else:
                trace = row["id"]
                table.update(connection, trace, **_told(checked))
            table.set_tags(connection, trace, tags)
            belongs(connection, trace, metadata, own_run)
            table.set_metadata(connection, trace, metadata)
            _add(connection, trace, info.assessments)
            return table.load(connection, [table.require(connection, info.trace_id)])[0]

        return await self.write(work)

    async def begin_trace(
        self,
        experiment_id: str,
        timestamp: int,
        metadata: Mapping[str, str],
        tags: Mapping[str, str],
        own_run: str | None = None,
    ) -> TraceInfo:
        """Begin a trace whose end is told later, as clients of MLflow 2 do it."""
        number = tracking_validation.experiment_id(experiment_id)
        info = TraceInfo(uuid.uuid4().hex, str(number), IN_PROGRESS, timestamp)
        checked_tags, checked = validation.tags(tags), validation.metadata(metadata)

        def work(write: Write) -> TraceInfo:
            connection = write.connection
            trace = create(connection, info, active_experiment(connection, number))
            table.set_tags(connection, trace, checked_tags)
            belongs(connection, trace, checked, own_run)
            table.set_metadata(connection, trace, checked)
            return table.load(connection, [table.require(connection, info.trace_id)])[0]

        return await self.write(work)

    async def end_trace(
        self,
        trace_id: str,
        timestamp: int,
        state: str,
        metadata: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> TraceInfo:
        """End a trace that was begun."""
        checked_tags, checked = validation.tags(tags), validation.metadata(metadata)

        def work(write: Write) -> TraceInfo:
            connection = write.connection
            row = table.require(connection, trace_id)
            duration = timestamp - row["request_time"]
            table.update(connection, row["id"], state=state, duration=duration)
            table.set_tags(connection, row["id"], checked_tags)
            table.set_metadata(connection, row["id"], checked)
            return table.load(connection, [table.require(connection, trace_id)])[0]

        return await self.write(work)

    async def trace_info(self, trace_id: str) -> TraceInfo:
        """Give what a trace is."""
        return await self.read(
            lambda connection: table.load(connection, [table.require(connection, trace_id)])[0]
        )

    async def trace_infos(
        self, trace_ids: Sequence[str], experiment_ids: Sequence[str] | None = None
    ) -> list[TraceInfo]:
        """Give what those traces are that exist."""
        numbers = _numbers(experiment_ids)
        return await self.read(
            lambda connection: table.load(connection, table.among(connection, trace_ids, numbers))
        )

    async def source_run(self, trace_id: str) -> str | None:
        """Give the run that a trace belongs to.

        Raises
        ------
        NotFound
            There is no such trace.
        """

        def work(connection: sqlite3.Connection) -> str | None:
            table.require(connection, trace_id)
            return table.source_run(connection, trace_id)

        return await self.read(work)

    async def source_runs(self, trace_ids: Iterable[str]) -> set[str | None]:
        """Give the runs that some traces belong to; None stands for those of no run.

        Traces that do not exist are left out.
        """
        wanted = list(trace_ids)
        return await self.read(lambda connection: table.source_runs(connection, wanted))

    async def search_traces(
        self,
        experiment_ids: Sequence[str],
        *,
        filter_text: str = "",
        order_by: Sequence[str] = (),
        max_results: int = MAX_RESULTS,
        page_token: str | None = None,
        below: str | None = None,
    ) -> Page[TraceInfo]:
        """Find traces, the newest first unless another order is wanted.

        Parameters
        ----------
        experiment_ids
            Where to look.
        filter_text, order_by
            In MLflow's grammar.
        max_results, page_token
            The page.
        below
            Restricts the search to traces of a run and of those nested below it.
        """
        paging = Paging.of(max_results, page_token, most=MOST_RESULTS)
        compiler = TraceCompiler()
        where = compiler.where(parse_filter(filter_text, TRACES))
        order = compiler.order(parse_orders(order_by, TRACES), _TIES)
        numbers = _numbers(experiment_ids) or []

        def work(connection: sqlite3.Connection) -> Page[TraceInfo]:
            found = table.search(
                connection,
                numbers,
                where,
                order,
                made_by=None if below is None else runs_table.tree(connection, below),
                limit=paging.limit,
                offset=paging.offset,
            )
            return paging.page(found)

        return await self.read(work)

    async def set_trace_tag(self, trace_id: str, key: str, value: str) -> None:
        """Set a tag."""
        validation.tag_change(key)
        checked = validation.tags({key: value})

        def work(write: Write) -> None:
            row = table.require(write.connection, trace_id)
            table.set_tags(write.connection, row["id"], checked)

        await self.write(work)

    async def delete_trace_tag(self, trace_id: str, key: str) -> None:
        """Delete a tag."""
        validation.tag_change(key)

        def work(write: Write) -> None:
            row = table.require(write.connection, trace_id)
            if not table.delete_tag(write.connection, row["id"], key):
                raise NotFound(f"No trace tag with key {key[:80]!r} for trace {trace_id!r}.")

        await self.write(work)

    async def delete_traces(
        self,
        experiment_id: str,
        *,
        trace_ids: Sequence[str] | None = None,
        until: int | None = None,
        most: int | None = None,
    ) -> int:
        """Delete traces with their files, by their ids or the oldest first; give their number.

        Parameters
        ----------
        experiment_id
            The experiment that they belong to.
        trace_ids
            Which.
        until
            The latest time at which they began.
        most
            How many at most.
        """
        number = tracking_validation.experiment_id(experiment_id)
        if (trace_ids is None) == (until is None):
            raise InvalidInput("Give either max_timestamp_millis or request_ids.")
        if most is not None and (trace_ids is not None or most <= 0):
            raise InvalidInput(
                "max_traces has to be at least 1, and goes with max_timestamp_millis only."
            )
        left = _ANY_NUMBER if most is None else most
        deleted = 0
        while left > 0:
            gone = await self._delete(number, trace_ids, until, min(left, _PIECE))
            deleted += len(gone)
            left -= len(gone)
            if len(gone) < _PIECE:
                break
        return deleted

    async def link_traces_to_run(self, trace_ids: Sequence[str], run_id: str) -> None:
        """Link traces to a run; those that have not arrived yet are linked once they do."""
        if len(trace_ids) > validation.MAX_LINKS:
            raise InvalidInput(
                f"One request links at most {validation.MAX_LINKS} traces to a run; this one has "
                f"{len(trace_ids)}."
            )
        for trace_id in trace_ids:
            validation.trace_id(trace_id)

        def work(write: Write) -> None:
            runs_table.row(write.connection, run_id)
            table.link_run(write.connection, trace_ids, run_id)

        await self.write(work)

    async def link_prompts_to_trace(
        self, trace_id: str, prompts: Sequence[tuple[str, int]]
    ) -> None:
        """Link versions of prompts to a trace."""
        if len(prompts) > validation.MAX_LINKS:
            raise InvalidInput(f"One request links at most {validation.MAX_LINKS} prompts.")

        def work(write: Write) -> None:
            table.require(write.connection, trace_id)
            names = [f"{name}/{version}" for name, version in prompts]
            table.link_prompts(write.connection, trace_id, names)

        await self.write(work)

    async def _delete(
        self, experiment: int, trace_ids: Sequence[str] | None, until: int | None, most: int
    ) -> list[Doomed]:
        def work(write: Write) -> list[Doomed]:
            gone = table.doomed(
                write.connection,
                experiment,
                LOCATION_TAG,
                trace_ids=trace_ids,
                until=until,
                most=most,
            )
            table.delete(write.connection, gone)
            return gone

        gone = await self.write(work)
        await asyncio.get_running_loop().run_in_executor(None, self._remove_files, gone)
        return gone

    def _remove_files(self, gone: Sequence[Doomed]) -> None:
        for trace in gone:
            path = proxied_path(trace.location) if trace.location else None
            if path is not None:
                self.artifacts.delete(path.removesuffix("/artifacts"))


def active_experiment(connection: sqlite3.Connection, number: int) -> Experiment:
    """Give an experiment that takes new things."""
    found = experiments.by_id(connection, number)
    if found is None:
        raise NotFound(f"There is no experiment with id {number}.")
    require_active(found)
    return found


def create(connection: sqlite3.Connection, info: TraceInfo, experiment: Experiment) -> int:
    """Insert a trace that knows where its files are; give its number."""
    trace = table.create(connection, info)
    location = f"{experiment.artifact_location}/traces/{info.trace_id}/artifacts"
    table.set_tags(connection, trace, {LOCATION_TAG: location})
    return trace


def belongs(
    connection: sqlite3.Connection, trace: int, metadata: dict[str, str], own_run: str | None
) -> None:
    """Make a trace that a job tells belong to that job's run, unless it belongs to one already."""
    if own_run is not None and RUN_METADATA not in {
        **table.metadata(connection, trace),
        **metadata,
    }:
        metadata[RUN_METADATA] = own_run


def _told(info: TraceInfo) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "experiment": int(info.experiment_id),
        "state": info.state,
        "request_time": info.request_time,
        "duration": info.duration,
        "client_request_id": info.client_request_id,
    }
    previews = {
        "request_preview": info.request_preview,
        "response_preview": info.response_preview,
    }
    return {**columns, **{name: text for name, text in previews.items() if text is not None}}


def _add(connection: sqlite3.Connection, trace: int, items: Sequence[Assessment]) -> None:
    """Store assessments that came with a trace; telling it again does not repeat them."""
    for item in items:
        if item.assessment_id or not assessments_table.told_before(connection, trace, item):
            identifier = item.assessment_id or f"a-{uuid.uuid4().hex}"
            assessments_table.save(connection, trace, replace(item, assessment_id=identifier))


def _numbers(experiment_ids: Sequence[str] | None) -> list[int] | None:
    if experiment_ids is None:
        return None
    return [tracking_validation.experiment_id(value) for value in experiment_ids]
