"""Reads the regular expressions of ``RLIKE``: a subset of Python's, written the same way."""

from __future__ import annotations

from typing import Any, Final, NoReturn

Piece = tuple[str, Any]
"""``chars``, ``guard``, ``sequence``, ``choice`` or ``repeat``, and what belongs to it."""

MAX_PATTERN: Final = 1_000
MAX_PLACES: Final = 500
MAX_DEPTH: Final = 50
START: Final = "start"
END: Final = "end"
WORD_EDGE: Final = "word edge"
NOT_WORD_EDGE: Final = "no word edge"

_GUARDS: Final = {"A": START, "Z": END, "b": WORD_EDGE, "B": NOT_WORD_EDGE}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "0": "\0"}
_HEX: Final = {"x": 2, "u": 4, "U": 8}


class Unsupported(ValueError):
    """The text is no regular expression that can be followed in linear time."""


def is_word(character: str) -> bool:
    r"""Say whether a character is one of ``\w``."""
    return character.isalnum() or character == "_"


_SETS: Final = {"d": str.isdecimal, "w": is_word, "s": str.isspace}


class Chars:
    """A set of characters.

    Parameters
    ----------
    ranges
        First and last character of each range.
    sets
        Letters of sets like ``d``; a capital means all but those.
    negated
        Whether all other characters are meant.
    ignore_case
        Whether the case of letters does not matter.
    """

    __slots__ = ("_ignore_case", "_negated", "_ranges", "_sets")

    def __init__(
        self,
        ranges: tuple[tuple[str, str], ...],
        sets: str = "",
        *,
        negated: bool = False,
        ignore_case: bool = False,
    ) -> None:
        self._ranges = ranges
        self._sets = sets
        self._negated = negated
        self._ignore_case = ignore_case

    def holds(self, character: str) -> bool:
        """Say whether a character belongs to the set."""
        found = self._has(character)
        if not found and self._ignore_case:
            lower, upper = character.lower(), character.upper()
            found = (len(lower) == 1 and self._has(lower)) or (len(upper) == 1 and self._has(upper))
        return found != self._negated

    def _has(self, character: str) -> bool:
        for first, last in self._ranges:
            if first <= character <= last:
                return True
        return any(_SETS[name.lower()](character) == name.islower() for name in self._sets)


def parse(pattern: str) -> Piece:
    """Read an expression.

    Raises
    ------
    Unsupported
        Saying what is wrong, and where.
    """
    if len(pattern) > MAX_PATTERN:
        msg = f"a regular expression has at most {MAX_PATTERN} characters"
        raise Unsupported(msg)
    return _Parser(pattern).parse()


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._next = 0
        self._depth = 0
        self._ignore_case = False
        self._dot_all = False

    def parse(self) -> Piece:
        if self._pattern.startswith("(?"):
            flags = self._pattern[2:].partition(")")[0]
            if flags and not flags.strip("is"):
                self._ignore_case = "i" in flags
                self._dot_all = "s" in flags
                self._next = len(flags) + 3
        piece = self._choice()
        if self._next < len(self._pattern):
            self._fail("this ) closes nothing")
        return piece

    def _choice(self) -> Piece:
        parts = [self._sequence()]
        while self._accept("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else ("choice", tuple(parts))

    def _sequence(self) -> Piece:
        parts = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated())
        return ("sequence", tuple(parts))

    def _repeated(self) -> Piece:
        start = self._next
        piece = self._atom()
        bounds = self._bounds()
        if bounds is None:
            return piece
        if piece[0] == "guard":
            self._next = start
            self._fail("there is nothing to repeat")
        self._accept("?")  # lazy or not, the same texts match
        if self._peek() in ("*", "+") or self._bounds() is not None:
            self._fail("a repetition cannot be repeated; use a group")
        return ("repeat", (piece, *bounds))

    def _bounds(self) -> tuple[int, int | None] | None:
        if self._accept("*"):
            return 0, None
        if self._accept("+"):
            return 1, None
        if self._accept("?"):
            return 0, 1
        if self._peek() != "{":
            return None
        inside, closed, _ = self._pattern[self._next + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not all(text == "" or _digits(text) for text in (low, high)):
            return None
        if not low and not (comma and high):
            return None
        least = int(low or 0)
        most = least if not comma else int(high) if high else None
        if most is not None and most < least:
            self._fail("the lower bound comes first")
        if max(least, most or 0) > MAX_PLACES:
            self._fail("this repeats too often")
        self._next += len(inside) + 2
        return least, most

    def _atom(self) -> Piece:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        if character == ".":
            ranges = () if self._dot_all else (("\n", "\n"),)
            return ("chars", Chars(ranges, negated=True))
        if character == "^":
            return ("guard", START)
        if character == "$":
            return ("guard", END)
        if character in "*+?":
            self._next -= 1
            self._fail("there is nothing to repeat")
        if character == "\\":
            return self._escape()
        return self._literal(character)

    def _group(self) -> Piece:
        if self._accept("?"):
            kind = self._take()
            if kind == "P" and self._accept("<"):
                while self._take() != ">":
                    if self._next >= len(self._pattern):
                        self._fail("the name of a group ends with >")
            elif kind != ":":
                self._next -= 1
                self._fail("RLIKE knows groups, but no looking around and no flags inside")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail("this nests too deep")
        inner = self._choice()
        self._depth -= 1
        if not self._accept(")"):
            self._fail("a group ends with )")
        return ("sequence", (inner,))

    def _escape(self) -> Piece:
        character = self._take()
        if character in _GUARDS and character:
            return ("guard", _GUARDS[character])
        if character and character.lower() in _SETS:
            return ("chars", Chars((), character))
        return self._literal(self._escaped(character))

    def _escaped(self, character: str) -> str:
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character in _HEX:
            digits = self._pattern[self._next : self._next + _HEX[character]]
            self._next += _HEX[character]
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError):
                self._fail("this is no character")
        if not character:
            self._fail("a \\ needs a character behind it")
        if character.isascii() and character.isalnum():
            self._next -= 1
            self._fail(f"RLIKE does not know \\{character}")
        return character

    def _class(self) -> Piece:
        negated = self._accept("^")
        ranges: list[tuple[str, str]] = []
        sets = ""
        first = True
        while first or self._peek() != "]":
            first = False
            low = self._member()
            if len(low) == 2:
                sets += low[1]
                continue
            high = low
            if self._peek() == "-" and self._pattern[self._next + 1 : self._next + 2] not in (
                "]",
                "",
            ):
                self._next += 1
                high = self._member()
                if len(high) == 2 or high < low:
                    self._fail("this is no range of characters")
            ranges.append((low, high))
        self._next += 1
        found = Chars(tuple(ranges), sets, negated=negated, ignore_case=self._ignore_case)
        return ("chars", found)

    def _member(self) -> str:
        r"""Give a character, or the two of a set like ``\d``."""
        character = self._take()
        if not character:
            self._fail("a class of characters ends with ]")
        if character != "\\":
            return character
        escaped = self._take()
        if escaped == "b":
            return "\b"
        if escaped and escaped.lower() in _SETS:
            return "\\" + escaped
        return self._escaped(escaped)

    def _literal(self, character: str) -> Piece:
        return ("chars", Chars(((character, character),), ignore_case=self._ignore_case))

    def _peek(self) -> str:
        return self._pattern[self._next : self._next + 1]

    def _take(self) -> str:
        character = self._peek()
        self._next += 1
        return character

    def _accept(self, character: str) -> bool:
        if self._peek() == character:
            self._next += 1
            return True
        return False

    def _fail(self, what: str) -> NoReturn:
        place = min(self._next, len(self._pattern)) + 1
        msg = f"this regular expression does not work at its character {place}: {what}"
        raise Unsupported(msg)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6
