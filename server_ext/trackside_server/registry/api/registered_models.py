"""The routes of registered models as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.protocol.call import rendered
from trackside_server.registry import serialise
from trackside_server.registry.models import MAX_RESULTS
from trackside_server.tracking.api.experiments import read_tags
from trackside_server.tracking.entities import Tag
from trackside_server.tracking.serialise import page as written_page

from .callers import mover

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call, Reply
    from trackside_server.registry.entities import RegisteredModel


async def create(call: Call) -> Reply:
    """Create a registered model."""
    message = call.message
    created = await call.registry.create_model(
        message.required_text("name"),
        description=message.text("description"),
        tags=read_tags(message),
    )
    return _reply(created)


async def get(call: Call) -> Reply:
    """Give a registered model."""
    return _reply(await call.registry.get_model(call.message.required_text("name")))


async def update(call: Call) -> Reply:
    """Change the description of a registered model; without one it is cleared."""
    message = call.message
    return _reply(
        await call.registry.describe_model(
            message.required_text("name"), message.text("description")
        )
    )


async def rename(call: Call) -> Reply:
    """Give a registered model another name."""
    message = call.message
    return _reply(
        await call.registry.rename_model(
            message.required_text("name"), message.required_text("new_name")
        )
    )


async def delete(call: Call) -> Reply:
    """Delete a registered model with all its versions."""
    await call.registry.delete_model(call.message.required_text("name"), mover(call))
    return {}


async def set_tag(call: Call) -> Reply:
    """Set a tag of a registered model."""
    message = call.message
    tag = Tag(message.required_text("key"), message.text("value"))
    await call.registry.set_model_tag(message.required_text("name"), tag)
    return {}


async def delete_tag(call: Call) -> Reply:
    """Delete a tag of a registered model."""
    message = call.message
    await call.registry.delete_model_tag(
        message.required_text("name"), message.required_text("key")
    )
    return {}


async def search(call: Call) -> Reply:
    """Find registered models."""
    message = call.message
    size = message.integer("max_results")
    page = await call.registry.search_models(
        filter_text=message.text("filter"),
        order_by=message.texts("order_by"),
        max_results=MAX_RESULTS if size is None else size,
        page_token=message.text("page_token") or None,
    )
    return await rendered(
        lambda: written_page("registered_models", map(serialise.model, page.items), page)
    )


def _reply(model: RegisteredModel) -> Reply:
    return {"registered_model": serialise.model(model)}
