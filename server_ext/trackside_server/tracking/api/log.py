"""The routes by which runs log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.tracking import validation
from trackside_server.tracking.entities import Dataset, DatasetInput, ModelLink, Param, Tag

from .experiments import read_tags

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call, Reply
    from trackside_server.protocol.message import Message


def read_params(message: Message) -> list[Param]:
    """Read a list of params."""
    return [
        Param(param.required_text("key"), param.text("value"))
        for param in message.messages("params")
    ]


async def metric(call: Call) -> Reply:
    """Log a point of a metric."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    point = call.message.point()
    await call.reach.models_of([point])
    await call.tracking.log_batch(run_id, metrics=[point])
    return {}


async def parameter(call: Call) -> Reply:
    """Log a param."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    param = Param(call.message.required_text("key"), call.message.text("value"))
    await call.tracking.log_batch(run_id, params=[param])
    return {}


async def batch(call: Call) -> Reply:
    """Log points, params and tags: all of it or nothing."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    metrics = call.message.metrics("metrics")
    params = read_params(call.message)
    tags = read_tags(call.message)
    validation.batch_size(len(metrics), len(params), len(tags))
    await call.reach.tags(tags)
    await call.reach.models_of(metrics)
    await call.tracking.log_batch(run_id, metrics=metrics, params=params, tags=tags)
    return {}


async def set_tag(call: Call) -> Reply:
    """Set a tag of a run."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    tag = Tag(call.message.required_text("key"), call.message.text("value"))
    await call.reach.tags([tag])
    await call.tracking.log_batch(run_id, tags=[tag])
    return {}


async def delete_tag(call: Call) -> Reply:
    """Delete a tag of a run."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    key = call.message.required_text("key")
    call.reach.keeps_parent(key)
    await call.tracking.delete_tag(run_id, key)
    return {}


async def model(call: Call) -> Reply:
    """Note a model of an MLflow 2 client in the history of a run."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    await call.tracking.log_model(run_id, call.message.required_text("model_json"))
    return {}


async def inputs(call: Call) -> Reply:
    """Link the data sets and models that a run reads."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    datasets = [_dataset_input(item) for item in call.message.messages("datasets")]
    models = await _links(call)
    await call.tracking.log_inputs(run_id, datasets, models)
    return {}


async def outputs(call: Call) -> Reply:
    """Link the models that a run made."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    call.message.require("models")
    await call.tracking.log_outputs(run_id, await _links(call))
    return {}


async def _links(call: Call) -> list[ModelLink]:
    links = [
        ModelLink(item.required_text("model_id"), item.integer("step") or 0)
        for item in call.message.messages("models")
    ]
    for link in links:
        await call.reach.model(link.model_id)
    return links


def _dataset_input(message: Message) -> DatasetInput:
    dataset = message.required_message("dataset")
    return DatasetInput(
        Dataset(
            name=dataset.required_text("name"),
            digest=dataset.required_text("digest"),
            source_type=dataset.text("source_type"),
            source=dataset.text("source"),
            schema=dataset.optional_text("schema"),
            profile=dataset.optional_text("profile"),
        ),
        read_tags(message),
    )
