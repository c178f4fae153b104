"""Reads a filter or an order into a small syntax tree.

The grammar is MLflow's, comparisons joined by ``AND``, and around it ``OR``, ``NOT`` and
parentheses: ``NOT`` binds closest, then ``AND``, then ``OR``. Every error names the position and
what is allowed there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NoReturn

from trackside_server.errors import InvalidInput
from trackside_server.regex import Unsupported, compiled

from .fields import Keyed
from .lexer import Token, error, tokens
from .tree import And, Comparison, Field, Not, Or, Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .fields import Schema
    from .tree import Node

MAX_COMPARISONS: Final = 100
MAX_ORDERS: Final = 100
MAX_DEPTH: Final = 50
MAX_PATTERN: Final = 10_000
LARGEST_INT64: Final = 2**63 - 1
_WORDS: Final = frozenset({"LIKE", "ILIKE", "RLIKE", "IN"})
_ORDERED: Final = frozenset({"<", "<=", ">", ">="})


def parse_filter(text: str, schema: Schema) -> Node:
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


def parse_orders(texts: Sequence[str], schema: Schema) -> list[Order]:
    """Read what results are to be ordered by, the most important first.

    Raises
    ------
    InvalidInput
        There are too many, or one is no order.
    """
    check_orders(len(texts))
    return [parse_order(text, schema) for text in texts]


def check_orders(count: int) -> None:
    """Refuse an order by more fields than the database takes."""
    if count > MAX_ORDERS:
        raise InvalidInput(f"order_by has at most {MAX_ORDERS} fields; this one has {count}.")


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str, schema: Schema) -> None:
        self._text = text
        self._schema = schema
        self._tokens = tokens(text)
        self._next = 0
        self._comparisons = 0
        self._depth = 0

    def filter(self) -> Node:
        if self._peek().kind == "end":
            return And(())
        tree = self._either()
        token = self._peek()
        if token.kind != "end":
            closing = token.kind == "punctuation" and token.text == ")"
            self._fail(
                token,
                "this ) closes nothing" if closing else "comparisons are joined by AND or OR",
            )
        return tree

    def order(self) -> Order:
        start = self._peek()
        field = self._field()
        described = self._schema.described(field.entity, field.key)
        if isinstance(described, Keyed) and not described.orderable:
            word = self._schema.spelling(field.entity)
            self._fail(start, f"{self._schema.what} cannot be ordered by {word}")
        token = self._take()
        ascending = True
        if token.kind == "name" and token.text.upper() in ("ASC", "DESC"):
            ascending = token.text.upper() == "ASC"
            token = self._take()
        if token.kind != "end":
            self._fail(token, "after the name of what to order by comes ASC, DESC or nothing")
        return Order(field, ascending)

    def _either(self) -> Node:
        terms = [self._all()]
        while self._accept("OR"):
            terms.append(self._all())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _all(self) -> Node:
        terms = [self._term()]
        while self._accept("AND"):
            if self._peek().kind == "end" and self._depth == 0:
                break  # MLflow tolerates a trailing AND
            terms.append(self._term())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _term(self) -> Node:
        start = self._peek()
        opens = start.kind == "punctuation" and start.text == "("
        if not opens and not (start.kind == "keyword" and start.text == "NOT"):
            return self._comparison()
        self._take()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(start, f"a search nests at most {MAX_DEPTH} levels deep")
        if opens:
            inner = self._either()
            token = self._take()
            if token.kind != "punctuation" or token.text != ")":
                self._fail(token, f"expected AND, OR or the ) of character {start.start + 1}")
        else:
            inner = Not(self._term())
        self._depth -= 1
        return inner

    def _comparison(self) -> Comparison:
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            self._fail(self._peek(), f"a search joins at most {MAX_COMPARISONS} comparisons")
        field = self._field()
        start = self._peek()
        operator = self._operator()
        allowed = self._schema.described(field.entity, field.key).operators
        if operator not in allowed:
            self._fail(
                start, f"{self._name(field)} is compared by {', '.join(allowed)}, not by {operator}"
            )
        if operator in ("IS NULL", "IS NOT NULL"):
            return Comparison(field, operator, None)
        if operator in ("IN", "NOT IN"):
            return Comparison(field, operator, self._list(field))
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
        if not key or key.endswith("."):
            quoted = self._peek()
            if quoted.kind == "quoted" and quoted.start == first.end:
                key += self._take().text
            elif not key:
                self._fail(first, f"after {prefix}. comes a name")
        if entity == "attribute":
            return self._attribute(first, key)
        names = self._schema.keyed[entity].names
        if names is not None and key not in names:
            self._fail(first, f"after {prefix}. comes {', '.join(names)}")
        return Field(entity, key)

    def _attribute(self, token: Token, key: str) -> Field:
        if key not in self._schema.attributes:
            self._fail(token, self._expected_field())
        return Field("attribute", key)

    def _expected_field(self) -> str:
        keyed = [f"{self._schema.spelling(entity)}.<name>" for entity in self._schema.keyed]
        attributes = [name for name in self._schema.attributes if " " not in name]
        return f"expected one of {', '.join([*keyed, *attributes])}"

    def _operator(self) -> str:
        token = self._take()
        word = token.text
        if token.kind == "operator" and word not in ("==", "<>"):
            return word
        if token.kind == "keyword":
            if word in _WORDS:
                return word
            if word == "NOT" and self._accept("IN"):
                return "NOT IN"
            if word == "IS":
                if self._accept("NULL"):
                    return "IS NULL"
                if self._accept("NOT") and self._accept("NULL"):
                    return "IS NOT NULL"
        hint = {"==": "; write =", "<>": "; write !="}.get(word, "")
        what = f"expected an operator such as =, !=, <, LIKE or IN{hint}"
        raise error(self._text, token.start, token.end, what)

    def _value(self, field: Field, operator: str) -> float | str:
        token = self._take()
        kind = self._schema.described(field.entity, field.key).value
        if kind == "either":
            wants_number = operator in _ORDERED or (
                operator in ("=", "!=") and token.kind == "number"
            )
        else:
            wants_number = kind == "number"
        if wants_number:
            if token.kind != "number":
                self._fail(token, f"{self._name(field)} is compared with a number, without quotes")
            return self._number(token, whole=field.entity == "attribute")
        if token.kind != "quoted" or token.quote == "`":
            self._fail(token, f"{self._name(field)} is compared with quoted text, like 'value'")
        if operator in ("LIKE", "ILIKE") and len(token.text) > MAX_PATTERN:
            self._fail(token, f"a pattern has at most {MAX_PATTERN} characters")
        if operator == "RLIKE":
            try:
                compiled(token.text)
            except Unsupported as problem:
                self._fail(token, str(problem))
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

    def _list(self, field: Field) -> tuple[float | str, ...]:
        numbers = self._schema.described(field.entity, field.key).value == "number"
        example = "(1, 2)" if numbers else "('a', 'b')"
        token = self._take()
        if token.text != "(" or token.kind != "punctuation":
            self._fail(token, f"after IN comes a list, like {example}")
        values: list[float | str] = []
        while True:
            token = self._take()
            if token.kind == "punctuation" and token.text == ")" and values:
                return tuple(values)
            if numbers:
                if token.kind != "number":
                    self._fail(token, f"this list holds numbers, like {example}")
                values.append(self._number(token, whole=field.entity == "attribute"))
            else:
                if token.kind != "quoted" or token.quote == "`":
                    self._fail(token, f"this list holds quoted texts, like {example}")
                values.append(token.text)
            token = self._take()
            if token.kind == "punctuation" and token.text == ")":
                return tuple(values)
            if token.kind != "punctuation" or token.text != ",":
                self._fail(token, "what stands in a list is separated by commas")

    def _name(self, field: Field) -> str:
        if field.entity == "attribute":
            return field.key
        return f"{self._schema.spelling(field.entity)}.{field.key}"

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
        raise error(self._text, token.start, token.end, what)
