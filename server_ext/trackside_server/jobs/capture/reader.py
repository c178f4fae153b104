"""One job's log, read slice by slice into points and into what the job is doing.

Free of threads and of the store: whoever calls `read_slice` logs the points together with `state`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from trackside_server.jobs.capture.activity import Activity
from trackside_server.jobs.capture.lines import LogLines
from trackside_server.jobs.capture.progress import Progress
from trackside_server.jobs.capture.quotes import Quotes
from trackside_server.jobs.capture.recognise import MAX_VALUES, Recogniser
from trackside_server.jobs.capture.report import Report
from trackside_server.jobs.capture.steps import Steps
from trackside_server.jobs.capture.text import strip_ansi
from trackside_server.jobs.capture.times import LogTimes, now_ms
from trackside_server.jobs.capture.traces import Latest
from trackside_server.structs import replace
from trackside_server.tracking.entities import Metric

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping
    from pathlib import Path

MAX_BATCH = 1_000
_LAST_LINE = 500
_PARTIAL = 4_096
# So many lines are looked at together first.
_BLOCK = 16


class Source(Struct, frozen=True):
    """A job whose log is read.

    Attributes
    ----------
    job_id, run_id, experiment_id, name
        The job and its run.
    directory
        The job's folder, with ``output.log``, ``output.times`` and ``spool``.
    pattern
        The user's own pattern.
    params
        The params of the job.
    """

    job_id: str
    run_id: str
    experiment_id: str
    name: str
    directory: Path
    pattern: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


class JobReader:
    """Reads the log of one job.

    Parameters
    ----------
    source
        The job.
    pattern
        Its pattern, compiled.
    offset, state
        Where an earlier reader stopped, and what its `state` returned.
    """

    def __init__(
        self,
        source: Source,
        pattern: re.Pattern[str] | None = None,
        offset: int = 0,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        state = state or {}
        self._log = source.directory / "output.log"
        self._lines = LogLines(self._log, offset, skipping=state.get("skipping", False))
        self._times = LogTimes(source.directory / "output.times", state.get("times", 0))
        self._recogniser = Recogniser(pattern)
        self._quotes = Quotes(inside=state.get("quoted", False))
        self._steps = Steps(state.get("steps"))
        self._progress = Progress(source.params, state.get("progress"))
        self._report = Report(source.pattern, state.get("report"))
        self.latest = Latest(state.get("latest"))
        # The text of the last line, and its end; what is shown of it is worked out when asked for.
        self._last: tuple[str, int] | None = state.get("last")
        self._size = offset

    @property
    def offset(self) -> int:
        """How far the log was read."""
        return self._lines.offset

    def grown(self) -> bool:
        """Tell whether the log has another size than when it was looked at last."""
        size = self._lines.size()
        if size < self._lines.offset:
            # Somebody emptied the log: what is in it now is new.
            self._lines = LogLines(self._log)
        grown = size != self._size
        self._size = size
        return grown

    def read_slice(self, room: int = MAX_BATCH, seconds: float = 0.02) -> tuple[list[Metric], bool]:
        """Read on until there is nothing more, the batch is full or the time is over.

        Returns
        -------
        points, more
            What was recognised, and whether the log goes on.
        """
        deadline = time.monotonic() + seconds
        self._times.refresh(self._modified())
        points: list[Metric] = []
        while True:
            before = self._lines.offset
            for number, line in enumerate(self._lines.read(), start=1):
                self._take(line.text, line.end, points)
                if len(points) + MAX_VALUES > room:
                    return points, True
                # To ask for the time costs as much as half of the lines.
                if number % _BLOCK == 0 and not self._pass_over(deadline):
                    return points, True
            if self._lines.offset == before:
                break
            if time.monotonic() > deadline:
                return points, True
        self._look_ahead()
        return points, False

    def finish(self) -> list[Metric]:
        """Read the line without end that the log of an ended job may close with."""
        points: list[Metric] = []
        line = self._lines.finish()
        if line is not None:
            self._take(line.text, line.end, points)
        return points

    def close(self) -> None:
        """Let go of the files."""
        self._times.close()

    def state(self) -> dict[str, Any]:
        """Return what has to be kept with `offset`, as JSON."""
        return {
            "skipping": self._lines.skipping,
            "times": self._times.position,
            "steps": self._steps.state(),
            "progress": self._progress.state(),
            "report": self._report.state(),
            "latest": self.latest.state(),
            "quoted": self._quotes.inside,
            "last": self._last and (_shown(self._last[0]), self._last[1]),
        }

    def activity(self, revision: int) -> Activity:
        """Return what the job is doing."""
        line, moment = None, None
        if pending := _shown(self._lines.pending):
            line, moment = pending, self._modified()
        elif self._last is not None:
            line, moment = _shown(self._last[0]), self._times.at(self._last[1])
        return replace(
            Activity(**self.latest.summary()),
            revision=revision,
            progress=self._progress.summary(),
            last_line=line,
            last_line_at=moment,
            log_size=self._size,
            recognised=self._report.summary(
                gave_up=self._recogniser.gave_up, left_out=self._steps.left_out
            ),
        )

    def _pass_over(self, deadline: float) -> bool:
        """Leave out blocks of lines that say nothing; False when the time is over."""
        while time.monotonic() <= deadline:
            raw = self._lines.ahead(_BLOCK)
            block = b"\n".join(raw).decode("utf-8", "replace")
            if not raw or self._quotes.may_hold(block) or self._recogniser.may_read(block):
                return True
            self._lines.pass_over(raw)
            end = self._lines.offset - sum(map(len, raw)) - len(raw)
            count = 0
            for text, line in zip(block.split("\n"), raw, strict=True):
                end += len(line) + 1
                if text and not text.isspace():
                    count += 1
                    last = (text, end)
            self._report.pass_over(count)
            if count:
                self._last = (last[0][: 4 * _LAST_LINE], last[1])
        return False

    def _take(self, text: str, end: int, points: list[Metric]) -> None:
        if not text or text.isspace():
            return
        self._last = (text[: 4 * _LAST_LINE], end)
        reading = None if self._quotes.hold(text) else self._recogniser.read(text)
        self._report.count(text, reading)
        if reading is None:
            return
        self._progress.see(reading.at)
        steps = self._steps.place(reading)
        if not steps:
            return
        moment = self._times.at(end)
        for key, step in steps.items():
            value = reading.metrics[key]
            # Keras prints the last line of an epoch twice.
            if reading.at.bar is not None and self.latest.is_last(key, value, step):
                continue
            points.append(Metric(key, value, moment, step))
            self.latest.add(key, value, step, moment)

    def _look_ahead(self) -> None:
        """Follow a bar that is being drawn: its line ends only when it is drawn again."""
        pending = self._lines.pending
        if pending and len(pending) <= _PARTIAL:
            reading = self._recogniser.read(pending)
            if reading is not None and reading.at.bar is not None:
                self._progress.see(reading.at)

    def _modified(self) -> int:
        try:
            return self._log.stat().st_mtime_ns // 1_000_000
        except OSError:
            return now_ms()


def _shown(text: str) -> str:
    return strip_ansi(text[: 4 * _LAST_LINE]).strip()[:_LAST_LINE]
