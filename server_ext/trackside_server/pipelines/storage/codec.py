"""JSON as it lies in the tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from trackside_server.pipelines.machine.codec import values_from_json, values_to_json
from trackside_server.pipelines.machine.state import Reason

if TYPE_CHECKING:
    from trackside_server.pipelines.machine.state import Values


def dump(value: Any) -> str:
    """Write JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> Any:
    """Read JSON that we wrote: fast, and where it holds NaN, as Python does."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


def dump_values(values: Values) -> str:
    """Write inputs or outputs."""
    return dump(values_to_json(values))


def load_values(text: str) -> Values:
    """Read inputs or outputs."""
    return values_from_json(load(text))


def reason(code: str | None, message: str | None) -> Reason | None:
    """Read why something is where it is."""
    return None if code is None else Reason(code, message or "")
