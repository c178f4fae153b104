"""Reads a filter or an order into a small syntax tree.

The grammar is MLflow's: comparisons joined by ``AND``. Every error names the position and what is
allowed there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from .fields import DATASET_KEYS
from .lexer import Token, error, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .fields import Entity, Schema

MAX_COMPARISONS: Final = 100
MAX_PATTERN: Final = 10_000
LARGEST_INT64: Final = 2**63 - 1


@dataclass(frozen=True)
class Field:
    """A thing that can be compared or ordered by."""

    entity: Entity
    key: str


@dataclass(frozen=True)
class Comparison:
    """One comparison; the value is None for ``IS NULL`` and ``IS NOT NULL``."""

    field: Field
    operator: str
    value: float | str | tuple[str, ...] | None


@dataclass(frozen=True)
class And:
    """All of the terms hold; none means everything matches."""

    terms: Sequence[Comparison]


@dataclass(frozen=True)
class Order:
    """One level of an order."""

    field: Field
    ascending: bool


def parse_filter(text: str, schema: Schema) -> And:
    """Read a filter.

    Parameters
    ----------
    text
        The filter; blank matches everything.
    schema
        What may be named.

    Raises
    ------
    InvalidInput
        The text is no filter, or names what cannot be searched.
    """
    return _Parser(text, schema).filter()


def parse_order(text: str, schema: Schema) -> Order:
    """Read one order clause, like ``metrics.loss DESC``.

    Raises
    ------
    InvalidInput
        The text is no order, or names what results cannot be ordered by.
    """
    return _Parser(text, schema).order()


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str, schema: Schema) -> None:
        self._text = text
        self._schema = schema
        self._tokens = tokens(text)
        self._next = 0

    def filter(self) -> And:
        terms: list[Comparison] = []
        while self._peek().kind != "end":
            terms.append(self._comparison())
            if len(terms) > MAX_COMPARISONS:
                self._fail(self._peek(), f"a search joins at most {MAX_COMPARISONS} comparisons")
            token = self._peek()
            if token.kind == "end":
                break
            if token.kind != "keyword" or token.text != "AND":
                self._fail(token, "comparisons are joined by AND only")
            self._take()  # MLflow tolerates a trailing AND, and so does the loop
        return And(terms)

    def order(self) -> Order:
        start = self._peek()
        field = self._field()
        if field.entity != "attribute" and field.entity not in self._schema.orders:
            self._fail(start, f"{self._schema.what} cannot be ordered by {field.entity}s")
        token = self._take()
        ascending = True
        if token.kind == "name" and token.text.upper() in ("ASC", "DESC"):
            ascending = token.text.upper() == "ASC"
            token = self._take()
        if token.kind != "end":
            self._fail(token, "after the name of what to order by comes ASC, DESC or nothing")
        return Order(field, ascending)

    def _comparison(self) -> Comparison:
        token = self._peek()
        if token.text in ("(", "NOT", "OR"):
            self._fail(token, "a search is a list of comparisons joined by AND")
        field = self._field()
        start = self._peek()
        operator = self._operator()
        allowed = self._schema.allowed(field.entity, field.key)
        if operator not in allowed:
            self._fail(
                start, f"{_name(field)} is compared by {', '.join(allowed)}, not by {operator}"
            )
        if operator in ("IS NULL", "IS NOT NULL"):
            return Comparison(field, operator, None)
        if operator in ("IN", "NOT IN"):
            return Comparison(field, operator, self._list())
        return Comparison(field, operator, self._value(field, operator))

    def _field(self) -> Field:
        first = self._take()
        if first.kind == "quoted" and first.quote in '"`':
            return self._attribute(first, first.text)
        if first.kind != "name":
            self._fail(first, self._expected_field())
        prefix, dot, key = first.text.partition(".")
        if not dot:
            word = self._peek()
            if (
                word.kind == "name"
                and f"{prefix} {word.text}" in self._schema.attributes
                and prefix not in self._schema.attributes
            ):
                self._take()
                return self._attribute(first, f"{prefix} {word.text}")
            return self._attribute(first, prefix)
        entity = self._schema.entities.get(prefix)
        if entity is None:
            self._fail(first, self._expected_field())
        if not key:
            quoted = self._peek()
            if quoted.kind != "quoted" or quoted.quote == "'" or quoted.start != first.end:
                self._fail(first, f"after {prefix}. comes a name")
            key = self._take().text
        if entity == "attribute":
            return self._attribute(first, key)
        if entity == "dataset" and key not in DATASET_KEYS:
            self._fail(first, f"a data set has {', '.join(DATASET_KEYS)}")
        return Field(entity, key)

    def _attribute(self, token: Token, key: str) -> Field:
        if key not in self._schema.attributes:
            self._fail(token, self._expected_field())
        return Field("attribute", key)

    def _expected_field(self) -> str:
        entities = dict.fromkeys(
            name for name, entity in self._schema.entities.items() if entity != "attribute"
        )
        shown: dict[str, str] = {}
        for name in entities:
            shown.setdefault(self._schema.entities[name], f"{name}.<name>")
        attributes = [name for name in self._schema.attributes if " " not in name]
        return f"expected one of {', '.join([*shown.values(), *attributes])}"

    def _operator(self) -> str:
        token = self._take()
        word = token.text
        if token.kind == "operator" and word not in ("==", "<>"):
            return word
        if token.kind == "keyword":
            if word in ("LIKE", "ILIKE", "IN"):
                return word
            if word == "NOT" and self._accept("IN"):
                return "NOT IN"
            if word == "IS":
                if self._accept("NULL"):
                    return "IS NULL"
                if self._accept("NOT") and self._accept("NULL"):
                    return "IS NOT NULL"
        hint = {"==": "; write =", "<>": "; write !="}.get(word, "")
        raise error(
            self._text, token.start, f"expected an operator such as =, !=, <, LIKE or IN{hint}"
        )

    def _value(self, field: Field, operator: str) -> float | str:
        token = self._take()
        if self._schema.numeric(field.entity, field.key):
            if token.kind != "number":
                self._fail(token, f"{_name(field)} is compared with a number, without quotes")
            return self._number(token, whole=field.entity == "attribute")
        if token.kind != "quoted" or token.quote == "`":
            self._fail(token, f"{_name(field)} is compared with quoted text, like 'value'")
        if operator in ("LIKE", "ILIKE") and len(token.text) > MAX_PATTERN:
            self._fail(token, f"a pattern has at most {MAX_PATTERN} characters")
        return token.text

    def _number(self, token: Token, *, whole: bool) -> float:
        try:
            integer = int(token.text)
        except ValueError:
            number = float(token.text)
            if not math.isfinite(number):
                self._fail(token, "the number is too large")
            return number
        if whole and abs(integer) <= LARGEST_INT64:
            return integer
        try:
            return float(integer)
        except OverflowError:
            self._fail(token, "the number is too large")

    def _list(self) -> tuple[str, ...]:
        token = self._take()
        if token.text != "(" or token.kind != "punctuation":
            self._fail(token, "after IN comes a list, like ('a', 'b')")
        values: list[str] = []
        while True:
            token = self._take()
            if token.kind == "punctuation" and token.text == ")" and values:
                return tuple(values)
            if token.kind != "quoted" or token.quote == "`":
                self._fail(token, "a list holds quoted texts, like ('a', 'b')")
            values.append(token.text)
            token = self._take()
            if token.kind == "punctuation" and token.text == ")":
                return tuple(values)
            if token.kind != "punctuation" or token.text != ",":
                self._fail(token, "the texts of a list are separated by commas")

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token

    def _accept(self, keyword: str) -> bool:
        token = self._peek()
        if token.kind == "keyword" and token.text == keyword:
            self._take()
            return True
        return False

    def _fail(self, token: Token, what: str) -> NoReturn:
        raise error(self._text, token.start, what)


def _name(field: Field) -> str:
    return field.key if field.entity == "attribute" else f"{field.entity}s.{field.key}"
