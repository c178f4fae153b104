"""Short texts of what went into a trace and came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.answers import dumps

if TYPE_CHECKING:
    from typing import TypeGuard

_LONGEST: Final = 1000
_CHATS: Final = ("messages", "input", "output")


def preview(value: Any, role: str) -> str:
    """Give a text for a list of traces.

    Parameters
    ----------
    value
        The input or output of the first span.
    role
        Whose last message stands for a whole chat.
    """
    text = _said(value, role) or dumps(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _said(value: Any, role: str) -> str | None:
    messages = _messages(value)
    if not messages:
        return None
    last = next((item for item in reversed(messages) if item.get("role") == role), messages[-1])
    content = last["content"]
    if isinstance(content, str):
        return content
    texts = [part["text"] for part in content if isinstance(part.get("text"), str)]
    return texts[-1] if texts else None


def _messages(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("request"), dict):
        return _messages(value["request"])
    for name in _CHATS:
        if isinstance(value.get(name), list):
            return [item for item in value[name] if _is_message(item)]
    choices = value.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return [item for item in (choices[0].get("message"),) if _is_message(item)]
    return []


def _is_message(item: Any) -> TypeGuard[dict[str, Any]]:
    if not isinstance(item, dict) or "role" not in item:
        return False
    content = item.get("content")
    return isinstance(content, str) or (
        isinstance(content, list) and all(isinstance(part, dict) for part in content)
    )
