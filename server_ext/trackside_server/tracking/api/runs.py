"""The routes of runs as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import Forbidden
from trackside_server.protocol.call import rendered
from trackside_server.tracking import serialise
from trackside_server.tracking.entities import PARENT_TAG, RUN_STATUSES
from trackside_server.tracking.runs import MAX_RESULTS

from .experiments import read_tags, read_view

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call, Reply
    from trackside_server.tracking.entities import Run


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
    return _reply(run)


async def get(call: Call) -> Reply:
    """Give a run, deleted or not, with all that it logged."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    return _reply(await call.tracking.get_run(run_id))


async def update(call: Call) -> Reply:
    """Change the state, the end or the name of a run."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    info = await call.tracking.update_run(
        run_id,
        status=call.message.choice("status", RUN_STATUSES, first=1),
        end_time=call.message.integer("end_time"),
        run_name=call.message.text("run_name") or None,
    )
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
    page = await call.tracking.search_runs(
        message.anything("experiment_ids"),
        filter_text=message.text("filter"),
        order_by=message.texts("order_by"),
        view=read_view(message, "run_view_type"),
        max_results=MAX_RESULTS if size is None else size,
        page_token=message.text("page_token") or None,
        below=call.reach.run_id if call.reach.is_job else None,
    )
    return await rendered(lambda: serialise.runs(page.items, page))


async def list_artifacts(call: Call) -> Reply:
    """List a folder of the artifacts of a run."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    root, files = await call.tracking.list_run_artifacts(run_id, call.message.text("path"))
    return serialise.files(root, files)


def _reply(run: Run) -> Reply:
    return f'{{"run":{serialise.run(run)}}}'
