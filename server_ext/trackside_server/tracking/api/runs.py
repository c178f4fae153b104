"""The routes of runs as a whole."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from trackside._process import CLIENT_TAG
from trackside_server.errors import Forbidden
from trackside_server.protocol.call import Spooled, rendered
from trackside_server.tracking import serialise
from trackside_server.tracking.entities import PARENT_TAG, RUN_STATUSES
from trackside_server.tracking.run_search import MAX_RESULTS

from .experiments import read_listing, read_tags, read_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackside_server.protocol.call import Call, Reply


_IN_MEMORY = 8 * 1024 * 1024


async def create(call: Call) -> Reply:
    """Start a run."""
    message = call.message
    tags = read_tags(message)
    experiment_id = message.text("experiment_id") or "0"
    named = dict(tags)
    if call.reach.is_job:
        call.reach.experiment(experiment_id)
        await call.reach.tags(tags)
        if call.reach.run_id is None:
            raise Forbidden("This job has no run of its own that a run could be nested in.")
        # A script that starts several runs gets them below its job's run.
        named.setdefault(PARENT_TAG, call.reach.run_id)
    run = await call.tracking.create_run(
        experiment_id,
        run_name=message.text("run_name") or None,
        user_id=message.text("user_id"),
        start_time=message.integer("start_time"),
        tags=named,
    )
    if not call.reach.is_job:
        call.domains.clients.started(run.info.run_id, named.get(CLIENT_TAG), call.peer)
    return _reply(serialise.run(run))


async def get(call: Call) -> Reply:
    """Give a run, deleted or not, with all that it logged."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    return _reply(await call.tracking.run_text(run_id))


async def update(call: Call) -> Reply:
    """Change the state, the end or the name of a run."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    status = call.message.choice("status", RUN_STATUSES, first=1)
    info = await call.tracking.update_run(
        run_id,
        status=status,
        end_time=call.message.integer("end_time"),
        run_name=call.message.text("run_name") or None,
    )
    if status == "RUNNING" and not call.reach.is_job:
        call.domains.clients.started(run_id, None, call.peer)
    return {"run_info": serialise.run_info(info)}


async def delete(call: Call) -> Reply:
    """Mark a run as deleted."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    await call.tracking.delete_run(run_id)
    return {}


async def restore(call: Call) -> Reply:
    """Bring a deleted run back."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    await call.tracking.restore_run(run_id)
    return {}


async def search(call: Call) -> Reply:
    """Find runs."""
    message = call.message
    size = message.integer("max_results")
    return await call.tracking.read_runs(
        message.anything("experiment_ids"),
        _page,
        filter_text=message.text("filter"),
        order_by=message.texts("order_by"),
        view=read_view(message, "run_view_type"),
        max_results=MAX_RESULTS if size is None else size,
        page_token=message.text("page_token") or None,
        below=call.reach.run_id if call.reach.is_job else None,
    )


async def list_artifacts(call: Call) -> Reply:
    """List a folder of the artifacts of a run."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    root, files = await call.tracking.list_run_artifacts(
        run_id, call.message.text("path"), read_listing(call.message)
    )
    return await rendered(lambda: serialise.files(root, files))


def _reply(run: bytes) -> Reply:
    return b'{"run":' + run + b"}"


def _page(texts: Iterator[bytes], next_page_token: str | None) -> Reply:
    pieces: list[bytes] = []
    length = 0
    written = serialise.runs(texts, next_page_token)
    for piece in written:
        pieces.append(piece)
        length += len(piece)
        if length > _IN_MEMORY:
            # Closed by the handler, after it is sent.
            file = tempfile.TemporaryFile()  # noqa: SIM115
            file.writelines(pieces)
            file.writelines(written)
            file.seek(0)
            return Spooled(file)
    return b"".join(pieces)
