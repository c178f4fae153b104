"""Cuts a filter into tokens that know where they stand."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from trackside_server.errors import InvalidInput

MAX_LENGTH: Final = 100_000


class InvalidSearch(InvalidInput):
    """A filter or an order that cannot be understood.

    Parameters
    ----------
    message
        What is wrong, as a sentence.
    position
        Index of the first character that is meant.
    length
        How many characters are meant; 0 at the end of the text.

    Attributes
    ----------
    where
        Which of several texts it is, where somebody says so.
    """

    where = ""

    def __init__(self, message: str, position: int, length: int) -> None:
        super().__init__(message)
        self.position = position
        self.length = length


class Token(NamedTuple):
    """A piece of a filter.

    Attributes
    ----------
    kind
        ``name`` (a bare word, dotted or not), ``quoted`` (in any of the three quotes), ``number``,
        ``operator``, ``punctuation``, ``keyword`` or ``end``.
    text
        The piece as written; of a quoted piece what stands between the quotes.
    start
        Index of its first character.
    quote
        The quote of a quoted piece, else empty.
    end
        Index behind its last character.
    """

    kind: str
    text: str
    start: int
    quote: str
    end: int


KEYWORDS: Final = frozenset(
    {"AND", "OR", "NOT", "IN", "LIKE", "ILIKE", "RLIKE", "IS", "NULL", "BETWEEN"}
)

_PIECE: Final = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))
  | (?P<name>\w+(?:\.[\w.]*)?)
  | (?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`)
  | (?P<operator><=|>=|!=|<>|==|=|<|>)
  | (?P<punctuation>[(),.])
    """,
    re.VERBOSE,
)


def tokens(text: str) -> list[Token]:
    """Cut a filter or an order into tokens; the last one is the end.

    Raises
    ------
    InvalidInput
        At a character that begins nothing, naming its position.
    """
    if len(text) > MAX_LENGTH:
        msg = f"A search text has at most {MAX_LENGTH} characters; this one has {len(text)}."
        raise InvalidInput(msg)
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _PIECE.match(text, position)
        if match is None:
            raise unexpected(text, position)
        if match.lastgroup != "space":
            found.append(_token(match))
        position = match.end()
    found.append(Token("end", "", len(text), "", len(text)))
    return found


def unexpected(text: str, position: int) -> InvalidSearch:
    """Give the error for a character that begins nothing."""
    character = text[position]
    if character in "'\"`":
        what = f"the quote {character} is not closed"
    elif character == ";":
        what = "';' is not allowed: a search is one statement"
    else:
        what = (
            f"{character!r} is not allowed here; names with other characters than letters, digits, "
            "_ and . stand in back-ticks, like metrics.`val loss`"
        )
    # Of an open quote the rest of the text is meant: that is what it would hold.
    end = len(text) if character in "'\"`" else position + 1
    return error(text, position, end, what)


def error(text: str, position: int, end: int, what: str) -> InvalidSearch:
    """Give a 400 that names the place."""
    near = text[position : position + 20] or "the end"
    message = f"Invalid search at character {position + 1} ({near!r}): {what}."
    return InvalidSearch(message, position, end - position)


def _token(match: re.Match[str]) -> Token:
    kind = str(match.lastgroup)
    piece = match.group()
    start, end = match.span()
    if kind == "quoted":
        quote = piece[0]
        inner = piece[1:-1]
        if quote != "`":
            inner = inner.replace(quote * 2, quote)
        return Token("quoted", inner, start, quote, end)
    if kind == "name" and piece.upper() in KEYWORDS:
        return Token("keyword", piece.upper(), start, "", end)
    return Token(kind, piece, start, "", end)
