"""One line that says how a job stands, and drawing it while waiting."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING, Any

from trackside._text import duration_text, number_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WIDTH = 10
_FULL, _EMPTY = "▓", "░"


def line(data: Mapping[str, Any]) -> str:
    """Return one line: name, state, time, progress, main metric or reason."""
    parts = [f"{data['name']} {data['state']}"]
    spent = elapsed(data)
    if spent is not None:
        parts[0] += f" {duration_text(spent)}"
    reason = data.get("reason")
    if reason and data["state"] != "SUCCEEDED":
        parts.append(str(reason["message"]))
    elif data.get("queue_position"):
        parts.append(f"place {data['queue_position']} in the queue")
    progress = data.get("progress")
    if progress and data["state"] == "RUNNING":
        parts.append(progress_text(progress))
    metric = _main_metric(data)
    if metric:
        parts.append(metric)
    return " · ".join(parts)


def elapsed(data: Mapping[str, Any]) -> float | None:
    """Return for how many seconds a job has run, None before it starts."""
    started = data.get("started_at")
    if started is None:
        return None
    ended = data.get("ended_at")
    return float((ended if ended is not None else time.time() * 1000) - started) / 1000


class Bar:
    """The line of a job, redrawn in place where that works, else printed when the state changes."""

    def __init__(self) -> None:
        self._out = sys.stdout
        self._live, self._width = _redraws(self._out)
        self._drawn = 0
        self._state: str | None = None

    def show(self, data: Mapping[str, Any]) -> None:
        """Draw how the job stands."""
        if self._live:
            self.say(line(data))
        elif data["state"] != self._state:
            self._state = data["state"]
            self._out.write(line(data) + "\n")
            self._out.flush()

    def say(self, text: str) -> None:
        """Draw another line in its place, where lines can be redrawn."""
        if not self._live:
            return
        if self._width:
            # A line that wraps cannot be drawn over.
            columns = self._width()
            text = text if len(text) < columns else text[: columns - 2] + "…"
        self._out.write("\r" + text.ljust(self._drawn))
        self._out.flush()
        self._drawn = len(text)

    def close(self) -> None:
        """Leave the last line as it is and go to the next."""
        if self._live and self._drawn:
            self._out.write("\n")
            self._out.flush()
            self._drawn = 0


def _redraws(out: Any) -> tuple[bool, Callable[[], int] | None]:
    """Return whether a line can be drawn over on a stream, and what tells how long it may be."""
    if type(out).__module__.startswith("ipykernel."):
        # A notebook's stream is no terminal, and yet a carriage return overwrites the line there.
        return True, None
    if not getattr(out, "isatty", lambda: False)():
        return False, None
    return True, lambda: shutil.get_terminal_size().columns


def progress_text(progress: Mapping[str, Any]) -> str:
    value, total, unit = progress.get("value"), progress.get("total"), progress.get("unit")
    text = f"{unit} " if unit else ""
    if value is not None:
        text += number_text(value)
    if total:
        text += f" of {number_text(total)}"
    fraction = progress.get("fraction")
    if fraction is not None:
        full = round(max(0.0, min(1.0, fraction)) * _WIDTH)
        text += f" {_FULL * full}{_EMPTY * (_WIDTH - full)}"
    return text.strip()


def _main_metric(data: Mapping[str, Any]) -> str | None:
    key = data.get("main_metric")
    point = (data.get("metrics") or {}).get(key) if key else None
    return f"{key} {number_text(float(point['value']))}" if point else None
