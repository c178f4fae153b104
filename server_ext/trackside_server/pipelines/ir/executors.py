"""Reads what runs: containers and importers, and what they ask of their machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .components import read_artifact_type, read_metadata, read_runtime_value
from .fields import Fields, Message
from .mistakes import mistake, shown
from .model import ComponentInput, Constant, Container, Demand, Importer
from .names import check_name
from .values import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# KFP's servers ignore what they do not know here: the part is open for other platforms.
_DEPLOYMENT: Final = Fields("executors", strict=False)
_EXECUTOR: Final = Fields("container", "importer", "resolver", "custom_job", strict=False)
_CONTAINER: Final = Fields("image", "command", "args", "resources", "env", strict=False)
_VARIABLE: Final = Fields("name", "value", strict=False)
_RESOURCES: Final = Fields(
    "cpu_limit",
    "memory_limit",
    "cpu_request",
    "memory_request",
    "resource_cpu_limit",
    "resource_memory_limit",
    "resource_cpu_request",
    "resource_memory_request",
    "accelerator",
    strict=False,
)
_ACCELERATOR: Final = Fields("type", "count", "resource_type", "resource_count", strict=False)
_IMPORTER: Final = Fields(
    "artifact_uri",
    "type_schema",
    "properties",
    "custom_properties",
    "reimport",
    "metadata",
    "download_to_workspace",
    strict=False,
)


def read_executors(value: Any, place: str) -> Mapping[str, Container | Importer]:
    """Read the executors by their labels."""
    deployment = Message(value, place, _DEPLOYMENT)
    return {
        check_name(label, at): _executor(item, at)
        for label, (item, at) in deployment.mapping("executors").items()
    }


def _executor(value: Any, place: str) -> Container | Importer:
    message = Message(value, place, _EXECUTOR)
    which = message.only("container", "importer", "resolver", "custom_job")
    if which == "container":
        return _container(message.child(which, _CONTAINER))
    if which == "importer":
        return _importer(message.child(which, _IMPORTER))
    if which is None:
        raise mistake("MISSING", place, "The executor is neither a container nor an importer.")
    raise mistake(
        "NOT_SUPPORTED",
        message.at(which),
        "Only containers and importers are run, as on KFP's servers.",
        "Use a component of one of these kinds.",
    )


def _container(message: Message) -> Container:
    if not message.text("image"):
        raise mistake("MISSING", message.place, "The container has no image.")
    return Container(
        image=message.text("image"),
        command=_words(message, "command"),
        args=_words(message, "args"),
        env=dict(
            _variable(Message(item, f"{message.at('env')}[{index}]", _VARIABLE))
            for index, item in enumerate(message.array("env"))
        ),
        demand=_demand(message.child("resources", _RESOURCES)),
    )


def _words(message: Message, name: str) -> tuple[str, ...]:
    words = message.texts(name)
    if any("\0" in word for word in words):
        raise mistake("WRONG_KIND", message.at(name), "No program takes a word with a null byte.")
    return words


def _variable(message: Message) -> tuple[str, str]:
    name, value = message.text("name"), message.text("value")
    if not name or "=" in name or "\0" in name + value:
        raise mistake("BAD_NAME", message.place, f"{shown(name)} cannot be set in an environment.")
    return name, value


def _demand(message: Message) -> Demand:
    accelerator = message.child("accelerator", _ACCELERATOR)
    count = accelerator.count("count")
    return Demand(
        cpu_request=_amount(message, "cpu_request"),
        cpu_limit=_amount(message, "cpu_limit"),
        memory_request=_amount(message, "memory_request", "G"),
        memory_limit=_amount(message, "memory_limit", "G"),
        accelerator=accelerator.text("resource_type") or accelerator.text("type"),
        accelerators=accelerator.text("resource_count") or (str(count) if count else ""),
    )


def _amount(message: Message, name: str, unit: str = "") -> str:
    """Return what was asked for; older SDKs wrote a number, of gigabytes where it is memory."""
    if text := message.text(f"resource_{name}"):
        return text
    number = message.number(name)
    return f"{text_of(number)}{unit}" if number else ""


def _importer(message: Message) -> Importer:
    place = message.at("artifact_uri")
    constant, parameter = read_runtime_value(message.found.get("artifact_uri"), place)
    if not parameter and not isinstance(constant, str):
        raise mistake("WRONG_KIND", place, "The URI has to be a text.")
    return Importer(
        uri=ComponentInput(parameter) if parameter else Constant(constant),
        type=read_artifact_type(message, "type_schema"),
        metadata=read_metadata(message),
        again=message.boolean("reimport"),
    )
