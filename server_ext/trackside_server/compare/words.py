"""What a comparison says in words, for consoles and notebooks; the page has words of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .entities import Objective, Ranked

_MOST = 40
_ONLY_SAYS = {"code": "the code of {}", "package": "the version of {}", "dataset": "the data {}"}


def sentence_of(one: Ranked, metric: str) -> str:
    """Say what one difference has to do with the result."""
    with_what = f"goes with the better {short(metric)}"
    named = _named(one)
    if one.measure == "pair":
        return f"{named} {with_what}."
    what = "rank correlation" if one.measure == "rank" else "separation"
    found = f"{what} {one.score or 0:.2f} in {one.runs} runs"
    if one.strength == "none":
        return f"{named}: {found}, as chance would show."
    doubt = "" if one.strength == "clear" else ", which may be chance"
    same = f" {_together(one.together)}" if one.together else ""
    return f"{named} {with_what} ({found}){doubt}.{same}"


def sentence(
    *,
    settings: int,
    differing: int,
    others: Sequence[str],
    ranking: Sequence[Ranked],
    objective: Objective | None,
    results: int,
) -> str:
    """Say the whole comparison in a sentence.

    Parameters
    ----------
    settings, differing
        How many params there are, and how many of them differ.
    others
        What else differs: ``code``, ``packages``.
    ranking
        What has to do with the result.
    objective
        What is better.
    results
        How many runs have a result.
    """
    if not settings:
        begin = "No settings were logged"
    elif differing:
        begin = f"{differing} of {settings} settings differ{'s' if differing == 1 else ''}"
    else:
        begin = f"No setting of {settings} differs"
    if others:
        named = " and the ".join(others)
        many = len(others) > 1 or others[0] == "packages"
        if differing:
            begin += f", and so {'do' if many else 'does'} the {named}"
        else:
            begin += f"; the {named} {'differ' if many else 'differs'}"
    return f"{begin}; {_lead(ranking, objective, results)}"


def _lead(ranking: Sequence[Ranked], objective: Objective | None, results: int) -> str:
    if objective is None:
        return "there is no metric to tell better from worse."
    metric = short(objective.metric)
    if results < 2:
        return f"too few runs have a {metric} to tell better from worse."
    if not ranking:
        return f"nothing that differs can be told to go with the better {metric}."
    first = ranking[0]
    if first.strength == "none":
        return f"nothing goes with the better {metric} more than by chance in {first.runs} runs."
    alike = [one for one in ranking if one.strength == "pair"]
    if len(alike) > 1:
        rest = len(alike) - 1
        more = f"and {rest} other {'difference' if rest == 1 else 'differences'}"
        return f"{_named(first)} {more} go with the better {metric}."
    return first.text


def short(text: str) -> str:
    """Cut a name or value to what fits into a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST else f"{line[: _MOST - 1]}…"


def _named(one: Ranked) -> str:
    name = _ONLY_SAYS.get(one.kind, "{}").format(short(one.key))
    if one.measure == "rank":
        return f"{one.better} {name}"
    if one.better is None and one.worse is None:
        return name
    ends = [short(value) if value is not None else "absent" for value in (one.worse, one.better)]
    return f"{short(one.key)} {ends[0]} → {ends[1]}"


def _together(keys: Sequence[str]) -> str:
    named = short(keys[0])
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    changed = "change" if len(keys) > 1 else "changes"
    return f"It cannot be told from {named}{more}, which {changed} with it."
