"""Jobs and runs as plain text, for consoles and the command line."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from trackside._display import runlist, sidebyside, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside._display.runlist import RunList
    from trackside._model import Model, ModelVersion
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
    head = f"{words.sign(found.status)} {words.clean(found.status)}  {words.clean(found.name)}"
    lines = [f"{head}  run {words.clean(found.id)}"]
    for label, values in (("metrics", found.metrics), ("params", found.params)):
        if values:
            pairs = (f"{words.clean(k, 60)} {words.number(v)}" for k, v in values.items())
            lines.append(f"{label:<8} " + "   ".join(pairs))
    return "\n  ".join(lines)


def runs(found: RunList, title: str = "") -> str:
    """Return several runs as a table."""
    head = [title] if title else []
    if not found.runs:
        return "\n".join([*head, "No runs."])
    rows = [
        [f"{words.sign(run.status)} {words.clean(run.status)}", words.clean(run.name, 60), *texts]
        for run, texts in runlist.rows(found)
    ]
    first, second, *middle, spent, began = runlist.headers(found)
    headers = [first.upper(), second.upper(), *middle, spent.upper(), began.upper()]
    return "\n".join([*head, table(headers, rows), *filter(None, [runlist.rest(found)])])


def model(found: Model, versions: Sequence[ModelVersion], *, more: bool) -> str:
    """Return a registered model with its newest versions."""
    rows = [
        [
            words.clean(version.version, 20),
            ", ".join(words.clean(alias, 40) for alias in version.aliases),
            "" if version.stage == "None" else words.clean(version.stage, 40),
            "" if version.created is None else words.ago(version.created),
            words.clean(version.run_id or "", 40),
        ]
        for version in versions
    ]
    listed = table(("VERSION", "ALIASES", "STAGE", "REGISTERED", "RUN"), rows)
    lines = [f"model {words.clean(found.name)}  {words.clean(found.description)}".rstrip()]
    lines.append(listed if rows else "No versions.")
    return "\n".join([*lines, "… and more"] if more else lines)


def comparison(data: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return runs side by side: a sentence, what differs, and what goes with what."""
    rows = sidebyside.rows(data)
    lines = [
        words.clean(data["sentence"]),
        table(sidebyside.headers(names), rows) if rows else "",
        sidebyside.rest(data),
        *sidebyside.ranking(data),
        *(words.clean(note["text"]) for note in data["notes"]),
    ]
    return "\n".join(line for line in lines if line)


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
