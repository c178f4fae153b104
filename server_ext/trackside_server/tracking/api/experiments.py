"""The routes of experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import Forbidden
from trackside_server.protocol.call import rendered
from trackside_server.tracking import serialise
from trackside_server.tracking.entities import VIEW_TYPES, Tag
from trackside_server.tracking.pages import MOST_FILES, Paging

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call, Reply
    from trackside_server.protocol.message import Message
    from trackside_server.tracking.entities import ViewType


def read_tags(message: Message) -> list[Tag]:
    """Read a list of tags."""
    return [Tag(tag.required_text("key"), tag.text("value")) for tag in message.messages("tags")]


def read_view(message: Message, name: str) -> ViewType:
    """Read whether deleted things count."""
    chosen = message.choice(name, VIEW_TYPES, first=1)
    return next((view for view in VIEW_TYPES if view == chosen), "ACTIVE_ONLY")


async def create(call: Call) -> Reply:
    """Create an experiment."""
    experiment_id = await call.tracking.create_experiment(
        call.message.required_text("name"),
        location=call.message.text("artifact_location") or None,
        tags=read_tags(call.message),
    )
    return {"experiment_id": experiment_id}


async def get(call: Call) -> Reply:
    """Give an experiment, deleted or not."""
    experiment_id = call.message.required_text("experiment_id")
    call.reach.experiment(experiment_id)
    found = await call.tracking.get_experiment(experiment_id)
    return {"experiment": serialise.experiment(found)}


async def get_by_name(call: Call) -> Reply:
    """Give the experiment of a name, deleted or not."""
    name = call.message.required_text("experiment_name")
    if call.reach.experiment_id is not None:
        own = await call.tracking.get_experiment(call.reach.experiment_id)
        if own.name != name:
            raise Forbidden(
                f"This job logs to its own experiment {own.name[:80]!r} and cannot use "
                f"{name[:80]!r}.",
                hint="Leave out mlflow.set_experiment in a job and submit it with --experiment.",
            )
        return {"experiment": serialise.experiment(own)}
    found = await call.tracking.get_experiment_by_name(name)
    return {"experiment": serialise.experiment(found)}


async def search(call: Call) -> Reply:
    """Find experiments."""
    page = await call.tracking.search_experiments(
        filter_text=call.message.text("filter"),
        order_by=call.message.texts("order_by"),
        view=read_view(call.message, "view_type"),
        max_results=call.message.integer("max_results") or 0,
        page_token=call.message.text("page_token") or None,
        only=call.reach.experiment_id,
    )
    return await rendered(
        lambda: serialise.page("experiments", map(serialise.experiment, page.items), page)
    )


async def update(call: Call) -> Reply:
    """Rename an experiment."""
    await call.tracking.rename_experiment(
        call.message.required_text("experiment_id"), call.message.required_text("new_name")
    )
    return {}


async def delete(call: Call) -> Reply:
    """Mark an experiment and its runs as deleted."""
    await call.tracking.delete_experiment(call.message.required_text("experiment_id"))
    return {}


async def restore(call: Call) -> Reply:
    """Bring a deleted experiment and all its runs back."""
    await call.tracking.restore_experiment(call.message.required_text("experiment_id"))
    return {}


async def set_tag(call: Call) -> Reply:
    """Set a tag of an experiment."""
    tag = Tag(call.message.required_text("key"), call.message.text("value"))
    await call.tracking.set_experiment_tags(call.message.required_text("experiment_id"), [tag])
    return {}


async def delete_tag(call: Call) -> Reply:
    """Delete a tag of an experiment."""
    await call.tracking.delete_experiment_tag(
        call.message.required_text("experiment_id"), call.message.required_text("key")
    )
    return {}


def read_listing(message: Message) -> Paging:
    """Read which part of a list of files is wanted: all of it, unless the caller says otherwise."""
    size = message.integer("max_results")
    token = message.text("page_token") or None
    return Paging.of(MOST_FILES if size is None else size, token, most=MOST_FILES)
