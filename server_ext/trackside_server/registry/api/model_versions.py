"""The routes of versions of registered models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.protocol.call import rendered
from trackside_server.registry import serialise
from trackside_server.registry.versions import MAX_RESULTS, is_prompt
from trackside_server.tracking.api.experiments import read_tags
from trackside_server.tracking.entities import Tag
from trackside_server.tracking.serialise import page as written_page

from .callers import may_register, mover, visible

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call, Reply
    from trackside_server.protocol.message import Message
    from trackside_server.registry.entities import ModelVersion


async def create(call: Call) -> Reply:
    """Create the next version of a registered model."""
    message = call.message
    name = message.required_text("name")
    source = message.required_text("source")
    run_id = message.optional_text("run_id")
    model_id = message.optional_text("model_id")
    run_link, description = message.text("run_link"), message.text("description")
    tags = read_tags(message)
    await may_register(call, source, run_id, model_id, prompt=is_prompt(tags))
    created = await call.registry.create_version(
        name,
        source,
        run_id=run_id,
        model_id=model_id,
        run_link=run_link,
        description=description,
        tags=tags,
        user_id=call.actor,
    )
    return _reply(created)


async def get(call: Call) -> Reply:
    """Give a version."""
    return _reply(await visible(call, *_named(call.message)))


async def update(call: Call) -> Reply:
    """Change the description of a version; without one it is cleared."""
    message = call.message
    return _reply(
        await call.registry.describe_version(*_named(message), message.optional_text("description"))
    )


async def delete(call: Call) -> Reply:
    """Delete a version with its aliases."""
    await call.registry.delete_version(*_named(call.message), mover(call))
    return {}


async def transition(call: Call) -> Reply:
    """Move a version to a stage."""
    message = call.message
    moved, _ = await call.registry.set_stage(
        *_named(message),
        message.required_text("stage"),
        mover(call),
        archive_existing=message.flag("archive_existing_versions", default=False),
    )
    return _reply(moved)


async def download_uri(call: Call) -> Reply:
    """Give where the files of a version are."""
    found = await call.registry.get_version(*_named(call.message))
    return {"artifact_uri": found.location}


async def set_tag(call: Call) -> Reply:
    """Set a tag of a version."""
    message = call.message
    tag = Tag(message.required_text("key"), message.text("value"))
    await call.registry.set_version_tag(*_named(message), tag)
    return {}


async def delete_tag(call: Call) -> Reply:
    """Delete a tag of a version."""
    message = call.message
    await call.registry.delete_version_tag(*_named(message), message.required_text("key"))
    return {}


async def search(call: Call) -> Reply:
    """Find versions."""
    message = call.message
    size = message.integer("max_results")
    page = await call.registry.search_versions(
        filter_text=message.text("filter"),
        order_by=message.texts("order_by"),
        max_results=MAX_RESULTS if size is None else size,
        page_token=message.text("page_token") or None,
    )
    return await rendered(
        lambda: written_page("model_versions", map(serialise.version, page.items), page)
    )


async def latest(call: Call) -> Reply:
    """Give the newest version of each stage."""
    message = call.message
    found = await call.registry.latest_versions(
        message.required_text("name"), message.texts("stages")
    )
    return {"model_versions": [serialise.version(item) for item in found]} if found else {}


async def set_alias(call: Call) -> Reply:
    """Give an alias to a version."""
    message = call.message
    await call.registry.set_alias(
        message.required_text("name"),
        message.required_text("alias"),
        message.required_text("version"),
        mover(call),
    )
    return {}


async def get_by_alias(call: Call) -> Reply:
    """Give the version that has an alias."""
    message = call.message
    return _reply(
        await call.registry.version_by_alias(
            message.required_text("name"), message.required_text("alias")
        )
    )


async def delete_alias(call: Call) -> Reply:
    """Take an alias away."""
    message = call.message
    await call.registry.set_alias(
        message.required_text("name"), message.required_text("alias"), None, mover(call)
    )
    return {}


def _named(message: Message) -> tuple[str, str]:
    return message.required_text("name"), message.required_text("version")


def _reply(version: ModelVersion) -> Reply:
    return {"model_version": serialise.version(version)}
