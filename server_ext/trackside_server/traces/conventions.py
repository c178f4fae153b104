"""Reads what others than MLflow write into spans: OpenTelemetry's GenAI names, OpenInference's.

MLflow's own names (``mlflow.…``) go before the others. What is found is what a view and a search
show of a span: its type, its input and output, the tokens that it used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPE: Final = "mlflow.spanType"
INPUTS: Final = "mlflow.spanInputs"
OUTPUTS: Final = "mlflow.spanOutputs"
USAGE: Final = "mlflow.chat.tokenUsage"
COST: Final = "mlflow.llm.cost"
SESSION: Final = ("session.id", "gen_ai.conversation.id")
USER: Final = "user.id"

_UNKNOWN: Final = "UNKNOWN"
_LARGEST: Final = 2**63
_TYPES: Final = {
    "gen_ai.operation.name": {
        "chat": "CHAT_MODEL",
        "create_agent": "AGENT",
        "embeddings": "EMBEDDING",
        "execute_tool": "TOOL",
        "generate_content": "LLM",
        "invoke_agent": "AGENT",
        "text_completion": "LLM",
    },
    "openinference.span.kind": {
        "agent": "AGENT",
        "chain": "CHAIN",
        "embedding": "EMBEDDING",
        "evaluator": "EVALUATOR",
        "guardrail": "GUARDRAIL",
        "llm": "LLM",
        "reranker": "RERANKER",
        "retriever": "RETRIEVER",
        "tool": "TOOL",
    },
    "traceloop.span.kind": {"agent": "AGENT", "task": "TASK", "tool": "TOOL", "workflow": "CHAIN"},
}
_INPUTS: Final = ("gen_ai.input.messages", "input.value", "traceloop.entity.input")
_OUTPUTS: Final = ("gen_ai.output.messages", "output.value", "traceloop.entity.output")
_TOKENS: Final = {
    "input_tokens": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.token_count.prompt",
    ),
    "output_tokens": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.token_count.completion",
    ),
    "total_tokens": (
        "gen_ai.usage.total_tokens",
        "llm.usage.total_tokens",
        "llm.token_count.total",
    ),
}


def translated(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Give the attributes of a span with MLflow's names for what others said."""
    found = dict(attributes)
    if found.get(TYPE) in (None, _UNKNOWN):
        span_type = _type(attributes)
        if span_type:
            found[TYPE] = span_type
    for name, others in ((INPUTS, _INPUTS), (OUTPUTS, _OUTPUTS)):
        value = next((attributes[other] for other in others if attributes.get(other)), None)
        if name not in found and value is not None:
            found[name] = _parsed(value)
    if USAGE not in found:
        usage = _usage(attributes)
        if usage:
            found[USAGE] = usage
    return found


def unwrapped(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Give attributes as they were meant: exporters write objects, lists and texts as JSON text."""
    return {name: _parsed(value, '{["') for name, value in attributes.items()}


def span_type(attributes: Mapping[str, Any]) -> str:
    """Give the type of a span."""
    value = attributes.get(TYPE)
    return value if isinstance(value, str) and value else _UNKNOWN


def numbers(value: Any) -> dict[str, float] | None:
    """Give a value of tokens or prices, None when it is no such object.

    What no total can be made of is left out: infinities, NaN, integers beyond 64 bits.
    """
    value = _parsed(value)
    if not isinstance(value, dict):
        return None
    found = {
        name: number
        for name, number in value.items()
        if isinstance(number, (int, float))
        and not isinstance(number, bool)
        and abs(number) < _LARGEST
    }
    return found or None


def _type(attributes: Mapping[str, Any]) -> str | None:
    for name, types in _TYPES.items():
        value = attributes.get(name)
        if isinstance(value, str) and value.lower() in types:
            return types[value.lower()]
    return None


def _usage(attributes: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, others in _TOKENS.items():
        for other in others:
            value = attributes.get(other)
            if isinstance(value, int) and not isinstance(value, bool):
                found[name] = value
                break
    if found and "total_tokens" not in found:
        found["total_tokens"] = found.get("input_tokens", 0) + found.get("output_tokens", 0)
    return found


def _parsed(value: Any, begins: str = "{[") -> Any:
    """Read a text that holds a JSON object or list, for attributes hold only plain values."""
    if isinstance(value, str) and value and value[0] in begins:
        try:
            return loads(value)
        except ValueError:
            return value
    return value
