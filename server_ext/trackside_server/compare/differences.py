"""The differences of texts, line by line, bounded in work and in size."""

from __future__ import annotations

import difflib
import hashlib
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from .entities import Text

# Comparing lines costs their product at worst, and the whole answer travels at once.
_MOST_LINES = 3000
_ALL_LINES = 60_000
_ALL_CHARACTERS = 2 * 1024 * 1024
_CONTEXT = 3

State = Literal["base", "same", "changed", "added", "removed", "absent", "unread", "unknown"]


class Difference(Struct, frozen=True):
    """How a text of a run differs from that of the base run.

    Attributes
    ----------
    state
        ``base`` is the run compared with; ``added`` and ``removed`` are texts that one of both does
        not have, ``absent`` ones that neither has; ``unread`` differ, but are no text or too long;
        ``unknown`` says that nothing is known of this run.
    diff
        The unified difference.
    added, removed
        How many lines.
    """

    state: State
    diff: str | None = None
    added: int = 0
    removed: int = 0


class Differ(Struct):
    """Compares texts until the work that one answer may take is done."""

    _lines: int = _ALL_LINES
    _characters: int = _ALL_CHARACTERS
    _known: dict[tuple[str, str], Difference] = field(default_factory=dict)
    exhausted: bool = False

    def compare(self, old: Text | None, new: Text | None) -> Difference:
        """Compare the text of the base run with another one's."""
        if old is None and new is None:
            return Difference("absent")
        before, after = (text.text if text is not None else "" for text in (old, new))
        if before == after and old is not None and new is not None:
            return Difference("same" if old.whole and new.whole else "unread")
        state: State = "added" if old is None else "removed" if new is None else "changed"
        pair = (digest(before), digest(after))
        known = self._known.get(pair)
        if known is None:
            known = self._known[pair] = self._made(before, after)
        if known.state == "unread":
            return known
        return Difference(state, known.diff, known.added, known.removed)

    def _made(self, before: str, after: str) -> Difference:
        one, other = before.splitlines(), after.splitlines()
        length = len(one) + len(other)
        if length > 2 * _MOST_LINES:
            return Difference("unread")
        if length > self._lines or self._characters <= 0:
            self.exhausted = True
            return Difference("unread")
        self._lines -= length
        lines = list(difflib.unified_diff(one, other, lineterm="", n=_CONTEXT))[2:]
        text = "\n".join(lines)
        if len(text) > self._characters:
            self.exhausted = True
            return Difference("unread")
        self._characters -= len(text)
        return Difference(
            "changed",
            text,
            sum(line.startswith("+") for line in lines),
            sum(line.startswith("-") for line in lines),
        )


def digest(text: str) -> str:
    """Give the digest of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
