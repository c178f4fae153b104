"""Who calls, and what a job among them may do.

A job may make the models of its own run known: create a registered model, and add versions whose
files lie inside its run (or one nested below it) or inside a model that such a run logged. It may
look at the versions that it made. Everything else in the registry is the users' to do: what a name
or an alias stands for decides what others load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import Forbidden, NotFound
from trackside_server.registry.entities import Mover
from trackside_server.registry.validation import header_reason

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call
    from trackside_server.registry.entities import ModelVersion


def mover(call: Call) -> Mover:
    """Give who moves something, and the reason if the request gives one."""
    return Mover(call.actor, header_reason(call.reason))


async def may_register(
    call: Call, source: str, run_id: str | None, model_id: str | None, *, prompt: bool
) -> None:
    """Refuse a job that would register what is not its own."""
    if not call.reach.is_job:
        return
    # Before anything is looked up: what a job may not use it does not learn of either.
    if run_id:
        await call.reach.run(run_id)
    if model_id:
        await call.reach.model(model_id)
    if (run_id or model_id) and not prompt:
        origin = await call.registry.origin(source, run_id, model_id)
        if origin.owned:
            await call.reach.run(origin.run_id)
            return
    raise Forbidden("This job may only register models that its own run logged.")


async def visible(call: Call, name: str, version: str) -> ModelVersion:
    """Give a version, to a job only if it is one of its own."""
    try:
        found = await call.registry.get_version(name, version)
    except NotFound:
        if call.reach.is_job:
            # As if it belonged to others: a job learns of no version but its own.
            raise Forbidden("This job may only use versions that it registered.") from None
        raise
    if call.reach.is_job:
        await call.reach.run(found.run_id)
    return found
