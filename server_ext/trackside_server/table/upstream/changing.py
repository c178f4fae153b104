"""Changes of many runs on an MLflow server: one request after the other, some at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from trackside_server.errors import InvalidInput, TracksideError
from trackside_server.outside.errors import ServerAway, ServerMisconfigured
from trackside_server.table.entities import Done
from trackside_server.tracking import validation
from trackside_server.upstream.wire import V2, run_of

if TYPE_CHECKING:
    from trackside_server.table.entities import Change
    from trackside_server.tracking.entities import Run
    from trackside_server.upstream.client import Client
    from trackside_server.upstream.news import News

_AT_ONCE: Final = 8


async def change(client: Client, news: News, wanted: Change) -> Done:
    """Do what is wanted to each run that takes it.

    Raises
    ------
    InvalidInput
        The server cannot do it to any run.
    """
    if wanted.action == "purge":
        raise InvalidInput(
            "An MLflow server offers no way to delete runs for ever from outside.",
            hint="Whoever runs it does that with the command mlflow gc.",
            reason="NOT_OFFERED",
        )
    if wanted.action in ("tag", "untag"):
        validation.key(wanted.key, "tag")
    outcomes: dict[str, bool | str] = {}
    queue = iter(wanted.run_ids)
    away: TracksideError | None = None

    async def work() -> None:
        nonlocal away
        for run_id in queue:
            try:
                if away is not None:
                    raise away
                outcomes[run_id] = await _one(client, wanted, run_id)
                if outcomes[run_id]:
                    news.moved(run_id, "data" if wanted.key else "state")
            except TracksideError as error:  # noqa: PERF203 - each is a request anyway
                if isinstance(error, (ServerAway, ServerMisconfigured)):
                    # The others would only wait for the same.
                    away = error
                outcomes[run_id] = error.message

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    done = Done()
    for run_id in wanted.run_ids:
        outcome = outcomes[run_id]
        if isinstance(outcome, str):
            done.failed.append((run_id, outcome))
        elif outcome:
            done.run_ids.append(run_id)
    return done


async def _one(client: Client, wanted: Change, run_id: str) -> bool:
    query = urlencode({"run_id": run_id})
    run = run_of((await client.json("GET", f"{V2}/runs/get", query=query)).get("run") or {})
    if not _changes(run, wanted):
        return False
    path, body = {
        "tag": ("set-tag", {"key": wanted.key, "value": wanted.value}),
        "untag": ("delete-tag", {"key": wanted.key}),
        "delete": ("delete", {}),
        "restore": ("restore", {}),
    }[wanted.action]
    await client.json("POST", f"{V2}/runs/{path}", {"run_id": run_id, **body})
    return True


def _changes(run: Run, wanted: Change) -> bool:
    """Say whether a run is not as wanted already."""
    if wanted.action in ("delete", "restore"):
        return run.info.deleted != (wanted.action == "delete")
    if run.info.deleted:
        raise InvalidInput(
            f"Run {run.info.run_id!r} is deleted; restore it before you write to it."
        )
    tags = dict(run.tags)
    return (
        wanted.key in tags if wanted.action == "untag" else (tags.get(wanted.key) != wanted.value)
    )
