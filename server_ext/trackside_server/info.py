"""Questions about the whole: what is this server, what changed since a revision."""

from __future__ import annotations

import asyncio
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import ensure_async
from tornado import web

from . import openapi
from ._version import __version__
from .answers import dumps_in_turns
from .errors import NotFound
from .web import Core, TracksideHandler

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from .changes import Changes
    from .store import Store

# More news than this about one kind of thing, and a fresh start costs a view less.
LIMIT = 500
NEWEST = 100
MAX_WAIT = 30
_EMBEDDED = {"kind": "embedded"}
_KINDS = (
    "jobs",
    "runs",
    "experiments",
    "models",
    "pipeline_runs",
    "pipelines",
    "recurring_runs",
    "deleted",
)


class ChangeSource(Protocol):
    """A domain that knows what changed in it."""

    async def changed_since(self, revision: int, limit: int) -> Mapping[str, list[dict[str, Any]]]:
        """Return the things above a revision by their plural name, up to ``limit + 1`` of each."""

    async def newest(self, limit: int) -> Mapping[str, list[dict[str, Any]]]:
        """Return what a view that knows nothing begins with."""


class RunnerSource(Protocol):
    """What runs jobs."""

    async def runners(self) -> list[dict[str, Any]]:
        """Describe each runner and what is free on it."""


class OutsideServer(Protocol):
    """An outside server that keeps the runs."""

    async def describe(self) -> dict[str, Any]:
        """Tell which one, what it can do and whether it answers; never waits for it."""


class InfoHandler(TracksideHandler):
    """``GET /trackside/api/v1/info``."""

    def initialize(  # type: ignore[override]
        self,
        core: Core,
        store: Store,
        runners: RunnerSource | None,
        url: Callable[[], str | None],
        outside: OutsideServer | None,
    ) -> None:
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.store = store
        self.runners = runners
        self.url = url
        self.outside = outside

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Describe this server."""
        url = self.url()
        self.reply(
            {
                "version": __version__,
                "url": url,
                "tracking_uri": url,
                "tracking": await self.outside.describe() if self.outside else _EMBEDDED,
                "python": platform.python_version(),
                "store": {"path": str(self.store.root), "notices": self.store.notices},
                "runners": await self.runners.runners() if self.runners else [],
            }
        )


class KernelHandler(TracksideHandler):
    """``GET /trackside/api/v1/kernels/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, kernel_id: str) -> None:
        """Tell which notebook a kernel belongs to: the name that it has by now."""
        manager: Any = self.session_manager
        sessions: list[dict[str, Any]] = await ensure_async(manager.list_sessions())
        for session in sessions:
            if (session.get("kernel") or {}).get("id") == kernel_id:
                folder = getattr(self.contents_manager, "root_dir", "")
                self.reply({"notebook": str(Path(folder, session["path"]))})
                return
        raise NotFound("No notebook that is open on this server has this kernel.")


class ChangesHandler(TracksideHandler):
    """``GET /trackside/api/v1/changes``."""

    def initialize(  # type: ignore[override]
        self, core: Core, store: Store, changes: Changes, sources: Sequence[ChangeSource]
    ) -> None:
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.store = store
        self.changes = changes
        self.sources = sources

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer what changed since a revision, or where to begin."""
        since = self.integer("since", 0)
        wait = self.integer("wait", 0, high=MAX_WAIT)
        with self.changes.watch(lambda _: True) as watch:
            answer = await self._since(since)
            if wait and not _is_news(answer) and await watch.wait(wait):
                answer = await self._since(since)
        self.reply_text(await dumps_in_turns(answer))

    async def _since(self, since: int) -> dict[str, Any]:
        # Read first: what happens meanwhile is told once more next time, and never left out.
        revision, deleted = await self.store.read(lambda connection: _mark(connection, since))
        empty: dict[str, Any] = {kind: [] for kind in _KINDS}
        if 0 < since <= revision:
            answer = {**empty, "revision": revision, "reset": False, "deleted": deleted}
            for source in self.sources:
                answer.update(await source.changed_since(since, LIMIT))
            if all(len(answer[kind]) <= LIMIT for kind in empty):
                return answer
        answer = {**empty, "revision": revision, "reset": True}
        for source in self.sources:
            answer.update(await source.newest(NEWEST))
        return answer


class OpenAPIHandler(TracksideHandler):
    """``GET /trackside/api/v1/openapi.json``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the description of this API."""
        loop = asyncio.get_running_loop()
        self.reply(await loop.run_in_executor(None, openapi.document))


def routes(
    core: Core,
    store: Store,
    changes: Changes,
    sources: Sequence[ChangeSource],
    runners: RunnerSource | None,
    url: Callable[[], str | None],
    outside: OutsideServer | None = None,
) -> list[tuple[str, type[TracksideHandler], dict[str, Any]]]:
    """Return the routes of this module."""
    return [
        (r"/trackside/api/v1/openapi\.json", OpenAPIHandler, {"core": core}),
        (
            r"/trackside/api/v1/info",
            InfoHandler,
            {"core": core, "store": store, "runners": runners, "url": url, "outside": outside},
        ),
        (r"/trackside/api/v1/kernels/([\w-]+)", KernelHandler, {"core": core}),
        (
            r"/trackside/api/v1/changes",
            ChangesHandler,
            {"core": core, "store": store, "changes": changes, "sources": sources},
        ),
    ]


def _is_news(answer: Mapping[str, Any]) -> bool:
    return answer["reset"] or any(isinstance(value, list) and value for value in answer.values())


def _mark(connection: sqlite3.Connection, since: int) -> tuple[int, list[dict[str, Any]]]:
    revision = int(connection.execute("SELECT revision FROM clock").fetchone()[0])
    rows = connection.execute(
        "SELECT kind, id, revision FROM tombstones WHERE revision > ? ORDER BY revision LIMIT ?",
        (since, LIMIT + 1),
    )
    return revision, [dict(row) for row in rows] if since else []
