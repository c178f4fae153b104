"""The routes of logged models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput
from trackside_server.protocol.call import rendered
from trackside_server.tracking import serialise
from trackside_server.tracking.entities import MODEL_STATUSES
from trackside_server.tracking.models import MAX_RESULTS

from .experiments import read_listing, read_tags
from .log import read_params

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call, Reply
    from trackside_server.protocol.message import Message
    from trackside_server.tracking.entities import LoggedModel


async def create(call: Call) -> Reply:
    """Begin a logged model."""
    message = call.message
    experiment_id = message.required_text("experiment_id")
    call.reach.experiment(experiment_id)
    source = message.text("source_run_id") or call.reach.run_id
    if source is not None:
        await call.reach.run(source)
    model = await call.tracking.create_logged_model(
        experiment_id,
        name=message.text("name"),
        model_type=message.optional_text("model_type"),
        source_run_id=source,
        params=read_params(message),
        tags=read_tags(message),
    )
    return _reply(model)


async def get(call: Call) -> Reply:
    """Give a logged model."""
    return _reply(await call.tracking.get_logged_model(await _id(call)))


async def finalize(call: Call) -> Reply:
    """Say that the files of a logged model are complete, or failed."""
    model_id = await _id(call)
    status = call.message.choice("status", MODEL_STATUSES, first=0) or MODEL_STATUSES[0]
    return _reply(await call.tracking.finalize_logged_model(model_id, MODEL_STATUSES.index(status)))


async def delete(call: Call) -> Reply:
    """Delete a logged model."""
    await call.tracking.delete_logged_model(await _id(call))
    return {}


async def set_tags(call: Call) -> Reply:
    """Set tags of a logged model."""
    model_id = await _id(call)
    await call.tracking.set_model_tags(model_id, read_tags(call.message))
    return {}


async def delete_tag(call: Call) -> Reply:
    """Delete a tag of a logged model."""
    await call.tracking.delete_model_tag(await _id(call), call.path["tag_key"])
    return {}


async def log_params(call: Call) -> Reply:
    """Log params of a logged model."""
    model_id = await _id(call)
    if call.message.required_text("model_id") != model_id:
        raise InvalidInput("The model_id in the body is not the one in the path.")
    await call.tracking.log_model_params(model_id, read_params(call.message))
    return {}


async def list_artifacts(call: Call) -> Reply:
    """List a folder of the artifacts of a logged model."""
    paging = read_listing(call.message)
    root, files = await call.tracking.list_model_artifacts(
        await _id(call), call.message.text("artifact_directory_path"), paging
    )
    return await rendered(lambda: serialise.files(root, files))


async def search(call: Call) -> Reply:
    """Find logged models."""
    message = call.message
    message.require("experiment_ids")
    page = await call.tracking.search_logged_models(
        message.texts("experiment_ids"),
        filter_text=message.text("filter"),
        datasets=[
            (item.required_text("dataset_name"), item.text("dataset_digest") or None)
            for item in message.messages("datasets")
        ],
        order_by=[_order(item) for item in message.messages("order_by")],
        max_results=message.integer("max_results") or MAX_RESULTS,
        page_token=message.text("page_token") or None,
        below=call.reach.run_id if call.reach.is_job else None,
    )
    return await rendered(
        lambda: serialise.page("models", map(serialise.logged_model, page.items), page)
    )


def _order(message: Message) -> tuple[str, bool, tuple[str, str | None]]:
    dataset = (message.text("dataset_name"), message.text("dataset_digest") or None)
    return message.required_text("field_name"), message.flag("ascending", default=True), dataset


async def _id(call: Call) -> str:
    model_id = call.path["model_id"]
    await call.reach.model(model_id)
    return model_id


def _reply(model: LoggedModel) -> Reply:
    return {"model": serialise.logged_model(model)}
