"""Reads what KFP's clients ask of a list: a filter, an order and a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import unquote_plus

from msgspec import Struct

from trackside_server import json_text
from trackside_server.errors import InvalidInput
from trackside_server.pipelines.storage.listing import MAX_PAGE, Condition, Operation, Query
from trackside_server.pipelines.times import seconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# With their numbers in the protocol, which has no 4.
_NUMBERED: Final[Mapping[int, tuple[str, Operation]]] = {
    1: ("EQUALS", "="),
    2: ("NOT_EQUALS", "!="),
    3: ("GREATER_THAN", ">"),
    5: ("GREATER_THAN_EQUALS", ">="),
    6: ("LESS_THAN", "<"),
    7: ("LESS_THAN_EQUALS", "<="),
    8: ("IN", "in"),
    9: ("IS_SUBSTRING", "contains"),
}
_OPERATIONS: Final[Mapping[Any, Operation]] = {
    key: operation
    for number, (name, operation) in _NUMBERED.items()
    for key in (number, str(number), name)
}
_NAMES: Final = ", ".join(name for name, _ in _NUMBERED.values())
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,30}\Z")
_KINDS: Final = ("int", "long", "string", "timestamp")

DEFAULT_SIZE: Final = 20
_MOST_PREDICATES: Final = 50
_MOST_FILTER: Final = 64 * 1024


class Field(Struct, frozen=True):
    """A field of a list, as it is called on the wire.

    Parameters
    ----------
    name
        The field that the storage knows.
    kind
        What it holds.
    words
        What is stored for a word of the protocol, where that is another one.
    """

    name: str
    kind: Literal["text", "time"] = "text"
    words: Mapping[str, Any] | None = None


Fields = dict[str, Field]


def read_question(
    fields: Fields, *, filter_text: str = "", sort_by: str = "", size: int = 0, token: str = ""
) -> Query:
    """Read what stands in a query.

    Parameters
    ----------
    fields
        Those of the list, by their names on the wire. With one named ``tags``, fields such as
        ``tags.team`` are known too.
    filter_text, sort_by, size, token
        As they were sent.

    Raises
    ------
    InvalidInput
        They cannot be understood, or name what the list does not have.
    """
    order, descending = _order(sort_by)
    if size < 0:
        raise InvalidInput(f"page_size has to be at least 0, not {size}.")
    return Query(
        conditions=read_filter(fields, filter_text),
        order=_known(fields, order).name,
        descending=descending,
        # A longer page is cut and not refused, as KFP does.
        limit=min(size, MAX_PAGE) or DEFAULT_SIZE,
        token=token,
    )


def read_filter(fields: Fields, text: str) -> tuple[Condition, ...]:
    """Read a filter: the JSON of KFP's message, perhaps encoded once more for an address.

    Raises
    ------
    InvalidInput
        It is none, or asks for what the list does not have.
    """
    if not text.strip():
        return ()
    if len(text) > _MOST_FILTER:
        raise InvalidInput(f"The filter is longer than {_MOST_FILTER:,} characters.")
    if not text.lstrip().startswith("{"):
        text = unquote_plus(text)
    try:
        content = json_text.loads(text)
    except ValueError as error:
        raise InvalidInput(f"The filter is not valid JSON: {error}.") from None
    predicates = content.get("predicates", []) if isinstance(content, dict) else None
    if not isinstance(predicates, list) or len(predicates) > _MOST_PREDICATES:
        raise InvalidInput(
            f"The filter has to be an object with a list of at most {_MOST_PREDICATES} predicates.",
            hint='Such as {"predicates":[{"operation":"EQUALS","key":"display_name",'
            '"string_value":"train"}]}.',
        )
    return tuple(_condition(fields, one, f"predicates[{n}]") for n, one in enumerate(predicates))


def _condition(fields: Fields, content: Any, place: str) -> Condition:
    if not isinstance(content, dict) or not isinstance(content.get("key"), str):
        raise InvalidInput(f"{place} of the filter has to be an object with a key.")
    asked = content.get("operation")
    operation = _OPERATIONS.get(asked) if isinstance(asked, str | int) else None
    if operation is None:
        raise InvalidInput(
            f"{place}.operation of the filter is {str(asked)[:40]!r}; it has to be one of {_NAMES}."
        )
    field = _known(fields, content["key"])
    values = tuple(_stored(field, value, place) for value in _values(content, place))
    if operation == "in":
        return Condition(field.name, operation, values)
    if len(values) != 1:
        raise InvalidInput(f"{place} of the filter needs one value.")
    if operation == "contains" and not isinstance(values[0], str):
        raise InvalidInput(f"{place} of the filter looks for a part of what is no text.")
    return Condition(field.name, operation, values[0])


def _known(fields: Fields, name: str) -> Field:
    if name in fields:
        return fields[name]
    if name.startswith("tags.") and "tags" in fields:
        return Field(name)
    raise InvalidInput(
        f"This list has no field {name[:60]!r}.", hint=f"Its fields are {', '.join(fields)}."
    )


def _values(content: Mapping[str, Any], place: str) -> tuple[str | int, ...]:
    for kind in _KINDS:
        for one in (f"{kind}_value", f"{kind}Value"):
            if one in content:
                return (_value(content[one], kind, f"{place}.{one}"),)
            many = content.get(f"{one}s")
            if many is not None:
                listed = many.get("values") if isinstance(many, dict) else None
                if not isinstance(listed, list):
                    raise InvalidInput(f"{place}.{one}s of the filter has to hold values.")
                return tuple(_value(value, kind, f"{place}.{one}s") for value in listed)
    raise InvalidInput(
        f"{place} of the filter has no value.",
        hint="Give string_value, int_value, long_value or timestamp_value.",
    )


def _value(value: Any, kind: str, place: str) -> str | int:
    if kind in ("string", "timestamp"):
        if isinstance(value, str):
            return value
    # Numbers of 64 bits travel as texts.
    elif isinstance(value, str | int) and _WHOLE.match(str(value)):
        number = int(value)
        if -(2**63) <= number < 2**63:
            return number
    raise InvalidInput(f"{place} of the filter holds no {kind}: {str(value)[:40]!r}.")


def _stored(field: Field, value: str | int, place: str) -> Any:
    if field.kind == "time":
        # Other clients send seconds.
        return value if isinstance(value, int) else seconds_of(value, f"{place} of the filter")
    if field.words is not None:
        if value not in field.words:
            raise InvalidInput(
                f"{place} of the filter holds {str(value)[:40]!r}; known are "
                f"{', '.join(map(str, field.words))}."
            )
        return field.words[str(value)]
    return str(value)


def _order(text: str) -> tuple[str, bool]:
    words = text.split()
    if not words:
        return "created_at", False
    direction = words[1].lower() if len(words) == 2 else "asc"
    if len(words) > 2 or direction not in ("asc", "desc"):
        raise InvalidInput(
            f"sort_by is {text[:60]!r}; it has to be a field, and asc or desc behind it.",
            hint='Such as "created_at desc".',
        )
    return words[0], direction == "desc"
