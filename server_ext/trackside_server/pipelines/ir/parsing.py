"""From the documents of a compiled pipeline to a checked :class:`~.model.Pipeline`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.pipelines.platform.parsing import read_settings, read_workspace

from .checks import check
from .components import read_interface
from .executors import read_executors
from .fields import Fields, Message
from .mistakes import mistake, shown
from .model import Component, Dag, Pipeline, TaskOutput
from .names import check_name
from .reading import Documents, read
from .retries import inherit_retries
from .tasks import read_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.platform.settings import Settings, Workspace

    from .components import Interface

SCHEMA: Final = "2.1.0"
MAX_PIPELINE_NAME: Final = 1024

_PIPELINE: Final = Fields(
    "pipeline_info",
    "deployment_spec",
    "sdk_version",
    "schema_version",
    "components",
    "root",
    "default_pipeline_root",
)
_INFO: Final = Fields("name", "display_name", "description")
_DAG: Final = Fields("tasks", "outputs")
_OUTPUTS: Final = Fields("artifacts", "parameters")
_OUTPUT_ARTIFACT: Final = Fields("artifact_selectors")
_ARTIFACT_SELECTOR: Final = Fields("producer_subtask", "output_artifact_key")
_OUTPUT_PARAMETER: Final = Fields("value_from_parameter", "value_from_oneof")
_PARAMETER_SELECTORS: Final = Fields("parameter_selectors")
_PARAMETER_SELECTOR: Final = Fields("producer_subtask", "output_parameter_key")
_PLATFORMS: Final = Fields("platforms")
_PLATFORM: Final = Fields("deployment_spec", "platform", "config", "pipeline_config")
_PLATFORM_EXECUTORS: Final = Fields("executors")
_CONFIG: Final = Fields("workspace", strict=False)


def load(data: bytes) -> Pipeline:
    """Read a pipeline's file; see :func:`parse`."""
    return parse(read(data))


def parse(documents: Documents) -> Pipeline:
    """Read and check a pipeline.

    Raises
    ------
    InvalidInput
        It cannot be run; the message begins with the place in the document, and ``reason`` is one
        of :data:`~.mistakes.Code`.
    """
    message = Message(documents.pipeline, "", _PIPELINE)
    _check_schema(message)
    info = message.child("pipeline_info", _INFO)
    name = info.text("name")
    if not name.strip() or len(name) > MAX_PIPELINE_NAME or not name.isprintable():
        raise mistake(
            "BAD_NAME",
            info.at("name"),
            "The pipeline has no usable name.",
            "Give it one: @dsl.pipeline(name=...).",
        )
    if "root" not in message:
        raise mistake("MISSING", "root", "The pipeline has no root component.")
    interfaces = {
        _component_name(key, place): read_interface(key, value, place)
        for key, (value, place) in message.mapping("components").items()
    }
    root = read_interface("root", message.found["root"], "root")
    kubernetes, workspace = _platforms(documents.platforms)
    pipeline = Pipeline(
        name=name,
        root=_component(root, interfaces),
        components={key: _component(one, interfaces) for key, one in interfaces.items()},
        executors=read_executors(message.found.get("deployment_spec"), "deploymentSpec"),
        display_name=info.text("display_name"),
        description=info.text("description"),
        kubernetes=kubernetes,
        workspace=workspace,
        sdk_version=message.text("sdk_version"),
        document=documents.pipeline,
        platforms=documents.platforms,
    )
    check(pipeline)
    return inherit_retries(pipeline)


def _check_schema(message: Message) -> None:
    version = message.text("schema_version")
    if version != SCHEMA:
        told = f"is {shown(version)}" if version else "is missing"
        raise mistake(
            "UNKNOWN_SCHEMA",
            message.at("schema_version"),
            f"The version of the schema {told}; only {SCHEMA} is run, as on KFP's servers.",
            "Compile the pipeline with version 2 of the KFP SDK.",
        )


def _component_name(name: str, place: str) -> str:
    if name == "root":
        raise mistake("BAD_NAME", place, "The name root is that of the whole pipeline.")
    return check_name(name, place)


def _component(interface: Interface, interfaces: Mapping[str, Interface]) -> Component:
    message = interface.message
    return Component(
        name=interface.name,
        input_parameters=interface.input_parameters,
        input_artifacts=interface.input_artifacts,
        output_parameters=interface.output_parameters,
        output_artifacts=interface.output_artifacts,
        dag=_dag(message.child("dag", _DAG), interfaces) if "dag" in message else None,
        executor=interface.executor,
    )


def _dag(message: Message, interfaces: Mapping[str, Interface]) -> Dag:
    outputs = message.child("outputs", _OUTPUTS)
    return Dag(
        tasks={
            key: read_task(key, value, place, interfaces)
            for key, (value, place) in message.mapping("tasks").items()
        },
        parameters={
            key: _parameter_sources(value, place)
            for key, (value, place) in outputs.mapping("parameters").items()
        },
        artifacts={
            key: _artifact_sources(value, place)
            for key, (value, place) in outputs.mapping("artifacts").items()
        },
    )


def _parameter_sources(value: Any, place: str) -> tuple[TaskOutput, ...]:
    message = Message(value, place, _OUTPUT_PARAMETER)
    which = message.only("value_from_parameter", "value_from_oneof")
    if which == "value_from_oneof":
        selectors = message.child(which, _PARAMETER_SELECTORS)
        return tuple(
            _source(
                Message(
                    item, f"{selectors.at('parameter_selectors')}[{index}]", _PARAMETER_SELECTOR
                ),
                "output_parameter_key",
            )
            for index, item in enumerate(selectors.array("parameter_selectors"))
        )
    if which is None:
        return ()
    return (_source(message.child(which, _PARAMETER_SELECTOR), "output_parameter_key"),)


def _artifact_sources(value: Any, place: str) -> tuple[TaskOutput, ...]:
    message = Message(value, place, _OUTPUT_ARTIFACT)
    at = message.at("artifact_selectors")
    return tuple(
        _source(Message(item, f"{at}[{index}]", _ARTIFACT_SELECTOR), "output_artifact_key")
        for index, item in enumerate(message.array("artifact_selectors"))
    )


def _source(message: Message, key: str) -> TaskOutput:
    return TaskOutput(message.text("producer_subtask"), message.text(key))


def _platforms(document: Mapping[str, Any]) -> tuple[dict[str, Settings], Workspace | None]:
    platforms = Message(document, "", _PLATFORMS).mapping("platforms")
    value, place = platforms.get("kubernetes", (None, "platforms.kubernetes"))
    platform = Message(value, place, _PLATFORM)
    executors = platform.child("deployment_spec", _PLATFORM_EXECUTORS)
    config = platform.child("pipeline_config", _CONFIG)
    settings = {
        label: read_settings(item, at)
        for label, (item, at) in executors.mapping("executors").items()
    }
    if "workspace" not in config:
        return settings, None
    return settings, read_workspace(config.found["workspace"], config.at("workspace"))
