"""Cuts an expression into its words."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from msgspec import Struct

from .errors import ExpressionError

MAX_LENGTH: Final = 32_768

_TOKEN: Final = re.compile(
    r"""(?P<space>[\ \t\r\n\f]+)
    |(?P<float>-?(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+))
    |(?P<int>-?[0-9]+)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
    |(?P<mark>==|!=|<=|>=|&&|\|\||[<>!()\[\].])
    """,
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(
    r"""\\(?:(?P<plain>[abfnrtv\\'"`?])|[xX](?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})"""
    r"""|U(?P<long>[0-9a-fA-F]{8})|(?P<octal>[0-3][0-7]{2})|(?P<wrong>.))"""
)
_PLAIN: Final = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))
_INT_RANGE: Final = range(-(2**63), 2**63)


class Token(Struct, frozen=True):
    """A word of an expression: a value, a name, or a mark."""

    kind: Literal["value", "word", "mark", "end"]
    value: Any
    at: int


def tokens(text: str) -> list[Token]:
    """Cut an expression into its words; the last one is its end.

    Raises
    ------
    ExpressionError
        Something in it is no word.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"The expression is longer than {MAX_LENGTH:,} characters", 0)
    found = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _no_word(text, at)
        if match.lastgroup != "space":
            found.append(_token(match))
        at = match.end()
    return [*found, Token("end", "", at)]


def _token(match: re.Match[str]) -> Token:
    word, at = match.group(), match.start()
    if match.lastgroup == "text":
        return Token("value", _unescaped(word[1:-1], at + 1), at)
    if match.lastgroup == "float":
        return Token("value", float(word), at)
    if match.lastgroup == "int":
        if len(word) > 20 or int(word) not in _INT_RANGE:
            raise ExpressionError("The number is too large", at)
        return Token("value", int(word), at)
    if word in ("true", "false"):
        return Token("value", word == "true", at)
    return Token("word" if match.lastgroup == "word" else "mark", word, at)


def _unescaped(text: str, at: int) -> str:
    if "\\" not in text:
        return text

    def meant(match: re.Match[str]) -> str:
        kind = match.lastgroup
        written = match.group(kind or 0)
        if kind == "plain":
            return _PLAIN.get(written, written)
        code = -1 if kind == "wrong" else int(written, 8 if kind == "octal" else 16)
        if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise ExpressionError(
                "A backslash begins nothing that is known", at + match.start(), hint=_BACKSLASH
            )
        return chr(code)

    return _ESCAPE.sub(meant, text)


_BACKSLASH: Final = "Write a backslash twice to mean one."


def _no_word(text: str, at: int) -> ExpressionError:
    if text[at] in "'\"":
        return ExpressionError(
            "A text does not end",
            at,
            hint="A quote or a line break inside a text is written \\' or \\n. To compare with any "
            "text, pass it as a parameter.",
        )
    return ExpressionError(f"The character {text[at]!r} means nothing here", at)
