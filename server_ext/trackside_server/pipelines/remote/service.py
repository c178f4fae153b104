"""What can be asked of the KFP server, in the shapes of this one."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from trackside_server.answers import dumps
from trackside_server.errors import NotFound
from trackside_server.pipelines.entities import task_id_of

from .about import About
from .client import TIMEOUT
from .errors import NoSuchRoute
from .nodes import join
from .reading import mapping, objects, text, tidy
from .tasks import read_tasks
from .wire import RemoteTask, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .client import KfpClient
    from .links import Links

# Whoever looks at a run asks for a page after the other, and several may look at the same one.
_FRESH: Final = 1.0
_RUNS: Final = 16
_SPECS: Final = 32
_PAGE: Final = 200
_MOST_PAGES: Final = 100
_LISTS: Final = ("experiments", "runs", "recurringruns", "pipelines", "artifacts")


class Tasks:
    """The tasks of a run, as they were a moment ago.

    Parameters
    ----------
    found
        All of them.
    wire
        They, written.
    """

    def __init__(self, run_id: str, found: list[RemoteTask], page: str) -> None:
        self.by_id = {task_id_of(run_id, task.path): task for task in found}
        self.wire = written(run_id, found, page)


class Remote:
    """A KFP server.

    Parameters
    ----------
    client
        Asks it.
    links
        Where its pages are.
    namespace
        The one that is used there; empty where it has one user.
    """

    def __init__(self, client: KfpClient, links: Links, namespace: str) -> None:
        self.client = client
        self.links = links
        self.namespace = namespace
        self.about = About(client, links, namespace)
        self._tasks: OrderedDict[str, tuple[float, asyncio.Task[Tasks]]] = OrderedDict()
        self._specs: OrderedDict[str, Mapping[str, Any]] = OrderedDict()

    def start(self) -> None:
        """Begin to ask, on the running event loop."""
        self.about.begin()

    async def stop(self) -> None:
        """Ask no more."""
        await self.about.stop()
        asking = [task for _, task in self._tasks.values()]
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await self.client.close()

    async def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        timeout: float = TIMEOUT,
    ) -> dict[str, Any]:
        """Pass a question or a wish on, and tidy the answer.

        Parameters
        ----------
        method, path, query, body
            What is asked for; the path is that behind the version of the API.
        timeout
            In seconds.

        Raises
        ------
        TracksideError
            The server says no, or cannot be asked.
        """
        kind = path.split("/")[1].partition(":")[0]
        sent = self._with_namespace(method, path, dict(query or {}))
        if method == "POST" and body is not None and self.namespace:
            body = self._in_namespace(path, body)
        answer = await self.client.ask(
            method,
            path,
            query=urlencode(sent, quote_via=quote),
            body=None if body is None else dumps(body).encode(),
            timeout=timeout,
        )
        return tidy(kind, answer, self.links)

    async def upload(
        self, path: str, query: Mapping[str, str], body: bytes, kind: str, timeout: float
    ) -> dict[str, Any]:
        """Pass a file on.

        Parameters
        ----------
        path, query, body, kind
            The request.
        timeout
            In seconds.
        """
        sent = self._with_namespace("POST", path, dict(query))
        encoded = urlencode(sent, quote_via=quote)
        answer = await self.client.ask(
            "POST", path, query=encoded, body=body, kind=kind, timeout=timeout
        )
        return tidy("pipelines", answer, self.links)

    async def tasks(self, run_id: str) -> Tasks:
        """Give the tasks of a run, as they were a moment ago at most."""
        known = self._tasks.get(run_id)
        if known is not None:
            since, asking = known
            failed = asking.done() and (asking.cancelled() or asking.exception() is not None)
            if not failed and (not asking.done() or time.monotonic() - since < _FRESH):
                return await asyncio.shield(asking)
        asking = asyncio.get_running_loop().create_task(self._read_tasks(run_id))
        self._tasks[run_id] = (time.monotonic(), asking)
        while len(self._tasks) > _RUNS:
            self._tasks.popitem(last=False)
        return await asyncio.shield(asking)

    async def task(self, run_id: str, task_id: str) -> RemoteTask:
        """Give a task of a run.

        Raises
        ------
        NotFound
            The run has no such task.
        """
        found = (await self.tasks(run_id)).by_id.get(task_id)
        if found is None:
            raise NotFound(f"There is no task {task_id[:60]!r} of this run.")
        return found

    async def log(self, run_id: str, task: RemoteTask) -> str:
        """Give what a task without a pod printed, where the server tells that.

        Raises
        ------
        NotFound
            It does not.
        """
        if task.told_id:
            path = f"/runs/{quote(run_id, safe='')}/tasks/{quote(task.told_id, safe='')}/log"
            with contextlib.suppress(NoSuchRoute):
                return await self.client.read_text("GET", path)
        raise NotFound("This task has no pod, and so no log.", reason="NO_POD")

    async def _read_tasks(self, run_id: str) -> Tasks:
        page = self.links.run(run_id)
        if self.about.api != "2":
            try:
                tasks = await self._told_tasks(run_id)
                self.about.api = "3"
                return await asyncio.to_thread(lambda: Tasks(run_id, read_tasks(tasks), page))
            except NoSuchRoute:
                self.about.api = "2"
        run = await self.client.ask("GET", f"/runs/{quote(run_id, safe='')}")
        spec = await self._spec_of(run)
        return await asyncio.to_thread(lambda: Tasks(run_id, join(run, spec), page))

    async def _told_tasks(self, run_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token = ""
        for _ in range(_MOST_PAGES):
            query = urlencode({"page_size": _PAGE, "page_token": token})
            path = f"/runs/{quote(run_id, safe='')}/tasks"
            page = await self.client.ask("GET", path, query=query)
            found.extend(objects(page.get("tasks")))
            token = text(page.get("next_page_token"))
            if not token:
                break
        return found

    async def _spec_of(self, run: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give what a run was compiled to: it brings it, or its version has it."""
        spec = mapping(run.get("pipeline_spec"))
        reference = mapping(run.get("pipeline_version_reference"))
        pipeline_id = text(reference.get("pipeline_id"))
        version_id = text(reference.get("pipeline_version_id"))
        if spec or not version_id:
            return spec
        known = self._specs.get(version_id)
        if known is None:
            path = f"/pipelines/{quote(pipeline_id, safe='')}/versions/{quote(version_id, safe='')}"
            try:
                version = await self.client.ask("GET", path)
            except NotFound:
                # Deleted since; the run still has a state.
                version = {}
            known = self._specs[version_id] = mapping(version.get("pipeline_spec"))
            while len(self._specs) > _SPECS:
                self._specs.popitem(last=False)
        return known

    def _with_namespace(self, method: str, path: str, query: dict[str, str]) -> dict[str, str]:
        """Say which namespace is meant, where a list or a name is of one."""
        first, _, rest = path[1:].partition("/")
        is_list = method == "GET" and first in _LISTS and not rest and "experiment_id" not in query
        of_one = first == "pipelines" and rest.startswith(("names/", "upload"))
        # A version belongs to a pipeline, and with it to a namespace.
        if self.namespace and (is_list or of_one) and rest != "upload_version":
            query.setdefault("namespace", self.namespace)
        return query

    def _in_namespace(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if path in ("/experiments", "/pipelines"):
            return {"namespace": self.namespace, **body}
        if path == "/pipelines/create":
            pipeline = {"namespace": self.namespace, **mapping(body.get("pipeline"))}
            return {**body, "pipeline": pipeline}
        return dict(body)
