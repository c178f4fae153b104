"""Parses conditions and selectors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from .errors import ExpressionError
from .lexing import Token, tokens
from .tree import Call, Compared, Fixed, Item, Joined, Named, Not

if TYPE_CHECKING:
    from collections.abc import Callable

    from .tree import Comparison, Expression, Function

MAX_NESTING: Final = 50

# The SDK puts an input that is no text into quotes where it is compared with one.
_QUOTED_INPUT: Final = re.compile(r"'(?:int\()?inputs\.parameter_values\['")
_SAME_KIND: Final = "Compare values of one kind: an int parameter with 5, not with '5'."
_COMPARISONS: Final = frozenset(("==", "!=", "<", "<=", ">", ">="))
_FUNCTIONS: Final = frozenset(("int", "double", "parseJson"))
_IN_CONDITIONS: Final = "A condition compares inputs.parameter_values['name'] with another value."
_IN_SELECTORS: Final = 'A selector reads parseJson(string_value)["key"].'


class _Parser:
    """Reads one expression from its first word to its last."""

    def __init__(self, text: str, *, selector: bool) -> None:
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0
        self._selector = selector

    def parse(self) -> Expression:
        found = self._or()
        end = self._peek()
        if end.kind != "end":
            raise self._unexpected(end)
        return found

    def _or(self) -> Expression:
        at = self._peek().at
        parts = [self._and()]
        while self._takes("||"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Joined("||", tuple(parts), at)

    def _and(self) -> Expression:
        at = self._peek().at
        parts = [self._comparison()]
        while self._takes("&&"):
            parts.append(self._comparison())
        return parts[0] if len(parts) == 1 else Joined("&&", tuple(parts), at)

    def _comparison(self) -> Expression:
        left = self._unary()
        token = self._peek()
        if token.kind != "mark" or token.value not in _COMPARISONS:
            return left
        self._next += 1
        compared = Compared(cast("Comparison", token.value), left, self._unary(), token.at)
        if (again := self._peek()).kind == "mark" and again.value in _COMPARISONS:
            raise ExpressionError("Comparisons cannot follow each other", again.at)
        return compared

    def _unary(self) -> Expression:
        token = self._peek()
        if self._takes("!"):
            return self._nested(lambda: Not(self._unary(), token.at))
        return self._items(self._primary())

    def _items(self, found: Expression) -> Expression:
        before = self._depth
        while True:
            token = self._peek()
            if self._takes("["):
                found = Item(found, self._inner("]"), token.at)
            elif self._takes("."):
                found = Item(found, Fixed(self._word(), token.at), token.at)
            else:
                self._depth = before
                return found
            # Each is evaluated inside the next.
            self._depth += 1
            self._check_depth(token)

    def _primary(self) -> Expression:
        token = self._peek()
        self._next += 1
        if token.kind == "value":
            return Fixed(token.value, token.at)
        if token.kind == "mark" and token.value == "(":
            return self._inner(")")
        if token.kind == "word" and token.value in _FUNCTIONS and self._takes("("):
            return Call(cast("Function", token.value), self._inner(")"), token.at)
        if self._selector and token.kind == "word" and token.value == "string_value":
            return Named("string_value", token.at)
        if not self._selector and token.kind == "word" and token.value == "inputs":
            return self._input(token)
        raise self._unexpected(token)

    def _input(self, start: Token) -> Expression:
        if not (self._takes(".") and self._word() == "parameter_values" and self._takes("[")):
            raise ExpressionError(
                "Only inputs.parameter_values can be asked", start.at, hint=_IN_CONDITIONS
            )
        token = self._peek()
        if token.kind != "value" or not isinstance(token.value, str):
            raise self._unexpected(token)
        self._next += 1
        self._expect("]")
        return Named(token.value, start.at)

    def _inner(self, closing: str) -> Expression:
        found = self._nested(self._or)
        self._expect(closing)
        return found

    def _nested(self, read: Callable[[], Expression]) -> Expression:
        self._depth += 1
        self._check_depth(self._peek())
        found = read()
        self._depth -= 1
        return found

    def _check_depth(self, token: Token) -> None:
        if self._depth > MAX_NESTING:
            raise ExpressionError("The parts lie too deep in each other", token.at)

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _takes(self, mark: str) -> bool:
        token = self._peek()
        if token.kind != "mark" or token.value != mark:
            return False
        self._next += 1
        return True

    def _word(self) -> str:
        token = self._peek()
        if token.kind != "word":
            raise self._unexpected(token)
        self._next += 1
        return str(token.value)

    def _expect(self, mark: str) -> None:
        token = self._peek()
        if not self._takes(mark):
            raise ExpressionError(f'"{mark}" is missing', token.at)

    def _unexpected(self, token: Token) -> ExpressionError:
        hint = _IN_SELECTORS if self._selector else _IN_CONDITIONS
        if token.kind == "end":
            return ExpressionError("The expression ends too early", token.at, hint=hint)
        return ExpressionError(f"{str(token.value)[:40]!r} is not expected", token.at, hint=hint)


def parse(text: str, *, selector: bool = False) -> Expression:
    """Parse a condition, or a selector.

    Raises
    ------
    ExpressionError
        It cannot be understood.
    """
    try:
        return _Parser(text, selector=selector).parse()
    except ExpressionError:
        if quoted := _QUOTED_INPUT.search(text):
            raise ExpressionError(
                "An input stands in quotes", quoted.start(), hint=_SAME_KIND
            ) from None
        raise
