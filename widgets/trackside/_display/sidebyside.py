"""What a comparison shows where nothing is live: the rows that differ, and what goes with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside._display import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ROWS = 40
_RANKED = 5
_BEST = "★"
_TABLES = ("metrics", "params", "tags", "datasets", "packages")


def headers(names: Sequence[str]) -> list[str]:
    """Name the columns."""
    return ["", *(words.clean(name, 40) for name in names)]


def rows(data: Mapping[str, Any]) -> list[list[str]]:
    """Give the rows that differ, at most so many that an output stays readable."""
    return [[words.clean(row["key"], 60), *_values(row)] for _, row in _differing(data)][:_ROWS]


def rest(data: Mapping[str, Any]) -> str:
    """Say what is left out."""
    left = sum(1 for _ in _differing(data)) - _ROWS
    return f"… and {left} more that differ" if left > 0 else ""


def ranking(data: Mapping[str, Any]) -> list[str]:
    """Say what goes with the better result, where it is more than the sentence says."""
    found = [one for one in data["ranking"] if one["strength"] != "none"]
    return [words.clean(one["text"]) for one in found[:_RANKED]] if len(found) > 1 else []


def _differing(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for table in _TABLES:
        for row in data[table]:
            if row["differs"]:
                yield table, row


def _values(row: Mapping[str, Any]) -> list[str]:
    # Only metrics are numbers; texts that look like some stay as they were logged.
    texts = [
        "-" if value is None else words.number(value) if "goal" in row else words.clean(value, 40)
        for value in row["values"]
    ]
    best = row.get("best")
    if best is not None:
        texts[best] = f"{texts[best]} {_BEST}"
    return texts
