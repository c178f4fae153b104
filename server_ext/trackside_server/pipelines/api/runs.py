"""The routes of pipeline runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.answers import dumps
from trackside_server.errors import NotFound
from trackside_server.pipelines.entities import Origin
from trackside_server.pipelines.ir.reading import documents_of
from trackside_server.pipelines.storage.listing import Condition
from trackside_server.structs import replace

from .asking import with_python
from .base import KfpHandler, given
from .pipelines import write_documents
from .questions import DEFAULT_SIZE, Field
from .wire_runs import write_run
from .wire_tasks import TaskWriter, children_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.pipelines.entities import PipelineRun, Task
    from trackside_server.web import Core

    from .desk import Desk

_STATES: Final = "PENDING RUNNING SUCCEEDED SKIPPED FAILED CANCELING CANCELED PAUSED".split()
FIELDS: Final = {
    "run_id": Field("run_id"),
    "id": Field("run_id"),
    "display_name": Field("name"),
    "name": Field("name"),
    "description": Field("description"),
    "experiment_id": Field("experiment_id"),
    "recurring_run_id": Field("recurring_id"),
    "pipeline_id": Field("pipeline_id"),
    "pipeline_version_id": Field("version_id"),
    "state": Field("state", words={state: state for state in _STATES}),
    "storage_state": Field("archived", words={"AVAILABLE": 0, "ARCHIVED": 1}),
    "created_at": Field("created", "time"),
    "scheduled_at": Field("scheduled", "time"),
    "finished_at": Field("ended", "time"),
}


class RunBase(KfpHandler):
    """What they share."""

    def initialize(self, core: Core, desk: Desk) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.desk = desk
        self.runs = desk.runs

    async def _specs_of(self, some: Sequence[PipelineRun]) -> dict[str, Mapping[str, Any]]:
        """Give what runs were compiled to, by their ids; not where a version has it."""
        versions = (run.origin.version_id for run in some)
        referred = [version_id for version_id in versions if version_id is not None]
        there = await self.desk.catalog.which_versions(referred)
        alone = [run for run in some if run.origin.version_id not in there]
        found = await self.runs.documents(alone)
        written = {digest: write_documents(documents) for digest, documents in found.items()}
        return {run.run_id: written[run.spec] for run in alone}


class RunsHandler(RunBase):
    """``/runs``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the runs."""
        query = self.question(FIELDS)
        experiment = self.get_query_argument("experiment_id", "")
        if experiment:
            only = Condition("experiment_id", "=", experiment)
            query = replace(query, conditions=(*query.conditions, only))
        page = await self.runs.page(query)
        # Clients expect it, but it is most of a list: whoever does not look at it may leave it out.
        with_spec = self.get_query_argument("pipeline_spec", "").lower() != "false"
        specs = await self._specs_of(page.items if with_spec else ())
        written = [write_run(run, spec=specs.get(run.run_id)) for run in page.items]
        await self.reply_list("runs", written, page)

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Start a run."""
        body = await with_python(await self.pipeline_object(), self.request)
        wanted = await self.desk.submissions.wanted(body, self.actor, Origin())
        run = await self.runs.create(wanted)
        spec = write_documents(documents_of(wanted.pipeline))
        await self.reply_large(write_run(run, spec=None if run.origin.version_id else spec))


class RunHandler(RunBase):
    """``/runs/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Give a run."""
        run = await self.runs.get(run_id)
        specs = await self._specs_of([run])
        # Clients expect them; the panel asks for the tasks in the form of KFP 3.
        with_tasks = self.get_query_argument("run_details", "").lower() != "false"
        spec = specs.get(run.run_id)
        # Who waits for the end of a run asks for the same thousands of tasks each few seconds.
        key = (run_id, run.revision, run.state, with_tasks, spec is not None)
        text = self.desk.answers.get(key)
        if text is None:
            tasks = await self.runs.all_tasks(run_id) if with_tasks else []
            pipeline = await self.runs.pipeline(run)
            beginnings = await self.runs.beginnings(tasks)

            def write() -> str:
                children = children_of(tasks)
                writer = TaskWriter(run_id, pipeline, children, beginnings=beginnings)
                written = [writer.write_old(one) for one in tasks]
                return dumps(write_run(run, spec=spec, tasks=written))

            text = await asyncio.to_thread(write)
            self.desk.answers.keep(key, text, len(text))
        self.reply_text(text)

    @web.authenticated
    @authorized
    async def delete(self, run_id: str) -> None:
        """Delete a run that is over."""
        await self.runs.delete(run_id)
        self.done()


class RunActionHandler(RunBase):
    """``/runs/{id}:terminate``, ``:retry``, ``:archive`` and ``:unarchive``."""

    @web.authenticated
    @authorized
    async def post(self, run_id: str, action: str) -> None:
        """Do something with a run."""
        if action == "terminate":
            await self.runs.terminate(run_id)
        elif action == "retry":
            await self.runs.retry(run_id)
        else:
            await self.runs.archive(run_id, archived=action == "archive")
        self.done()


class _TaskBase(RunBase):
    """What the handlers of tasks share."""

    async def _writer(self, run: PipelineRun, tasks: Sequence[Task]) -> TaskWriter:
        cached = [task.node.cached_from for task in tasks if task.node.cached_from]
        pipeline = await self.runs.pipeline(run)
        ids = [task.task_id for task in tasks] if pipeline.kubernetes else []
        return TaskWriter(
            run.run_id,
            pipeline,
            await self.runs.children(run.run_id, [task.node.path for task in tasks]),
            await self.runs.runs_of(cached),
            self.runs.told_of(run.run_id, [task.task_id for task in tasks]),
            await self.runs.beginnings(tasks),
            await self.runs.in_pods(ids),
        )


class TasksHandler(_TaskBase):
    """``/runs/{id}/tasks``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """List the tasks of a run in the order in which they were made."""
        run = await self.runs.get(run_id)
        page = await self.runs.tasks(
            run_id, limit=self.page_size() or DEFAULT_SIZE, token=self.page_token()
        )
        writer = await self._writer(run, page.items)
        answer = {"total_size": page.total, "next_page_token": page.token}

        def write() -> str:
            # An empty list is said, and an empty token too: the panel reads them.
            return dumps({"tasks": [writer.write(task) for task in page.items], **answer})

        self.reply_text(await asyncio.to_thread(write))


class TaskHandler(_TaskBase):
    """``/runs/{id}/tasks/{task}``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str, task_id: str) -> None:
        """Give a task."""
        found = await self.runs.task(task_id)
        if found is None or found[0] != run_id:
            raise NotFound(f"There is no task {task_id[:60]!r} of this run.")
        task = found[1]
        run = await self.runs.get(run_id)
        writer = await self._writer(run, [task])
        self.reply(given(writer.write(task)))
