"""The routes of assessments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.answers import dumps
from trackside_server.errors import InvalidInput
from trackside_server.json_text import loads
from trackside_server.traces import serialise, times, validation
from trackside_server.traces.entities import KINDS, SOURCE_TYPES, Assessment
from trackside_server.traces.reach import admit
from trackside_server.tracking.base import now_ms

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call, Reply
    from trackside_server.protocol.message import Message
    from trackside_server.traces.entities import Kind

_ERROR_FIELDS: Final = ("error_code", "error_message", "stack_trace")
_JSON_FORMAT: Final = "JSON_FORMAT"
_CHANGEABLE: Final = ("assessment_name", "expectation", "feedback", "rationale", "metadata")


async def create(call: Call) -> Reply:
    """Store an assessment of a trace."""
    item = read_assessment(call.message.required_message("assessment"), call.path["trace_id"])
    await admit(call.reach, call.traces, item.trace_id)
    return _reply(await call.traces.create_assessment(item))


async def get(call: Call) -> Reply:
    """Give an assessment."""
    trace_id = call.path["trace_id"]
    await admit(call.reach, call.traces, trace_id)
    return _reply(await call.traces.get_assessment(trace_id, call.path["assessment_id"]))


async def update(call: Call) -> Reply:
    """Change those fields of an assessment that ``update_mask`` names."""
    trace_id = call.path["trace_id"]
    message = call.message.required_message("assessment")
    mask = [_snake(name) for name in call.message.required_text("update_mask").split(",")]
    changes = _read_changes(message, [name for name in mask if name in _CHANGEABLE])

    def change(found: Assessment) -> dict[str, Any]:
        told = {kind for kind in ("feedback", "expectation") if kind in mask}
        if told - {found.kind}:
            raise InvalidInput(
                f"This assessment is of kind {found.kind}; it cannot get the value of another."
            )
        return changes

    await admit(call.reach, call.traces, trace_id)
    return _reply(await call.traces.update_assessment(trace_id, call.path["assessment_id"], change))


async def delete(call: Call) -> Reply:
    """Delete an assessment."""
    trace_id = call.path["trace_id"]
    await admit(call.reach, call.traces, trace_id)
    await call.traces.delete_assessment(trace_id, call.path["assessment_id"])
    return {}


def read_assessment(message: Message, trace_id: str) -> Assessment:
    """Read an assessment of a trace."""
    kinds = [kind for kind in KINDS if message.value(kind) is not None]
    # All is read before anything is refused, so that each field answers for itself.
    told = {kind: _read_value(message.required_message(kind), kind) for kind in kinds}
    source_type, source_id = _read_source(message)
    created = message.optional_text("create_time")
    updated = message.optional_text("last_update_time")
    now = now_ms()
    rationale = message.optional_text("rationale")
    fields: dict[str, Any] = {
        "assessment_id": message.text("assessment_id"),
        "span_id": message.text("span_id") or None,
        "overrides": message.text("overrides") or None,
        "metadata": message.pairs("metadata"),
        "valid": message.flag("valid", default=True),
        "created_at": times.read_time(created, "create_time") if created else now,
        "updated_at": times.read_time(updated, "last_update_time") if updated else now,
        "rationale": validation.assessment_text("rationale", rationale) if rationale else None,
        "name": validation.assessment_name(message.text("assessment_name")),
    }
    if len(kinds) != 1:
        raise InvalidInput("An assessment has either feedback, an expectation or an issue.")
    value, error = told[kinds[0]]
    return Assessment(
        trace_id=trace_id,
        kind=kinds[0],
        value=value,
        error=error,
        source_type=source_type,
        source_id=source_id,
        **fields,
    )


def _read_source(message: Message) -> tuple[str, str | None]:
    if message.value("source") is None:
        return SOURCE_TYPES[0], None
    source = message.required_message("source")
    found = source.choice("source_type", SOURCE_TYPES, first=0)
    return found or SOURCE_TYPES[0], source.optional_text("source_id")


def _read_value(message: Message, kind: Kind) -> tuple[Any, dict[str, str] | None]:
    if kind == "issue":
        return message.required_text("issue_name"), None
    if kind == "expectation" and message.value("serialized_value") is not None:
        return _read_serialized(message.required_message("serialized_value")), None
    value = _as_protobuf(message.value("value"))
    if len(dumps(value)) > validation.MAX_ASSESSMENT_TEXT:
        raise InvalidInput("The value of an assessment is too long.")
    if kind == "expectation" or message.value("error") is None:
        return value, None
    error = message.required_message("error")
    texts = {name: error.text(name) for name in _ERROR_FIELDS}
    return value, {name: text for name, text in texts.items() if text}


def _read_serialized(message: Message) -> Any:
    if message.text("serialization_format") != _JSON_FORMAT:
        raise InvalidInput(f"The serialization_format of an expectation is {_JSON_FORMAT}.")
    text = validation.assessment_text("value", message.required_text("value"))
    try:
        return loads(text)
    except ValueError as error:
        raise InvalidInput(
            f"The serialized_value of this expectation is not valid JSON: {error}."
        ) from None


def _read_changes(message: Message, mask: list[str]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name in mask:
        if name == "assessment_name":
            changes["name"] = validation.assessment_name(message.text(name))
        elif name == "rationale":
            changes[name] = validation.assessment_text(name, message.text(name)) or None
        elif name == "metadata":
            changes[name] = message.pairs(name)
        else:
            kind: Kind = "feedback" if name == "feedback" else "expectation"
            value, error = _read_value(message.required_message(name), kind)
            changes.update(value=value, error=error)
    return changes


def _as_protobuf(value: Any) -> Any:
    """Give a value as protocol buffers would have it, where each number is a double."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        try:
            return float(value)
        except OverflowError:
            raise InvalidInput("A number in the value of an assessment is too large.") from None
    if isinstance(value, list):
        return [_as_protobuf(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_protobuf(item) for key, item in value.items()}
    return value


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name.strip())


def _reply(item: Assessment) -> Reply:
    return {"assessment": serialise.assessment(item)}
