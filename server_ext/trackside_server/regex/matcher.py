"""Follows a regular expression through a text, all ways at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .parser import (
    END,
    MAX_PLACES,
    NOT_WORD_EDGE,
    START,
    WORD_EDGE,
    Chars,
    Unsupported,
    is_word,
    parse,
)

if TYPE_CHECKING:
    from .parser import Piece

_MOST_STATES: Final = 2_000
_MOST_MOVES: Final = 1_000
# What stands before the next character, or behind the last one.
_EDGE, _WORD, _OTHER = 0, 1, 2


class _State:
    """The places reached, and where each next character leads; None is a match."""

    __slots__ = ("before", "moves", "places")

    def __init__(self, places: frozenset[int], before: int) -> None:
        self.places = places
        self.before = before
        self.moves: dict[str, _State | None] = {}


class Regex:
    """A compiled expression.

    Parameters
    ----------
    pattern
        The expression.

    Raises
    ------
    Unsupported
        It is none, or one that cannot be followed in linear time.
    """

    def __init__(self, pattern: str) -> None:
        piece = parse(pattern)
        self._tests: list[Chars | None] = []  # what a place consumes
        self._guards: list[str] = []  # what has to hold there
        self._ways: list[tuple[int, ...]] = []
        self._accept = self._place()
        self._first = self._build(piece, self._accept)
        self._states: dict[tuple[frozenset[int], int], _State] = {}
        self._begin = _State(frozenset((self._first,)), _EDGE)

    def search(self, text: str) -> bool:
        """Say whether the expression matches anywhere in a text."""
        state = self._begin
        for character in text:
            try:
                following = state.moves[character]
            except KeyError:
                following = self._move(state, character)
            if following is None:
                return True
            state = following
        return self._accept in self._closure(state, _EDGE)

    def _move(self, state: _State, character: str) -> _State | None:
        kind = _WORD if is_word(character) else _OTHER
        reached = self._closure(state, kind)
        following: _State | None = None
        if self._accept not in reached:
            places = {self._first}  # a match may begin anywhere
            for place in reached:
                test = self._tests[place]
                if test is not None and test.holds(character):
                    places.update(self._ways[place])
            following = self._state(frozenset(places), kind)
        # Bounded, as texts may hold any number of different characters.
        if len(state.moves) >= _MOST_MOVES:
            state.moves = {}
        state.moves[character] = following
        return following

    def _state(self, places: frozenset[int], before: int) -> _State:
        if len(self._states) >= _MOST_STATES:
            self._states = {}
            self._begin = _State(self._begin.places, _EDGE)
        return self._states.setdefault((places, before), _State(places, before))

    def _closure(self, state: _State, after: int) -> set[int]:
        reached: set[int] = set()
        waiting = list(state.places)
        while waiting:
            place = waiting.pop()
            if place in reached or not _holds(self._guards[place], state.before, after):
                continue
            reached.add(place)
            if self._tests[place] is None:
                waiting.extend(self._ways[place])
        return reached

    def _place(self, ways: tuple[int, ...] = (), test: Chars | None = None, guard: str = "") -> int:
        if len(self._ways) >= MAX_PLACES:
            msg = "this regular expression is too large"
            raise Unsupported(msg)
        self._tests.append(test)
        self._guards.append(guard)
        self._ways.append(ways)
        return len(self._ways) - 1

    def _build(self, piece: Piece, following: int) -> int:
        """Give the place where a piece begins that leads on to another place."""
        kind, value = piece
        if kind == "chars":
            return self._place((following,), test=value)
        if kind == "guard":
            return self._place((following,), guard=value)
        if kind == "sequence":
            for part in reversed(value):
                following = self._build(part, following)
            return following
        if kind == "choice":
            return self._place(tuple(self._build(part, following) for part in value))
        part, least, most = value
        if most is None:
            loop = self._place()
            self._ways[loop] = (self._build(part, loop), following)
            following = loop
        else:
            for _ in range(most - least):
                following = self._place((self._build(part, following), following))
        for _ in range(least):
            following = self._build(part, following)
        return following


def _holds(guard: str, before: int, after: int) -> bool:
    if not guard:
        return True
    if guard == START:
        return before == _EDGE
    if guard == END:
        return after == _EDGE
    edge = (before == _WORD) != (after == _WORD)
    return edge if guard == WORD_EDGE else not edge and guard == NOT_WORD_EDGE


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Regex:
    """Compile an expression, or give the one that was compiled before."""
    return Regex(pattern)


def matches(pattern: str, text: object) -> bool:
    """Say whether a text matches; SQLite's ``text REGEXP pattern``."""
    return text is not None and compiled(pattern).search(str(text))
