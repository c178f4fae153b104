"""Conditions and selectors: parsed once, then evaluated over typed values."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from trackside_server.pipelines.expressions import condition, selector
from trackside_server.pipelines.expressions.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.model import Value

__all__ = ["ExpressionError", "holds", "select"]

_KEPT: Final = 2048

_parse_condition = lru_cache(_KEPT)(condition.parse)
_parse_selector = lru_cache(_KEPT)(selector.parse)


def holds(text: str, parameters: Mapping[str, Value]) -> bool:
    """Say whether a condition is true of these inputs."""
    return condition.evaluate(_parse_condition(text), parameters)


def select(text: str, value: Value) -> Value:
    """Take a part of a value."""
    return selector.evaluate(_parse_selector(text), value)
