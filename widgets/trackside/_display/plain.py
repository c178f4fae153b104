"""Jobs and runs as plain text, for consoles and the command line."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from trackside._display import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside._run import Run

_GAP = "  "


def job(data: Mapping[str, Any]) -> str:
    """Return a job in a few lines."""
    head = f"{words.sign(data['state'])} {data['state']}  {words.clean(data['name'])}"
    lines = [_GAP.join(part for part in (head, words.facts(data)) if part)]
    lines.append(words.reason(data))
    lines.append("   ".join(f"{name} {value}" for name, value in words.metrics(data)))
    if data.get("last_line"):
        lines.append(f"▸ {words.clean(data['last_line'])}")
    lines.append(words.source(data))
    return "\n  ".join(line for line in lines if line)


def ending(data: Mapping[str, Any]) -> str:
    """Return how a job ended, in one line."""
    head = f"{words.sign(data['state'])} {data['state']}  {words.clean(data['name'])}"
    return _GAP.join(part for part in (head, words.facts(data), words.reason(data)) if part)


def jobs(found: Sequence[Mapping[str, Any]]) -> str:
    """Return jobs as a table."""
    if not found:
        return "No jobs."
    differing = words.differing(list(found))
    rows = [
        (
            f"{words.sign(data['state'])} {data['state']}",
            words.clean(data["name"], 60),
            words.params(data, differing),
            "  ".join(" ".join(pair) for pair in words.metrics(data, 2)),
            words.course(data),
            words.place(data),
            words.reason(data),
        )
        for data in found
    ]
    return table(("STATE", "NAME", "PARAMS", "METRICS", "TIME", "WHERE", ""), rows)


def run(found: Run) -> str:
    """Return a run in a few lines."""
    lines = [
        f"{words.sign(found.status)} {found.status}  {words.clean(found.name)}  run {found.id}"
    ]
    for label, values in (("metrics", found.metrics), ("params", found.params)):
        if values:
            pairs = (f"{words.clean(k, 60)} {words.number(v)}" for k, v in values.items())
            lines.append(f"{label:<8} " + "   ".join(pairs))
    return "\n  ".join(lines)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under headers, aligned; columns that are empty in all rows are left out."""
    keep = [i for i in range(len(headers)) if any(row[i] for row in rows)]
    lines = [[headers[i] for i in keep], *([row[i] for i in keep] for row in rows)]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(keep))]
    return "\n".join(
        _GAP.join(
            text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
