"""Reads the tasks of a graph: where their inputs come from, and when and how often they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server import json_text

from .components import read_runtime_value
from .fields import Fields, Message
from .mistakes import known, mistake, shown
from .model import (
    ArtifactLoop,
    ComponentInput,
    Constant,
    FinalStatus,
    ParameterBinding,
    ParameterLoop,
    Retry,
    Task,
    TaskOutput,
)
from .names import check_name
from .values import converted, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .components import Interface
    from .model import InputParameter

_TASK: Final = Fields(
    "task_info",
    "inputs",
    "dependent_tasks",
    "caching_options",
    "component_ref",
    "trigger_policy",
    "artifact_iterator",
    "parameter_iterator",
    "retry_policy",
    "iterator_policy",
)
_NAMED: Final = Fields("name")
_INPUTS: Final = Fields("parameters", "artifacts")
_PARAMETER: Final = Fields(
    "task_output_parameter",
    "runtime_value",
    "component_input_parameter",
    "task_final_status",
    "parameter_expression_selector",
)
_ARTIFACT: Final = Fields("task_output_artifact", "component_input_artifact")
_OUTPUT_PARAMETER: Final = Fields("producer_task", "output_parameter_key")
_OUTPUT_ARTIFACT: Final = Fields("producer_task", "output_artifact_key")
_STATUS: Final = Fields("producer_task")
_CACHING: Final = Fields("enable_cache", "cache_key")
_TRIGGER: Final = Fields("condition", "strategy")
_STRATEGIES: Final = (
    "TRIGGER_STRATEGY_UNSPECIFIED",
    "ALL_UPSTREAM_TASKS_SUCCEEDED",
    "ALL_UPSTREAM_TASKS_COMPLETED",
)
_ITERATOR: Final = Fields("items", "item_input")
_PARAMETER_ITEMS: Final = Fields("raw", "input_parameter")
_ARTIFACT_ITEMS: Final = Fields("input_artifact")
_PARALLELISM: Final = Fields("parallelism_limit")
_RETRY: Final = Fields(
    "max_retry_count", "backoff_duration", "backoff_factor", "backoff_max_duration"
)


def read_task(name: str, value: Any, place: str, interfaces: Mapping[str, Interface]) -> Task:
    """Read one task; its constants are typed as the component that it names has them."""
    check_name(name, place)
    message = Message(value, place, _TASK)
    reference = message.child("component_ref", _NAMED)
    component = reference.text("name")
    interface = interfaces.get(component)
    if interface is None:
        if not component:
            raise mistake("MISSING", message.at("component_ref"), "The task names no component.")
        raise mistake(
            "UNKNOWN_COMPONENT",
            reference.at("name"),
            f"There is no component {shown(component)}.",
            known(component, interfaces),
        )
    inputs = message.child("inputs", _INPUTS)
    trigger = message.child("trigger_policy", _TRIGGER)
    caching = message.child("caching_options", _CACHING)
    return Task(
        name=name,
        display_name=message.child("task_info", _NAMED).text("name") or name,
        component=component,
        parameters={
            check_name(key, at): read_binding(item, at, interface.input_parameters.get(key))
            for key, (item, at) in inputs.mapping("parameters").items()
        },
        artifacts={
            check_name(key, at): _artifact(item, at)
            for key, (item, at) in inputs.mapping("artifacts").items()
        },
        after=message.texts("dependent_tasks"),
        condition=trigger.text("condition"),
        even_after_failure=trigger.one_of("strategy", _STRATEGIES) == _STRATEGIES[2],
        loop=_loop(message, interface),
        parallelism=message.child("iterator_policy", _PARALLELISM).count("parallelism_limit"),
        retry=_retry(message.child("retry_policy", _RETRY)),
        cached=caching.boolean("enable_cache"),
        cache_key=caching.text("cache_key"),
    )


def read_binding(value: Any, place: str, wanted: InputParameter | None = None) -> ParameterBinding:
    """Read where a value comes from; a constant is typed as the input that it is for."""
    message = Message(value, place, _PARAMETER)
    selector = message.text("parameter_expression_selector")
    which = message.only(
        "task_output_parameter", "runtime_value", "component_input_parameter", "task_final_status"
    )
    if which == "task_output_parameter":
        output = message.child(which, _OUTPUT_PARAMETER)
        source = TaskOutput(output.text("producer_task"), output.text("output_parameter_key"))
        return ParameterBinding(source, selector)
    if which == "component_input_parameter":
        return ParameterBinding(ComponentInput(message.text(which)), selector)
    if which == "task_final_status":
        status = message.child(which, _STATUS)
        return ParameterBinding(FinalStatus(status.text("producer_task")), selector)
    if which is None:
        raise mistake("MISSING", place, "It is not said where the value comes from.")
    at = message.at(which)
    constant, parameter = read_runtime_value(message.found[which], at)
    if parameter:
        return ParameterBinding(ComponentInput(parameter), selector)
    # What a selector makes of it is known only when it is evaluated.
    fitting = None if selector else wanted
    constant = _fitted(constant, fitting, at, "The constant does not fit the component's input")
    return ParameterBinding(Constant(constant), selector)


def _artifact(value: Any, place: str) -> ComponentInput | TaskOutput:
    message = Message(value, place, _ARTIFACT)
    which = message.only("task_output_artifact", "component_input_artifact")
    if which == "task_output_artifact":
        output = message.child(which, _OUTPUT_ARTIFACT)
        return TaskOutput(output.text("producer_task"), output.text("output_artifact_key"))
    if which is None:
        raise mistake("MISSING", place, "It is not said where the artifact comes from.")
    return ComponentInput(message.text(which))


def _loop(task: Message, interface: Interface) -> ParameterLoop | ArtifactLoop | None:
    which = task.only("artifact_iterator", "parameter_iterator")
    if which is None:
        return None
    message = task.child(which, _ITERATOR)
    item = message.text("item_input")
    if which == "artifact_iterator":
        items = message.child("items", _ARTIFACT_ITEMS)
        return ArtifactLoop(items.text("input_artifact"), item)
    items = message.child("items", _PARAMETER_ITEMS)
    source = items.only("raw", "input_parameter")
    if source is None:
        raise mistake("MISSING", message.at("items"), "It is not said what the task loops over.")
    if source == "input_parameter":
        return ParameterLoop(ComponentInput(items.text(source)), item)
    return ParameterLoop(Constant(_raw_items(items, item, interface)), item)


def _raw_items(message: Message, item: str, interface: Interface) -> list[Any]:
    place = message.at("raw")
    try:
        found = json_text.loads(message.text("raw"))
    except ValueError as error:
        raise mistake("NOT_A_LIST", place, f"The items are no JSON: {error}.") from None
    if not isinstance(found, list):
        raise mistake("NOT_A_LIST", place, "The items are no list.")
    wanted = interface.input_parameters.get(item)
    what = f"The item does not fit the component's input {shown(item)}"
    return [_fitted(value, wanted, f"{place}[{index}]", what) for index, value in enumerate(found)]


def _fitted(value: Any, wanted: InputParameter | None, place: str, what: str) -> Any:
    try:
        return plain(value) if wanted is None else converted(value, wanted.kind)
    except ValueError as error:
        raise mistake("TYPE_MISMATCH", place, f"{what}: {error}.") from None


def _retry(message: Message) -> Retry | None:
    count = message.count("max_retry_count")
    if not count:
        return None
    return Retry(
        count=count,
        first_wait=message.seconds("backoff_duration", 0.0),
        factor=message.number("backoff_factor") or 2.0,
        longest_wait=message.seconds("backoff_max_duration", 3600.0),
    )
