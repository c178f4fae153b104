"""Reads components: what each takes and gives, and what it runs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from msgspec import Struct

from trackside_server import json_text

from .fields import Fields, Message
from .mistakes import mistake
from .model import (
    ArtifactType,
    InputArtifact,
    InputParameter,
    OutputArtifact,
    OutputParameter,
    ParameterKind,
)
from .names import check_name
from .values import plain, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMPONENT: Final = Fields(
    "input_definitions",
    "output_definitions",
    "dag",
    "executor_label",
    "single_platform_specs",
    "task_config_passthroughs",
)
_DEFINITIONS: Final = Fields("artifacts", "parameters")
_INPUT_PARAMETER: Final = Fields(
    "type",
    "parameter_type",
    "is_optional",
    "description",
    "literals",
    values=("default_value",),
)
_OUTPUT_PARAMETER: Final = Fields("type", "parameter_type", "description")
_INPUT_ARTIFACT: Final = Fields("artifact_type", "is_artifact_list", "is_optional", "description")
_OUTPUT_ARTIFACT: Final = Fields(
    "artifact_type",
    "properties",
    "custom_properties",
    "metadata",
    "is_artifact_list",
    "description",
)
_ARTIFACT_TYPE: Final = Fields("schema_title", "schema_uri", "instance_schema", "schema_version")
_RUNTIME_VALUE: Final = Fields("constant_value", "runtime_parameter", values=("constant",))
_OLD_VALUE: Final = Fields("int_value", "double_value", "string_value")

# In the order of their numbers in the protocol.
_KINDS: Final = ("PARAMETER_TYPE_ENUM_UNSPECIFIED", *get_args(ParameterKind))
_OLD_KINDS: Final = ("PRIMITIVE_TYPE_UNSPECIFIED", "INT", "DOUBLE", "STRING")
_OLD_AS_NEW: Final = {"INT": "NUMBER_INTEGER", "DOUBLE": "NUMBER_DOUBLE", "STRING": "STRING"}


class Interface(Struct, frozen=True):
    """A component without its graph: that can only be read once all interfaces are known.

    Parameters
    ----------
    name
        Its key.
    input_parameters, input_artifacts, output_parameters, output_artifacts
        What it takes and gives.
    dag
        Its graph, as it is in the document.
    executor
        The label of its executor.
    message
        Where it is in the document.
    """

    name: str
    input_parameters: Mapping[str, InputParameter]
    input_artifacts: Mapping[str, InputArtifact]
    output_parameters: Mapping[str, OutputParameter]
    output_artifacts: Mapping[str, OutputArtifact]
    executor: str
    message: Message


def read_interface(name: str, value: Any, place: str) -> Interface:
    """Read what a component takes, gives and runs."""
    message = Message(value, place, _COMPONENT)
    if message.only("dag", "executor_label") is None:
        raise mistake("MISSING", place, "The component has neither a dag nor an executorLabel.")
    inputs = message.child("input_definitions", _DEFINITIONS)
    outputs = message.child("output_definitions", _DEFINITIONS)
    return Interface(
        name=name,
        input_parameters={
            check_name(key, at): _input_parameter(item, at)
            for key, (item, at) in inputs.mapping("parameters").items()
        },
        input_artifacts={
            check_name(key, at): _input_artifact(item, at)
            for key, (item, at) in inputs.mapping("artifacts").items()
        },
        output_parameters={
            check_name(key, at): _output_parameter(item, at)
            for key, (item, at) in outputs.mapping("parameters").items()
        },
        output_artifacts={
            check_name(key, at): _output_artifact(item, at)
            for key, (item, at) in outputs.mapping("artifacts").items()
        },
        executor=message.text("executor_label"),
        message=message,
    )


def read_artifact_type(message: Message, name: str) -> ArtifactType:
    """Read the type of an artifact; what names none is an artifact of no special kind."""
    found = message.child(name, _ARTIFACT_TYPE)
    found.only("schema_title", "schema_uri", "instance_schema")
    return ArtifactType(
        title=found.text("schema_title") or "system.Artifact", version=found.text("schema_version")
    )


def read_runtime_value(value: Any, place: str) -> tuple[Any, str]:
    """Read a constant, or the name of the parameter that holds the value.

    Returns
    -------
    tuple
        The constant, and the name; the name is empty where the constant counts.
    """
    message = Message(value, place, _RUNTIME_VALUE)
    which = message.only("constant_value", "runtime_parameter", "constant")
    if which == "runtime_parameter":
        return None, message.text(which)
    if which == "constant_value":
        old = message.child(which, _OLD_VALUE)
        kind = old.only("int_value", "double_value", "string_value")
        if kind == "int_value":
            return old.integer(kind), ""
        return (old.found.get(kind) if kind else None), ""
    if which is None:
        raise mistake("MISSING", place, "Neither a constant nor a parameter is named.")
    return message.value("constant"), ""


def read_metadata(message: Message) -> dict[str, Any]:
    """Read the metadata of an artifact, with what older SDKs call its properties."""
    found: dict[str, Any] = {}
    for name in ("properties", "custom_properties"):
        for key, (item, place) in message.mapping(name).items():
            constant, parameter = read_runtime_value(item, place)
            found[key] = f"{{{{$.inputs.parameters['{parameter}']}}}}" if parameter else constant
    found.update(message.struct("metadata"))
    try:
        return {key: plain(value) for key, value in found.items()}
    except ValueError as error:
        raise mistake("WRONG_KIND", message.at("metadata"), f"{_capital(str(error))}.") from None


def _input_parameter(value: Any, place: str) -> InputParameter:
    message = Message(value, place, _INPUT_PARAMETER)
    kind = _kind(message)
    default = message.value("default_value")
    literals = message.array("literals")
    return InputParameter(
        kind=kind,
        optional=message.boolean("is_optional"),
        has_default=default is not None,
        default=None if default is None else _default(default, kind, message.at("default_value")),
        description=message.text("description"),
        literals=tuple(
            _fitting(item, kind, f"{message.at('literals')}[{index}]")
            for index, item in enumerate(literals)
        ),
    )


def _default(value: Any, kind: ParameterKind, place: str) -> Any:
    """Read a default; of components that were YAML once older SDKs wrote all of them as texts."""
    if isinstance(value, str) and kind != "STRING":
        with contextlib.suppress(ValueError):
            return typed(json_text.loads(value), kind)
    return _fitting(value, kind, place)


def _fitting(value: Any, kind: ParameterKind, place: str) -> Any:
    try:
        return typed(value, kind)
    except ValueError as error:
        raise mistake("TYPE_MISMATCH", place, f"{_capital(str(error))}.") from None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _output_parameter(value: Any, place: str) -> OutputParameter:
    message = Message(value, place, _OUTPUT_PARAMETER)
    return OutputParameter(kind=_kind(message), description=message.text("description"))


def _kind(message: Message) -> ParameterKind:
    kind = message.one_of("parameter_type", _KINDS)
    if kind == _KINDS[0]:
        old = message.one_of("type", _OLD_KINDS)
        if old == _OLD_KINDS[0]:
            raise mistake("MISSING", message.place, "The parameter has no parameterType.")
        kind = _OLD_AS_NEW[old]
    return cast("ParameterKind", kind)


def _input_artifact(value: Any, place: str) -> InputArtifact:
    message = Message(value, place, _INPUT_ARTIFACT)
    return InputArtifact(
        type=read_artifact_type(message, "artifact_type"),
        is_list=message.boolean("is_artifact_list"),
        optional=message.boolean("is_optional"),
        description=message.text("description"),
    )


def _output_artifact(value: Any, place: str) -> OutputArtifact:
    message = Message(value, place, _OUTPUT_ARTIFACT)
    return OutputArtifact(
        type=read_artifact_type(message, "artifact_type"),
        is_list=message.boolean("is_artifact_list"),
        metadata=read_metadata(message),
        description=message.text("description"),
    )
