"""What changed with the better result: differences, those first that have most to do with it.

It is said what goes with what, never what causes it; what cannot be told from chance is called so.
"""

from __future__ import annotations

import math
from heapq import nlargest
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from trackside_server.structs import replace

from . import chance
from .entities import Candidate, Ranked
from .words import sentence_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .entities import Objective

SHOWN = 12
# Five times as many as are shown, whatever order their chances put them in.
_MOST_PATTERNS = 60
_RARE = 0.05
_SELDOM = 0.1
_KINDS = ("param", "dataset", "code", "package", "environment")
_STRENGTHS = ("pair", "clear", "hint", "none")
# Below it no order is rarer than chance, so a perfect one is worth a hint.
_FEW = 5


class _Measured(Struct, frozen=True):
    measure: Literal["rank", "group"]
    score: float
    chance: float


def rank(
    candidates: Sequence[Candidate], results: Sequence[float | None], objective: Objective
) -> list[Ranked]:
    """Order differences by what they have to do with the result.

    Parameters
    ----------
    candidates
        What differs.
    results
        The objective's metric in each run; runs without a finite one are left out.
    objective
        What is better.
    """
    used = [at for at, value in enumerate(results) if value is not None and math.isfinite(value)]
    sign = 1.0 if objective.goal == "max" else -1.0
    # As merits: more is better from here on.
    merits = [sign * (results[at] or 0.0) for at in used]
    if len(set(merits)) < 2:
        return []
    cut = [replace(one, values=[one.values[at] for at in used]) for one in candidates]
    cut = [one for one in cut if len(set(one.values)) > 1]
    found = _pair(cut, merits) if len(used) == 2 else _measure(cut, merits)
    found.sort(key=_order)
    return [replace(one, text=sentence_of(one, objective.metric)) for one in found[:SHOWN]]


def _pair(candidates: Sequence[Candidate], merits: Sequence[float]) -> list[Ranked]:
    best = int(merits[1] > merits[0])
    return [
        Ranked(
            one.kind,
            one.key,
            "pair",
            2,
            None,
            None,
            "pair",
            one.values[best] if one.readable else None,
            one.values[1 - best] if one.readable else None,
        )
        for one in candidates
    ]


def _measure(candidates: Sequence[Candidate], merits: Sequence[float]) -> list[Ranked]:
    divisions: dict[tuple[int, ...], list[str]] = {}
    promises: dict[tuple[float, ...], float] = {}
    looked_at = []
    for one in candidates:
        division = _division(one.values)
        divisions.setdefault(division, []).append(one.key)
        numbers = _numbers(one)
        measure: Literal["rank", "group"] = "rank" if numbers else "group"
        pattern = tuple(chance.ranks(numbers)) if numbers else division
        if pattern not in promises:
            promises[pattern] = _promise(pattern, merits, measure)
        looked_at.append((one, pattern, measure, division))
    # A chance takes long to find, a score does not: nothing that could be shown is left out.
    best = set(nlargest(_MOST_PATTERNS, promises, key=promises.__getitem__))
    known: dict[tuple[float, ...], _Measured] = {}
    found = []
    for one, pattern, measure, division in looked_at:
        if pattern in best:
            if pattern not in known:
                known[pattern] = _measured(pattern, merits, measure)
            found.append(_ranked(one, known[pattern], merits, len(promises), divisions[division]))
    return found


def _promise(
    pattern: Sequence[float], merits: Sequence[float], measure: Literal["rank", "group"]
) -> float:
    """Give a score without its chance, less what so many groups have by chance."""
    if measure == "rank":
        score, expected = chance.correlation(pattern, merits), 1 / (len(merits) - 1)
    else:
        groups = [int(group) for group in pattern]
        score = chance.separation(groups, merits)
        expected = (len(set(groups)) - 1) / (len(merits) - 1)
    return (score**2 - expected) / (1 - expected) if expected < 1 else 0.0


def _measured(
    pattern: Sequence[float], merits: Sequence[float], measure: Literal["rank", "group"]
) -> _Measured:
    if measure == "rank":
        return _Measured(measure, *chance.of_numbers(pattern, merits))
    return _Measured(measure, *chance.of_groups([int(group) for group in pattern], merits))


def _ranked(
    one: Candidate,
    measured: _Measured,
    merits: Sequence[float],
    looked_at: int,
    same: Sequence[str],
) -> Ranked:
    score = min(1.0, abs(measured.score))
    if measured.chance * looked_at <= _RARE:
        strength = "clear"
    elif measured.chance <= _SELDOM or (len(merits) < _FEW and score > 1 - 1e-9):
        strength = "hint"
    else:
        strength = "none"
    better, worse = _ends(one, measured, merits)
    return Ranked(
        one.kind,
        one.key,
        measured.measure,
        len(merits),
        round(score, 4),
        round(measured.chance, 4),
        strength,  # type: ignore[arg-type]
        better,
        worse,
        tuple(key for key in same if key != one.key),
    )


def _ends(
    one: Candidate, measured: _Measured, merits: Sequence[float]
) -> tuple[str | None, str | None]:
    """Name what goes with the better result, and with the worse."""
    if measured.measure == "rank":
        return ("higher", "lower") if measured.score > 0 else ("lower", "higher")
    if not one.readable:
        return None, None
    places = chance.ranks(merits)
    groups: dict[str | None, list[float]] = {}
    for value, place in zip(one.values, places, strict=True):
        groups.setdefault(value, []).append(place)
    order = sorted(groups, key=lambda value: sum(groups[value]) / len(groups[value]))
    return order[-1], order[0]


def _numbers(one: Candidate) -> list[float] | None:
    """Read the values as numbers, if they all are."""
    if one.kind == "package":
        return None  # 1.10 is newer than 1.9
    found = [number(value) for value in one.values]
    return [value for value in found if value is not None] if None not in found else None


def number(text: str | None) -> float | None:
    """Read a finite number.

    >>> number("1e-3"), number("adam"), number("nan")
    (0.001, None, None)
    """
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _division(values: Sequence[str | None]) -> tuple[int, ...]:
    numbers: dict[str | None, int] = {}
    return tuple(numbers.setdefault(value, len(numbers)) for value in values)


def _order(one: Ranked) -> tuple[int, float, float, int, str]:
    return (
        _STRENGTHS.index(one.strength),
        one.chance or 0.0,
        -(one.score or 0.0),
        _KINDS.index(one.kind),
        one.key,
    )
