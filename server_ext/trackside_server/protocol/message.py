"""Reads requests in the JSON mapping of protocol buffers.

A field may come in snake_case or camelCase (not both), null means absent, unknown fields are
ignored, 64-bit integers are numbers or strings of digits, enums are names or numbers. What has the
wrong type is the caller's mistake: each reader raises a 400 that names the field.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

import msgspec

from trackside_server.errors import InvalidInput
from trackside_server.json_text import loads
from trackside_server.tracking.entities import Metric
from trackside_server.tracking.validation import LARGEST_INT64, SMALLEST_INT64

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SPECIAL_DOUBLES: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    """A batch in the shape that clients send, which a decoder of its own reads ten times faster."""

    run_id: str = ""
    run_uuid: str = ""
    metrics: list[Metric] = []
    params: list[Any] = []
    tags: list[Any] = []


_batch: Final = msgspec.json.Decoder(_Batch)
# Below that there is nothing to gain.
_LONG: Final = 1000


class Message:
    """The fields of one request, or of one object inside it.

    Parameters
    ----------
    fields
        The fields as they came.
    where
        Path of this object in the request, for messages.
    """

    __slots__ = ("_fields", "_where")

    def __init__(self, fields: Mapping[str, Any], where: str = "") -> None:
        self._fields = fields
        self._where = where

    def value(self, name: str) -> Any:
        """Give a field as it came, None when absent."""
        found = self._fields.get(name)
        camel = _camel(name)
        if camel != name and camel in self._fields:
            if name in self._fields:
                msg = f"{self._path(name)} is given twice, as {name} and {camel}; give one."
                raise InvalidInput(msg)
            found = self._fields[camel]
        return found

    def text(self, name: str, default: str = "") -> str:
        """Give a string field; absent means the default."""
        found = self.value(name)
        if found is None:
            return default
        if not isinstance(found, str):
            raise self._wrong(name, found, "a string")
        return found

    def optional_text(self, name: str) -> str | None:
        """Give a string field, None when absent."""
        return None if self.value(name) is None else self.text(name)

    def required_text(self, name: str) -> str:
        """Give a string field that must be there and not be empty."""
        return self.text(name) or self._missing(name)

    def run_id(self) -> str:
        """Give the run id, under its name of today or its old one."""
        return self.text("run_id") or self.text("run_uuid") or self._missing("run_id")

    def integer(self, name: str) -> int | None:
        """Give an integer field, None when absent."""
        found = self.value(name)
        return None if found is None else _integer(self._path(name), found)

    def double(self, name: str) -> float | None:
        """Give a number field, None when absent."""
        found = self.value(name)
        return None if found is None else _double(self._path(name), found)

    def flag(self, name: str, *, default: bool) -> bool:
        """Give a boolean field."""
        found = self.value(name)
        if found is None:
            return default
        if isinstance(found, str) and found.lower() in ("true", "false"):
            return found.lower() == "true"
        if not isinstance(found, bool):
            raise self._wrong(name, found, "true or false")
        return found

    def choice(self, name: str, names: Sequence[str], first: int) -> str | None:
        """Give an enum field by its name.

        Parameters
        ----------
        name
            The field.
        names
            The names of the enum in the order of their numbers.
        first
            The number of the first name.

        Returns
        -------
        str or None
            None when absent or unknown: unknown enum names are ignored, as by MLflow.
        """
        found = self.value(name)
        if isinstance(found, str) and re.fullmatch("[0-9]{1,9}", found):
            found = int(found)
        if isinstance(found, int) and not isinstance(found, bool):
            index = found - first
            return names[index] if 0 <= index < len(names) else None
        if found is not None and not isinstance(found, str):
            raise self._wrong(name, found, f"one of {', '.join(names)}")
        return found if found in names else None

    def texts(self, name: str) -> list[str]:
        """Give a list of strings."""
        found = self._list(name)
        for item in found:
            if not isinstance(item, str):
                raise self._wrong(name, item, "a list of strings")
        return found

    def anything(self, name: str) -> list[Any]:
        """Give a list whose items are not looked at."""
        return self._list(name)

    def messages(self, name: str) -> list[Message]:
        """Give a list of objects."""
        found = self._list(name)
        path = self._path(name)
        for item in found:
            if not isinstance(item, Mapping):
                raise self._wrong(name, item, "a list of objects")
        return [Message(item, f"{path}[{index}]") for index, item in enumerate(found)]

    def required_message(self, name: str) -> Message:
        """Give an object that must be there."""
        found = self.value(name)
        if found is None:
            self._missing(name)
        if not isinstance(found, Mapping):
            raise self._wrong(name, found, "an object")
        return Message(found, self._path(name))

    def pairs(self, name: str) -> dict[str, str]:
        """Give an object whose fields are named by the caller and hold strings."""
        found = self.value(name)
        if found is None:
            return {}
        if not isinstance(found, Mapping):
            raise self._wrong(name, found, "an object of strings")
        for value in found.values():
            if not isinstance(value, str):
                raise self._wrong(name, value, "an object of strings")
        return dict(found)

    def require(self, name: str) -> None:
        """Refuse a message that lacks a field, or has it empty."""
        if not self.value(name):
            self._missing(name)

    def metrics(self, name: str) -> list[Metric]:
        """Give a list of points."""
        found = self._list(name)
        if found and type(found[0]) is Metric:
            return found
        return [self._point(name, index, item) for index, item in enumerate(found)]

    def point(self) -> Metric:
        """Read this message as one point of a metric."""
        key = self.required_text("key")
        value = self.double("value")
        timestamp = self.integer("timestamp")
        if value is None or timestamp is None:
            raise self._lacks("value" if value is None else "timestamp")
        return Metric(
            key,
            value,
            timestamp,
            self.integer("step") or 0,
            self.text("model_id") or None,
            self.text("dataset_name") or None,
            self.text("dataset_digest") or None,
        )

    def _point(self, name: str, index: int, item: object) -> Metric:
        if not isinstance(item, Mapping):
            raise self._wrong(name, item, "a list of objects")
        return Message(item, f"{self._path(name)}[{index}]").point()

    def _list(self, name: str) -> list[Any]:
        found = self.value(name)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self._wrong(name, found, "a list")
        return found

    def _path(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def _missing(self, name: str) -> NoReturn:
        raise self._lacks(name)

    def _lacks(self, name: str) -> InvalidInput:
        return InvalidInput(f"Missing value for required parameter '{self._path(name)}'.")

    def _wrong(self, name: str, found: object, expected: str) -> InvalidInput:
        return _wrong(self._path(name), found, expected)


def from_body(body: bytes) -> Message:
    """Read a JSON body; a JSON string that holds JSON is read twice, as old clients send it."""
    if len(body) > _LONG:
        # Whatever else it is, it is for the reader that knows every shape and names what is wrong.
        with suppress(msgspec.MsgspecError, UnicodeError):
            batch = _batch.decode(body)
            return Message(
                {name: part for name in _Batch.__struct_fields__ if (part := getattr(batch, name))}
            )
    try:
        found = loads(body) if body else {}
        if isinstance(found, str):
            found = loads(found)
    except ValueError as error:
        msg = f"The body of this request is not valid JSON: {error}."
        raise InvalidInput(msg) from None
    if not isinstance(found, dict):
        msg = "The body of this request must be a JSON object."
        raise InvalidInput(msg)
    return Message(found)


def from_query(arguments: Mapping[str, Sequence[bytes]], lists: Iterable[str]) -> Message:
    """Read a query string; the fields named in `lists` may repeat."""
    repeated = {spelling for name in lists for spelling in (name, _camel(name))}
    fields: dict[str, Any] = {}
    for name, raw in arguments.items():
        try:
            values = [value.decode() for value in raw]
        except UnicodeDecodeError:
            msg = f"The query parameter {name} is not UTF-8 text."
            raise InvalidInput(msg) from None
        fields[name] = values if name in repeated else values[-1]
    return Message(fields)


@lru_cache(maxsize=256)
def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _integer(path: str, found: object) -> int:
    number: int | None = None
    if isinstance(found, bool):
        pass
    elif isinstance(found, int):
        number = found
    elif isinstance(found, float) and math.isfinite(found):
        number = int(found)
    elif isinstance(found, str) and len(found) <= 20 and found.isascii():
        try:
            number = int(found)
        except ValueError:
            number = None
    if number is None or not SMALLEST_INT64 <= number <= LARGEST_INT64:
        raise _wrong(path, found, "a 64-bit integer")
    return number


def _double(path: str, found: object) -> float:
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        try:
            return float(found)
        except OverflowError:
            return math.inf if found > 0 else -math.inf
    if isinstance(found, str):
        if found in _SPECIAL_DOUBLES:
            return _SPECIAL_DOUBLES[found]
        try:
            return float(found)
        except ValueError:
            pass
    raise _wrong(path, found, "a number")


def _wrong(path: str, found: object, expected: str) -> InvalidInput:
    shown = json.dumps(found, default=str)
    if len(shown) > 80:
        shown = f"{shown[:80]}…"
    return InvalidInput(f"Invalid value {shown} for parameter '{path}' supplied: give {expected}.")
