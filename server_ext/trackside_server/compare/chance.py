"""How often chance alone would put runs in such an order: permutation tests for few runs.

Nothing is assumed about how results are spread. With three or four runs no order is beyond chance,
and that is what comes out.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache
from itertools import permutations
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EXACT = 6
_SAMPLES = 1999
# After so many orders that look alike it is plain that chance does it: no need to go on.
_ENOUGH = 50
_NEAR = 1e-9


def ranks(values: Sequence[float]) -> list[float]:
    """Give the ranks of values, around 0; equal ones share theirs.

    >>> ranks([0.1, 5.0, 0.1])
    [-0.5, 1.0, -0.5]
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or values[order[end]] != values[order[start]]:
            shared = (start + end - 1) / 2 - (len(values) - 1) / 2
            for at in order[start:end]:
                found[at] = shared
            start = end
    return found


def correlation(numbers: Sequence[float], results: Sequence[float]) -> float:
    """Give Spearman's rank correlation of numbers with results."""
    x, y = ranks(numbers), ranks(results)
    spread = math.sqrt(_dot(x, x) * _dot(y, y))
    return _dot(x, y) / spread if spread else 0.0


def separation(groups: Sequence[int], results: Sequence[float]) -> float:
    """Give how much of the order of results lies between groups, from 0 to 1."""
    y = ranks(results)
    whole = _dot(y, y)
    members = _members(groups)
    return math.sqrt(_between(members, y) / whole) if whole and members else 0.0


def of_numbers(numbers: Sequence[float], results: Sequence[float]) -> tuple[float, float]:
    """Give Spearman's rank correlation of numbers with results, and its chance."""
    found = correlation(numbers, results)
    x, y = ranks(numbers), ranks(results)
    return found, _chance(y, lambda order: abs(_dot(x, order))) if found else 1.0


def of_groups(groups: Sequence[int], results: Sequence[float]) -> tuple[float, float]:
    """Give how much of the order of results lies between groups (0 to 1), and its chance.

    Parameters
    ----------
    groups
        The number of each run's group.
    results
        The result of each run.
    """
    found = separation(groups, results)
    members = _members(groups)
    chance = _chance(ranks(results), lambda order: _between(members, order)) if found else 1.0
    return found, chance


def _members(groups: Sequence[int]) -> list[tuple[float, list[float]]]:
    """Give the size of each group, and who is in it; none where they divide nothing."""
    names = set(groups)
    # Where each run is a group of its own, or all are one, nothing is divided.
    if not 1 < len(names) < len(groups):
        return []
    members = [[float(group == one) for group in groups] for one in sorted(names)]
    return [(sum(one), one) for one in members]


def _between(members: Sequence[tuple[float, list[float]]], order: Sequence[float]) -> float:
    return sum(_dot(one, order) ** 2 / size for size, one in members)


def _chance(y: Sequence[float], statistic: Callable[[Sequence[float]], float]) -> float:
    seen = statistic(y) - _NEAR
    if len(y) <= _EXACT:
        orders: Sequence[Sequence[float]] = list(permutations(y))
        return sum(statistic(order) >= seen for order in orders) / len(orders)
    found = 0
    for count, order in enumerate(_shuffled(tuple(y)), 1):
        found += statistic(order) >= seen
        if found == _ENOUGH:
            return found / count
    return (found + 1) / (_SAMPLES + 1)


@lru_cache(maxsize=8)
def _shuffled(y: tuple[float, ...]) -> list[list[float]]:
    # The same orders each time: a view that is drawn again must not say something else.
    source = random.Random(0)  # noqa: S311 - no secret
    return [source.sample(y, len(y)) for _ in range(_SAMPLES)]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    found: float = sum(map(mul, one, other))
    return found
