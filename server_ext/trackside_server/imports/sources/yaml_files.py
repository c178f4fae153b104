"""The small YAML files of MLflow's file store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .base import Unreadable
from .local import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def mapping(path: Path) -> dict[str, Any]:
    """Read a file that holds a mapping.

    Raises
    ------
    Unreadable
        It is missing, or holds something else.
    """
    import yaml  # only an import needs the parser

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # One of PyYAML's two safe loaders.
        found = yaml.load(read_text(path), Loader=loader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path} is damaged: it is not valid YAML.") from error
    if not isinstance(found, dict):
        raise Unreadable(f"{path} is damaged: it is empty or no mapping.")
    return found


def text(meta: Mapping[str, Any], key: str) -> str:
    """Give a text, empty when it is missing."""
    value = meta.get(key)
    return "" if value is None else str(value)


def text_or_none(meta: Mapping[str, Any], key: str) -> str | None:
    """Give a text, None when it is missing."""
    value = meta.get(key)
    return None if value is None else str(value)


def number(meta: Mapping[str, Any], key: str) -> int:
    """Give a whole number, 0 when it is missing.

    Raises
    ------
    Unreadable
        It is something else.
    """
    value = meta.get(key)
    try:
        return int(value or 0)
    except (TypeError, ValueError) as error:
        raise Unreadable(f"{key} has to be a number, not {str(value)[:50]!r}.") from error
