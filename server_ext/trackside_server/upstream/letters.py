"""How each thing in the outbox is told to the MLflow server. Telling it twice does no harm."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from trackside_server.outside.client import read_at_most
from trackside_server.outside.errors import ServerRefused
from trackside_server.tracking.entities import PARENT_TAG

from .outbox import KnownRun
from .runs import START_TAG
from .wire import V2, artifact_root, run_of

if TYPE_CHECKING:
    import logging
    import sqlite3
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trackside_server.store import Store

    from .client import Client
    from .news import News
    from .outbox import Letter, Outbox
    from .runs import UpstreamRuns

_POINTS: Final = 1000
_OTHERS: Final = 100
_NESTING: Final = 20
_OPEN: Final = ("RUNNING", "SCHEDULED")
# Left by a crash while a file was put in its place.
_ASIDE: Final = re.compile(r"\.[0-9a-f]{16}")
_PUT: Final = "/api/2.0/mlflow-artifacts/artifacts"


class Letters:
    """Delivers letters.

    Parameters
    ----------
    store, client, outbox, runs, news, log
        Collaborators.
    """

    def __init__(
        self,
        store: Store,
        client: Client,
        outbox: Outbox,
        runs: UpstreamRuns,
        news: News,
        log: logging.Logger,
    ) -> None:
        self._store = store
        self._client = client
        self._outbox = outbox
        self._runs = runs
        self._news = news
        self._logger = log

    async def deliver(self, letters: Sequence[Letter]) -> None:
        """Tell the first of these letters, with those behind it that fit into the same request."""
        first = letters[0]
        if first.kind == "create":
            await self._create(first)
            return
        run = await self._known(first.run_id)
        run_id = run.remote_id
        if run_id is None:
            # Its creation was given up.
            await self._told([first], run, "data")
        elif first.kind == "batch":
            await self._batch(run, run_id, _together(letters))
        elif first.kind == "update":
            await self._update(run_id, first.content)
            await self._told([first], run, "state", first.content.get("status"))
        elif first.kind == "nested":
            await self._end_nested(run.experiment_id, run_id, first.content)
            await self._told([first], run, "data")
        else:
            await self._send_files(run, run_id)
            await self._told([first], run, "artifacts")

    async def give_up(self, letter: Letter, error: ServerRefused) -> None:
        """Forget a thing that the server refuses."""
        self._logger.warning(
            "Something that a job logged into run %s cannot be stored: %s", letter.run_id, error
        )
        await self._store.write(lambda connection: self._outbox.told(connection, [letter]))

    async def _known(self, run_id: str) -> KnownRun:
        """Give what is known of a run; what this server never heard of is asked for."""
        known = await self._store.read(lambda connection: self._outbox.run(connection, run_id))
        if known is not None and (known.artifact_uri is not None or known.remote_id is None):
            return known
        run = await self._runs.get_run(run_id)
        info = run.info
        return KnownRun(run_id, run_id, info.experiment_id, None, info.artifact_uri, info.status)

    async def _told(
        self, letters: Sequence[Letter], run: KnownRun, change: str, status: str | None = None
    ) -> None:
        revision = 0
        now: KnownRun | None = None

        def work(connection: sqlite3.Connection) -> None:
            nonlocal revision, now
            self._outbox.told(connection, letters)
            revision = self._store.next_revision()
            now = self._outbox.moved(connection, run.run_id, revision, status)

        await self._store.write(work)
        if now is not None:
            self._news.tell(now, change, revision)
        elif run.remote_id is not None:
            self._news.moved(run.remote_id, change)

    async def _create(self, letter: Letter) -> None:
        content = letter.content
        tags: Mapping[str, str] = content["tags"]
        experiment_id = str(content["experiment_id"])
        # An earlier attempt may have come through, or the client itself asked for it and died.
        found = await self._runs.find_by_tag(experiment_id, START_TAG, tags[START_TAG])
        if found is None:
            body = {
                "experiment_id": experiment_id,
                "start_time": content["start_time"],
                "tags": [{"key": key, "value": value} for key, value in tags.items()],
            }
            if content.get("run_name"):
                body["run_name"] = content["run_name"]
            made = await self._client.json("POST", f"{V2}/runs/create", body)
            found = run_of(made["run"])
        info = found.info
        run = KnownRun(
            letter.run_id,
            info.run_id,
            experiment_id,
            tags.get(PARENT_TAG),
            info.artifact_uri,
            info.status,
        )
        start_id = tags[START_TAG]
        revision = 0

        def work(connection: sqlite3.Connection) -> None:
            nonlocal revision
            revision = self._store.next_revision()
            self._outbox.know(connection, run, revision, start_id)
            self._outbox.told(connection, [letter])

        await self._store.write(work)
        self._news.tell(run, "created", revision)

    async def _batch(self, run: KnownRun, run_id: str, letters: Sequence[Letter]) -> None:
        contents = [letter.content for letter in letters]
        try:
            await self._log(run_id, contents)
        except ServerRefused as error:
            if error.is_temporary or error.status_code == 404:  # the run is gone, with all of it
                raise
            # One bad value must not take its neighbours along.
            for content in contents:
                for name, items in content.items():
                    for item in items:
                        await self._log_one(run_id, name, item)
        others = any(content.keys() - {"metrics"} for content in contents)
        await self._told(letters, run, "data" if others else "metrics")

    async def _log_one(self, run_id: str, name: str, item: Any) -> None:
        try:
            await self._log(run_id, [{name: [item]}])
        except ServerRefused as error:
            if error.is_temporary:
                raise
            self._logger.warning(
                "%r, logged into run %s, cannot be stored: %s", item[0], run_id, error
            )

    async def _log(self, run_id: str, contents: Sequence[Mapping[str, Any]]) -> None:
        fields = ("key", "value", "timestamp", "step")
        body: dict[str, Any] = {"run_id": run_id}
        for name in ("metrics", "params", "tags"):
            items = [item for content in contents for item in content.get(name, ())]
            if items:
                body[name] = [dict(zip(fields, item, strict=False)) for item in items]
        await self._client.json("POST", f"{V2}/runs/log-batch", body)

    async def _update(self, run_id: str, content: Mapping[str, Any]) -> None:
        body = {name: value for name, value in content.items() if value is not None}
        await self._client.json("POST", f"{V2}/runs/update", {"run_id": run_id, **body})

    async def _end_nested(
        self, experiment_id: str, run_id: str, content: Mapping[str, Any], depth: int = 0
    ) -> None:
        token = ""
        while depth < _NESTING:
            body = {
                "experiment_ids": [experiment_id],
                "filter": f"tags.`{PARENT_TAG}` = '{run_id}'",
                "max_results": 500,
                **({"page_token": token} if token else {}),
            }
            found = await self._client.json("POST", f"{V2}/runs/search", body)
            for item in found.get("runs") or ():
                info = run_of(item).info
                await self._end_nested(experiment_id, info.run_id, content, depth + 1)
                if info.status in _OPEN:
                    await self._update(info.run_id, content)
                    self._news.moved(info.run_id, "state")
            token = str(found.get("next_page_token") or "")
            if not token:
                return

    async def _send_files(self, run: KnownRun, run_id: str) -> None:
        folder = self._runs.artifacts.root / quote(run.run_id, safe="")
        root = artifact_root(run.artifact_uri or "")
        if root is None:
            self._logger.warning(
                "The MLflow server keeps the artifacts of run %s at a place where Trackside does "
                "not write; the files stay in %s",
                run_id,
                folder,
            )
            return
        for path in await asyncio.to_thread(_files, folder):
            name = path.relative_to(folder).as_posix()
            await self._send_file(f"{_PUT}/{quote(f'{root}/{name}')}", path)
        await asyncio.to_thread(_remove_empty, folder)

    async def _send_file(self, target: str, path: Path) -> None:
        try:
            opened = await asyncio.to_thread(path.open, "rb")
        except FileNotFoundError:
            return
        with opened:
            sent = os.fstat(opened.fileno())
            async with self._client.open("PUT", target, data=opened) as answer:
                refusal = None
                if answer.status < 400:
                    await read_at_most(answer, 64 * 1024)
                else:
                    refusal = await self._client.refusal(answer)
        if refusal is not None and refusal.is_temporary:
            raise refusal
        await asyncio.to_thread(_remove, path, sent)
        if refusal is not None:
            self._logger.warning("%s is no artifact: %s", path, refusal)


def _together(letters: Sequence[Letter]) -> list[Letter]:
    """Give the letters at the beginning that one request can carry."""
    found: list[Letter] = []
    points = params = tags = 0
    run_id = letters[0].run_id
    for letter in takewhile(lambda one: one.kind == "batch" and one.run_id == run_id, letters):
        points += len(letter.content.get("metrics", ()))
        params += len(letter.content.get("params", ()))
        tags += len(letter.content.get("tags", ()))
        # A param twice in a request is refused, even with the same value.
        full = points + params + tags > _POINTS or params > _OTHERS or tags > _OTHERS
        if found and (full or params):
            break
        found.append(letter)
    return found


def _files(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if not _ASIDE.fullmatch(path.name))
    return [path for path in found if path.is_file() and not path.is_symlink()]


def _remove(path: Path, sent: os.stat_result) -> None:
    """Remove a file that was sent, unless another one was put in its place meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        now = path.stat()
        # The number of a file that is gone is given to another one, so that alone tells nothing.
        if os.path.samestat(now, sent) and now.st_mtime_ns == sent.st_mtime_ns:
            path.unlink()


def _remove_empty(folder: Path) -> None:
    """Remove folders that hold nothing any more."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
