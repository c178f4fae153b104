"""Reads messages of protocol buffers out of JSON, as protobuf's own JSON mapping has it.

A field may be written in ``camelCase`` or ``snake_case``; what has its default value may be absent
or null; whole numbers may be texts. A field that the schema does not know is refused, as KFP's
servers refuse it: to ignore it could change what the pipeline means.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

from .mistakes import known, mistake, shown, under
from .values import told

_DURATION: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?s\Z")
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}\Z")


class Fields:
    """What a message may hold.

    Parameters
    ----------
    *names
        Its fields, in ``snake_case``.
    values
        Those that hold any JSON value, of which null is one.
    strict
        Whether others are refused.
    """

    def __init__(self, *names: str, values: tuple[str, ...] = (), strict: bool = True) -> None:
        all_names = (*names, *values)
        self.values = frozenset(values)
        self.strict = strict
        self.camel = {name: _camel(name) for name in all_names}
        self.names = {**{name: name for name in all_names}, **_turned(self.camel)}


class Message:
    """One message, each of its fields read as what it has to be.

    Parameters
    ----------
    value
        What is in the document; None stands for a message without any field.
    place
        Where that is.
    fields
        What it may hold.

    Attributes
    ----------
    found
        Its fields as they are written, by their names in ``snake_case``.
    unknown
        The keys that were passed over.
    """

    __slots__ = ("_camel", "found", "place", "unknown")

    def __init__(self, value: Any, place: str, fields: Fields) -> None:
        self.place = place
        self.found: dict[str, Any] = {}
        self.unknown: list[str] = []
        self._camel = fields.camel
        for key, item in _mapping(value, place).items():
            name = fields.names.get(key)
            if name is None:
                if fields.strict:
                    raise _unknown(key, place, fields)
                self.unknown.append(key)
                continue
            if name in self.found:
                raise mistake("UNKNOWN_FIELD", place, f"The field {shown(key)} is there twice.")
            if item is not None or name in fields.values:
                self.found[name] = item

    def __contains__(self, name: str) -> bool:
        return name in self.found

    def at(self, name: str) -> str:
        """Return the place of a field."""
        return under(self.place, self._camel[name])

    def value(self, name: str) -> Any:
        """Return a field that holds any JSON value, None where it is absent."""
        return self.found.get(name)

    def child(self, name: str, fields: Fields) -> Message:
        """Return the message in a field, an empty one where it is absent."""
        return Message(self.found.get(name), self.at(name), fields)

    def mapping(self, name: str) -> dict[str, tuple[Any, str]]:
        """Return the values of a map by their keys, each with its place."""
        place = self.at(name)
        items = _mapping(self.found.get(name), place).items()
        return {key: (item, under(place, key)) for key, item in items}

    def struct(self, name: str) -> dict[str, Any]:
        """Return a JSON object as it is."""
        return _mapping(self.found.get(name), self.at(name))

    def array(self, name: str) -> list[Any]:
        """Return a list as it is."""
        found = self.found.get(name, [])
        if not isinstance(found, list):
            raise _wrong("a list", found, self.at(name))
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found = self.array(name)
        for index, item in enumerate(found):
            if not isinstance(item, str):
                raise _wrong("a text", item, f"{self.at(name)}[{index}]")
        return tuple(found)

    def text(self, name: str) -> str:
        """Return a text."""
        found = self.found.get(name, "")
        if not isinstance(found, str):
            raise _wrong("a text", found, self.at(name))
        return found

    def boolean(self, name: str) -> bool:
        """Return whether it is true."""
        found = self.found.get(name, False)
        if not isinstance(found, bool):
            raise _wrong("true or false", found, self.at(name))
        return found

    def integer(self, name: str) -> int:
        """Return a whole number."""
        found = self.found.get(name, 0)
        if isinstance(found, str) and _WHOLE.match(found):
            return int(found)
        if isinstance(found, float) and found.is_integer():
            return int(found)
        if isinstance(found, bool) or not isinstance(found, int):
            raise _wrong("a whole number", found, self.at(name))
        return found

    def count(self, name: str) -> int:
        """Return a whole number that is not below zero."""
        found = self.integer(name)
        if not 0 <= found < 2**31:
            raise _wrong("a whole number from 0 on", found, self.at(name))
        return found

    def number(self, name: str) -> float:
        """Return a number that is not below zero."""
        found = self.found.get(name, 0.0)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise _wrong("a number", found, self.at(name))
        if not (0 <= found < 2**63) or math.isnan(found):
            raise _wrong("a number from 0 on", found, self.at(name))
        return float(found)

    def seconds(self, name: str, default: float) -> float:
        """Return a duration, such as ``"3.5s"``, in seconds."""
        if name not in self.found:
            return default
        found = self.found[name]
        if not isinstance(found, str) or not _DURATION.match(found):
            raise _wrong('a duration in seconds, such as "60s"', found, self.at(name))
        return float(found[:-1])

    def one_of(self, name: str, words: tuple[str, ...]) -> str:
        """Return the word of an enumeration, which may be written as its number."""
        found = self.found.get(name, words[0])
        if isinstance(found, str) and found in words:
            return found
        if (
            isinstance(found, int | float)
            and not isinstance(found, bool)
            and found in range(len(words))
        ):
            return words[int(found)]
        raise _wrong(f"one of {', '.join(words[1:])}", found, self.at(name))

    def only(self, *names: str) -> str | None:
        """Return which of these fields is there: at most one may be."""
        there = [name for name in names if name in self.found]
        if len(there) > 1:
            words = " and ".join(self._camel[name] for name in there)
            raise mistake(
                "WRONG_KIND", self.place, f"Only one of {words} may be set.", "Keep one of them."
            )
        return there[0] if there else None


def _mapping(value: Any, place: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong("a mapping", value, place)
    return value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _turned(camel: dict[str, str]) -> dict[str, str]:
    return {value: key for key, value in camel.items()}


def _unknown(key: str, place: str, fields: Fields) -> Exception:
    return mistake(
        "UNKNOWN_FIELD",
        place,
        f"The field {shown(key)} is not known here.",
        f"{known(key, fields.camel.values())} If a newer KFP SDK wrote it, compile with an older "
        "one, or upgrade Trackside.",
    )


def _wrong(wanted: str, found: Any, place: str) -> Exception:
    plain = wanted == "a text" and not isinstance(found, dict | list)
    hint = "Put it in quotes." if plain else None
    return mistake("WRONG_KIND", place, f"It has to be {wanted}, not {told(found)}.", hint)
