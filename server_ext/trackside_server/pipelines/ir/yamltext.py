"""YAML to JSON values: fast, bounded, and as both the SDK and newer writers of YAML mean it.

PyYAML's constructors follow YAML 1.1, where a plain ``on`` is true, ``1:30`` is ninety and a date
is no text; writers of YAML 1.2 leave such texts without quotes. Only what all of them agree on is
read as something else than a text here: ``null``, ``true``, ``false``, whole numbers, and numbers
with a decimal point. A plain ``1e3`` is a text, as for the SDK, which writes the text so.

Values are made of the parser's events, so nothing is built before it is counted: what a document
repeats by aliases counts each time, and what lies too deep is refused as soon as it is met.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from .mistakes import mistake, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH: Final = 100
MAX_VALUES: Final = 300_000
MAX_TEXT: Final = 64 * 1024 * 1024
"""Characters of all texts together, those that aliases repeat counted each time."""

_CONSTANTS: Final[dict[str, Any]] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,300})\Z")
_NUMBER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+][0-9]+)?\Z|[-+]?[0-9]+\.\Z")
_NUMERIC: Final = frozenset("0123456789+-.")
_TAGS: Final = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:map": dict,
    "tag:yaml.org,2002:seq": list,
}


class _Builder:
    """Makes the values of one stream of events, and counts them."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Any, int, int, int]] = {}
        self._values = 0
        self._text = 0
        self._deepest = 0

    def documents(self) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors.clear()
                yield self._value(next(self._events), 1)

    def _value(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(event, depth)
        before = self._values, self._text, self._deepest
        self._deepest = depth
        self._count(1, 0, depth)
        if isinstance(event, yaml.ScalarEvent):
            self._count(0, len(event.value), depth)
            value = self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._only(event, dict)
            value = self._mapping(depth)
        else:
            self._only(event, list)
            value = self._sequence(depth)
        if event.anchor is not None:
            size = self._values - before[0], self._text - before[1], self._deepest - depth
            self._anchors[event.anchor] = (value, *size)
        self._deepest = max(self._deepest, before[2])
        return value

    def _repeated(self, event: Any, depth: int) -> Any:
        known = self._anchors.get(event.anchor)
        if known is None:
            raise _unreadable(event, f"the alias {shown(event.anchor)} stands for nothing")
        value, values, text, below = known
        self._count(values, text, depth + below)
        self._deepest = max(self._deepest, depth + below)
        return value

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _unreadable(event, "a key has to be a text")
            if event.value in found:
                raise _unreadable(event, f"the key {shown(event.value)} is there twice")
            self._count(0, len(event.value), depth)
            found[event.value] = self._value(next(self._events), depth + 1)
        return found

    def _sequence(self, depth: int) -> list[Any]:
        found = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, depth + 1))
        return found

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text: str = event.value
        if event.tag is not None:
            self._only(event, str)
            return text
        if not event.implicit[0]:
            return text
        if text[:1] not in _NUMERIC:
            return _CONSTANTS.get(text, text)
        return _number(text)

    def _only(self, event: Any, wanted: type) -> None:
        if event.tag is not None and event.tag != "!" and _TAGS.get(event.tag) is not wanted:
            raise _unreadable(event, f"the tag {shown(event.tag)} is not allowed")

    def _count(self, values: int, text: int, depth: int) -> None:
        self._values += values
        self._text += text
        if depth > MAX_DEPTH:
            raise mistake(
                "TOO_LARGE", "", f"The file's values lie more than {MAX_DEPTH} deep in each other."
            )
        if self._values > MAX_VALUES or self._text > MAX_TEXT:
            raise mistake(
                "TOO_LARGE",
                "",
                f"The file holds more than {MAX_VALUES:,} values, or {MAX_TEXT:,} characters.",
                "Aliases count as often as they are used. Pass large data as an artifact.",
            )


def load_all(text: str) -> list[Any]:
    """Read the documents of a YAML stream.

    Raises
    ------
    InvalidInput
        It is no YAML, too large, or uses what no compiled pipeline needs.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return list(_Builder(yaml.parse(text, Loader=loader)).documents())
    except yaml.MarkedYAMLError as error:
        raise _broken(error.problem_mark, error.problem or error.context or "") from None
    except yaml.reader.ReaderError as error:
        raise mistake(
            "NOT_READABLE", "", f"The file is not YAML: character {error.position} is not allowed."
        ) from None


def _number(text: str) -> Any:
    if _INTEGER.match(text):
        return int(text)
    if _NUMBER.match(text):
        return float(text)
    return text


def _unreadable(event: Any, why: str) -> Exception:
    return _broken(event.start_mark, why)


def _broken(mark: Any, why: str) -> Exception:
    where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
    return mistake("NOT_READABLE", "", f"The file is not valid YAML{where}: {why}.")
