"""The routes of the KFP server: how it stands, what is sent to it, and its API behind this one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.answers import dumps
from trackside_server.errors import InvalidInput, NotFound
from trackside_server.pipelines.api.base import KfpHandler, PipelineBody
from trackside_server.tracking.ranges import attachment
from trackside_server.web import TracksideHandler

from .errors import NoSuchRoute, NotConfigured

if TYPE_CHECKING:
    from trackside_server.web import Core

    from .desk import RemoteDesk

ROOT: Final = "/trackside/kfp/apis/v2beta1"
# What is passed on of a query: never what proves to this server who asks.
_PASSED: Final = (
    "page_size",
    "page_token",
    "sort_by",
    "filter",
    "namespace",
    "experiment_id",
    "name",
    "display_name",
    "description",
    "pipelineid",
    "cascade",
    "tags",
    "code_source_url",
)
_PAGE: Final = 200
_PIECE: Final = 256 * 1024
_UNKNOWN: Final = {
    "configured": False,
    "host": "",
    "ui": "",
    "state": "UNKNOWN",
    "message": "",
    "api": "",
    "namespace": "",
}


class StatusHandler(TracksideHandler):
    """``GET /trackside/api/v1/kfp``."""

    def initialize(self, core: Core, there: RemoteDesk | None) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.there = there

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Tell how the server stands; with ``refresh`` after it was asked."""
        again = self.get_query_argument("refresh", "").lower() in ("1", "true")
        there = self.there
        self.reply(await there.remote.about.describe(again=again) if there else _UNKNOWN)


class SendHandler(PipelineBody):
    """``POST /trackside/api/v1/kfp/send``."""

    def initialize(self, core: Core, there: RemoteDesk | None) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.there = there

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Send a pipeline, the one of a run, or a file, and run it there if asked to."""
        body = await self.pipeline_object()
        if self.there is None:
            raise NotConfigured
        self.reply(await self.there.sender.send(body, self.contents_manager))


class _Handler(KfpHandler):
    """What those of the API share."""

    def initialize(self, core: Core, there: RemoteDesk | None) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self._there = there

    @property
    def there(self) -> RemoteDesk:
        """What there is of the server."""
        if self._there is None:
            raise NotConfigured
        return self._there

    def passed_query(self) -> dict[str, str]:
        """Take what is to be passed on of the query."""
        found = {name: self.get_query_argument(name, "") for name in _PASSED}
        return {name: value for name, value in found.items() if value}

    @property
    def passed_path(self) -> str:
        """The path behind the version of the API, as it was sent: encoded."""
        return "/" + str(self.request.path).partition(f"{ROOT}/")[2]

    async def pass_on(self) -> None:
        """Ask the server for the same, and answer with what it says."""
        remote, path = self.there.remote, self.passed_path
        method = self.request.method or "GET"
        kind = self.request.headers.get("Content-Type", "")
        query = self.passed_query()
        if kind.startswith("multipart/form-data"):
            # Loaded by those servers only that have one.
            from .client import UPLOAD

            answer = await remote.upload(path, query, self.body(), kind, UPLOAD)
        else:
            body = await self.pipeline_object() if method in ("POST", "PATCH") else None
            answer = await remote.ask(method, path, query, body)
        if self.get_query_argument("pipeline_spec", "").lower() == "false":
            for run in answer.get("runs", ()):
                run.pop("pipeline_spec", None)
        await self.reply_large(answer)


@web.authenticated
@authorized
async def _pass_on(handler: _Handler) -> None:
    """Ask the server for the same."""
    await handler.pass_on()


def passing(*methods: str) -> type[_Handler]:
    """Make the handler of addresses that are passed on with these methods, and with no others."""
    return type("PassHandler", (_Handler,), dict.fromkeys(map(str.lower, methods), _pass_on))


class TasksHandler(_Handler):
    """``/runs/{id}/tasks``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """List the tasks of a run, each behind the one that it is in."""
        token = self.page_token() or "0"
        if not token.isdecimal() or len(token) > 9:
            raise InvalidInput("page_token is none of this list.")
        start = int(token)
        size = min(self.page_size() or _PAGE, _PAGE)
        tasks = (await self.there.remote.tasks(run_id)).wire
        answer = {
            "tasks": tasks[start : start + size],
            "total_size": len(tasks),
            "next_page_token": str(start + size) if start + size < len(tasks) else "",
        }
        self.reply_text(await asyncio.to_thread(dumps, answer))


class TaskHandler(_Handler):
    """``/runs/{id}/tasks/{task}``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str, task_id: str) -> None:
        """Give a task."""
        for task in (await self.there.remote.tasks(run_id)).wire:
            if task["task_id"] == task_id:
                self.reply(task)
                return
        raise NotFound(f"There is no task {task_id[:60]!r} of this run.")


class LogHandler(_Handler):
    """``/runs/{id}/tasks/{task}/log``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str, task_id: str) -> None:
        """Give the last lines that a task printed."""
        there = self.there
        task = await there.remote.task(run_id, task_id)
        if task.pod is not None:
            self.reply_log(await there.logs.read(run_id, task.pod))
        else:
            self.reply_log(await there.remote.log(run_id, task))


class ContentHandler(_Handler):
    """``/artifacts/{id}/content``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Pass on the file that an artifact is, where the server serves it; to be saved."""
        below = self.get_query_argument("path", "")
        query = f"path={quote(below, safe='')}" if below else ""
        try:
            async with self.there.remote.client.answer("GET", self.passed_path, query) as answer:
                length = answer.headers.get("Content-Length")
                if length:
                    self.set_header("Content-Length", length)
                self.set_header("Content-Type", "application/octet-stream")
                self.set_header(
                    "Content-Disposition", attachment(below.rpartition("/")[2] or "artifact")
                )
                self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
                self.set_header("X-Content-Type-Options", "nosniff")
                self.set_header("Cache-Control", "no-store")
                async for piece in answer.content.iter_chunked(_PIECE):
                    self.write(piece)
                    await self.flush()
        except NoSuchRoute:
            raise NotFound(
                "This Kubeflow Pipelines server does not give the files of artifacts.",
                hint="Open the run in Kubeflow Pipelines.",
                reason="NO_CONTENT",
            ) from None
        self.finish(set_content_type="application/octet-stream")


class LinkHandler(_Handler):
    """Answers the links that KFP's client prints when it is led through here."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Lead to Jupyter's front end, which is told where that is what stands behind the ``#``."""
        self.redirect(f"{self.default_url}?trackside-place=kfp")


class UnknownHandler(_Handler):
    """Answers the addresses that nothing else does."""

    async def prepare(self, **kwargs: Any) -> None:
        """Refuse before any method is looked up, but only to those who may know."""
        await super().prepare(**kwargs)
        await self.admit("read")
        raise NotFound(
            "Trackside does not pass on this address of the KFP API.",
            hint="openapi.json lists those that it does.",
        )
