"""Jobs and runs as HTML that stands alone: what a saved notebook shows without Trackside.

No scripts, no style sheets, nothing fetched, and colours that read on light and on dark paper.
Everything that users or programs wrote is escaped.
"""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING, Any

from trackside._display import runlist, sidebyside, words
from trackside._display.curve import curve
from trackside._job import ENDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trackside._display.runlist import RunList
    from trackside._model import Model, ModelVersion
    from trackside._pipelines.running import PipelineRun
    from trackside._run import Run

# Middle tones: each has more than 3 : 1 on white and on black.
_TONES = {
    "STARTING": "#2f7fd1",
    "RUNNING": "#2f7fd1",
    "SUCCEEDED": "#2e8b57",
    "FINISHED": "#2e8b57",
    "FAILED": "#d64545",
}
_METRICS = 8
_QUIET = "opacity:.75"
_CARD = (
    "border:1px solid rgba(128,128,128,.4);border-radius:4px;padding:6px 10px;margin:2px 0;"
    "max-width:60em;overflow-x:auto;line-height:1.6"
)
_CELL = "text-align:left;padding:2px 12px 2px 0;vertical-align:middle;white-space:nowrap"


def job(data: Mapping[str, Any]) -> str:
    """Return a job as a card."""
    head = f"{_state(data['state'])} <b>{_text(data['name'])}</b>"
    facts = words.facts(data)
    if facts:
        head += f" {_quiet(facts)}"
    rows = [head]
    sentence = words.reason(data)
    if sentence:
        rows.append(escape(sentence))
    measured = [_measured(data, 8, 120, 28), _quiet(words.last_step(data))]
    if measured[0]:
        rows.append(" ".join(measured))
    if data.get("last_line"):
        rows.append(f"<code>{_text(data['last_line'])}</code>")
    foot = [words.source(data), words.params(data)]
    if data["state"] not in ENDED:
        foot.append(_as_of())
    rows.append(_quiet(" · ".join(part for part in foot if part)))
    return _card(f"Job {words.clean(data['name'])}, {words.clean(data['state'])}", rows)


def jobs(found: Sequence[Mapping[str, Any]]) -> str:
    """Return jobs as a compact table."""
    if not found:
        return _card("Jobs", ["No jobs."])
    differing = words.differing(list(found))
    rows = [
        (
            _state(data["state"]),
            f"<b>{_text(data['name'])}</b>",
            escape(words.params(data, differing)),
            _measured(data, 2, 60, 16),
            _quiet(words.course(data)),
            _quiet(words.place(data)),
            escape(words.reason(data)),
        )
        for data in found
    ]
    return table(("State", "Job", "Params", "Metrics", "Time", "Where", ""), rows)


def run(found: Run, curves: Mapping[str, Sequence[float]] | None = None) -> str:
    """Return a run as a card, with the small curves of some of its metrics."""
    spent, began = runlist.times(found)
    facts = " · ".join(part for part in (spent, began, f"run {words.clean(found.id, 40)}") if part)
    rows = [
        f"{_state(found.status)} <b>{_text(found.name)}</b> {_quiet(facts)}",
        " &nbsp; ".join(
            " ".join(filter(None, (_pairs([(words.clean(key, 60), words.number(value))]), drawn)))
            for key, value in list(found.metrics.items())[:_METRICS]
            for drawn in (curve((curves or {}).get(key, ()), words.clean(key, 60), 80, 20),)
        ),
        _quiet(
            " ".join(f"{words.clean(k, 40)}={words.clean(v, 60)}" for k, v in found.params.items())
        ),
    ]
    return _card(
        f"Run {words.clean(found.name)}, {words.clean(found.status)}", [row for row in rows if row]
    )


def runs(found: RunList, title: str = "") -> str:
    """Return several runs as a compact table, with a curve beside the first metric."""
    if not found.runs:
        return _card(title or "Runs", [f"<b>{escape(title)}</b>" if title else "", "No runs."])
    at = len(found.params)
    rows = []
    for run, texts in runlist.rows(found):
        cells = [escape(text) for text in texts]
        if found.metrics:
            label = words.clean(found.metrics[0], 60)
            drawn = curve(found.curves.get(run.id, ()), label, 60, 16)
            cells[at] = " ".join(part for part in (cells[at], drawn) if part)
        rows.append([_state(run.status), f"<b>{_text(run.name)}</b>", *cells])
    live = any(run.status == "RUNNING" for run in found.runs)
    parts = [
        f"<b>{escape(title)}</b>" if title else "",
        table(runlist.headers(found), rows),
        _quiet(" · ".join(p for p in (runlist.rest(found), _as_of() if live else "") if p)),
    ]
    return _card(title or "Runs", [part for part in parts if part])


def model(found: Model, versions: Sequence[ModelVersion], *, more: bool) -> str:
    """Return a registered model with its newest versions."""
    rows = [
        [
            f"<b>{_text(version.version)}</b>",
            escape(", ".join(words.clean(alias, 40) for alias in version.aliases)),
            "" if version.stage == "None" else _text(version.stage),
            _quiet("" if version.created is None else words.ago(version.created)),
            _quiet("" if version.run_id is None else words.clean(version.run_id, 40)),
            escape(words.clean(version.description, 80)),
        ]
        for version in versions
    ]
    headers = ("Version", "Aliases", "Stage", "Registered", "Run", "Description")
    parts = [
        f"<b>{_text(found.name)}</b> {_quiet(words.clean(found.description))}",
        table(headers, rows) if rows else "No versions.",
        _quiet("… and more") if more else "",
    ]
    return _card(f"Model {words.clean(found.name)}", [part for part in parts if part])


def comparison(data: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return runs side by side: a sentence, what differs, and what goes with what."""
    rows = [
        [_quiet(key), *(_best(text) for text in texts)] for key, *texts in sidebyside.rows(data)
    ]
    parts = [
        f"<b>{_text(data['sentence'])}</b>",
        table(sidebyside.headers(names), rows) if rows else "",
        _quiet(sidebyside.rest(data)),
        *(escape(text) for text in sidebyside.ranking(data)),
        *(_quiet(words.clean(note["text"])) for note in data["notes"]),
    ]
    return _card("Comparison", [part for part in parts if part])


def pipeline_run(found: PipelineRun, drawn: Sequence[tuple[str, str]]) -> str:
    """Return a pipeline run: how it stands, and the pictures of its layers."""
    error = words.clean(found.error, 500) if found.error else ""
    rows = [f"{_state(found.state)} <b>{_text(found.name)}</b>", escape(error)]
    for title, picture in drawn:
        rows += [_quiet(words.clean(title, 80)), picture]
    return _card(
        f"Pipeline run {words.clean(found.name)}, {words.clean(found.state)}",
        [row for row in rows if row],
    )


def line(text: str) -> str:
    """Return one line of text."""
    return f"<div>{escape(text)}</div>"


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of HTML under headers of text; columns that are empty are left out."""
    keep = [i for i in range(len(headers)) if any(row[i] for row in rows)]
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(headers[i])}</th>' for i in keep)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{row[i]}</td>' for i in keep) + "</tr>"
        for row in rows
    )
    style = "border-collapse:collapse;color:inherit;font:inherit"
    return f'<table style="{style}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _as_of() -> str:
    return time.strftime("as of %Y-%m-%d %H:%M:%S")


def _card(label: str, rows: Iterable[str]) -> str:
    lines = "".join(f"<div>{row}</div>" for row in rows)
    return f'<div role="group" aria-label="{escape(label)}" style="{_CARD}">{lines}</div>'


def _state(state: str) -> str:
    tone = _TONES.get(state)
    colour = f' style="color:{tone}"' if tone else ""
    return f'<span aria-hidden="true"{colour}>{words.sign(state)}</span> {_text(state)}'


def _measured(data: Mapping[str, Any], limit: int, width: int, height: int) -> str:
    found = words.metrics(data, limit)
    if not found:
        return ""
    # The curve is that of the main metric, which comes first.
    main = words.clean(data.get("main_metric") or "metric", 60)
    drawn = curve(data.get("sparkline") or [], main, width, height)
    return " ".join(part for part in (_pairs(found[:1]), drawn, _pairs(found[1:])) if part)


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return " &nbsp; ".join(f"{escape(name)} <b>{escape(value)}</b>" for name, value in pairs)


def _best(text: str) -> str:
    return f"<b>{escape(text)}</b>" if text.endswith("★") else escape(text)


def _quiet(text: str) -> str:
    return f'<span style="{_QUIET}">{escape(text)}</span>' if text else ""


def _text(value: object) -> str:
    return escape(words.clean(value))
