"""The words and signs of a job or a run, safe to print."""

from __future__ import annotations

import time
import unicodedata
from typing import TYPE_CHECKING, Any

from trackside._progress import elapsed, progress_text
from trackside._text import duration_text, number_text

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNS = {
    "QUEUED": "◌",
    "PENDING": "◌",
    "SCHEDULED": "◌",
    "STARTING": "◔",
    "RUNNING": "◐",
    "SUCCEEDED": "✓",
    "FINISHED": "✓",
    "FAILED": "✕",
    "CANCELED": "⊘",
    "KILLED": "⊘",
    "CANCELING": "⊘",
    "CACHED": "⤼",
    "SKIPPED": "⤼",
}
_LINE_BREAKS = str.maketrans("\r\n\t\v\f\x85\u2028\u2029", " " * 8)
_PLACES = {"local": "this machine", "cluster": "the cluster"}
_DAY = 86_400.0


def sign(state: str) -> str:
    """Return the sign of a state."""
    return SIGNS.get(state, "◌")


def clean(value: object, limit: int = 200) -> str:
    """Return a text on one line, without control characters, and not longer than a limit.

    Names and printed lines come from users and programs: an escape sequence or a reversal of the
    writing direction in them must not change what stands around them.
    """
    text = str(value).translate(_LINE_BREAKS)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def ago(milliseconds: float, now: float | None = None) -> str:
    """Return how long ago something was: ``12 min ago``, ``yesterday``, then the date."""
    past = (time.time() if now is None else now) - milliseconds / 1000
    if past < 2:
        return "now"
    for limit, unit, word in ((60, 1, "s"), (3600, 60, "min"), (_DAY, 3600, "h")):
        if past < limit:
            return f"{int(past // unit)} {word} ago"
    if past < 2 * _DAY:
        return "yesterday"
    if past < 30 * _DAY:
        return f"{int(past // _DAY)} days ago"
    return time.strftime("%Y-%m-%d", time.localtime(milliseconds / 1000))


def facts(job: Mapping[str, Any]) -> str:
    """Return the facts beside a job's name: time, progress, place."""
    return " · ".join(part for part in (course(job), place(job)) if part)


def course(job: Mapping[str, Any]) -> str:
    """Return how long a job has run, and how far it is."""
    found = []
    spent = elapsed(job)
    if spent is not None:
        found.append(duration_text(spent))
    progress = job.get("progress")
    if progress and job["state"] == "RUNNING":
        found.append(clean(progress_text(progress)))
    if job.get("max_attempts", 1) > 1 and job.get("attempt", 1) > 1:
        found.append(f"attempt {job['attempt']} of {job['max_attempts']}")
    return " · ".join(found)


def place(job: Mapping[str, Any]) -> str:
    """Return where a job runs: ``this machine``, ``4 nodes of the cluster``."""
    found = []
    if job.get("gpus"):
        found.append("GPU " + ", ".join(str(index) for index in job["gpus"]))
    runner = job.get("runner")
    if runner:
        name = clean(_PLACES.get(runner, runner))
        nodes = (job.get("resources") or {}).get("nodes") or 1
        found.append(f"{nodes} nodes of {name}" if nodes > 1 else name)
    return " · ".join(found)


def reason(job: Mapping[str, Any]) -> str:
    """Return the sentence that says why a job is as it is, or nothing."""
    found = job.get("reason")
    if not found or job["state"] == "SUCCEEDED":
        return ""
    return clean(found.get("message") or "", 500)


def source(job: Mapping[str, Any]) -> str:
    """Return where a job's code comes from."""
    return clean((job.get("source") or {}).get("label") or "")


def metrics(job: Mapping[str, Any], limit: int = 8) -> list[tuple[str, str]]:
    """Return the latest metrics as names and numbers, the main one first."""
    latest = job.get("metrics") or {}
    main = job.get("main_metric")
    keys = sorted(latest, key=lambda key: key != main)
    return [(clean(key, 60), number(latest[key].get("value"))) for key in keys[:limit]]


def last_step(job: Mapping[str, Any]) -> str:
    """Return the last step of the main metric, or nothing."""
    point = (job.get("metrics") or {}).get(job.get("main_metric")) or {}
    step = point.get("step")
    return "" if step is None else f"step {step}"


def params(job: Mapping[str, Any], only: frozenset[str] | None = None) -> str:
    """Return params as ``lr=0.01 epochs=5``, or only some of them."""
    found = job.get("params") or {}
    keys = [key for key in found if only is None or key in only]
    return clean(" ".join(f"{clean(key, 40)}={clean(found[key], 60)}" for key in keys))


def differing(jobs: list[Mapping[str, Any]]) -> frozenset[str] | None:
    """Return the params in which jobs differ; None when there is nothing to compare."""
    if len(jobs) < 2:
        return None
    all_params = [job.get("params") or {} for job in jobs]
    keys = {key for found in all_params for key in found}
    missing = object()
    return frozenset(
        key for key in keys if len({repr(found.get(key, missing)) for found in all_params}) > 1
    )


def number(value: object) -> str:
    """Return a metric with as many digits as matter; what is no number as it is."""
    try:
        return number_text(float(value))  # type: ignore[arg-type]  # what float refuses is caught
    except (TypeError, ValueError):
        return clean(value, 40)
