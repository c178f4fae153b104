"""What was recognised in a log, so that nothing fails silently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.jobs.capture.text import strip_ansi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.jobs.capture.recognise import Reading

MAX_NAMES = 50
_SAMPLE = 200
# A program may say a few things before it measures something.
_PATIENCE = 20


class Report:
    """Counts lines with metrics, and remembers their names and one of them.

    Parameters
    ----------
    pattern
        The user's pattern.
    state
        What `state` returned, to go on where an earlier process was.
    """

    def __init__(self, pattern: str | None, state: Mapping[str, Any] | None = None) -> None:
        state = state or {}
        self._pattern = pattern
        self._seen: int = state.get("seen", 0)
        self._lines: int = state.get("lines", 0)
        self._metrics: dict[str, None] = dict.fromkeys(state.get("metrics", []))
        self._sample: str | None = state.get("sample")

    def state(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {
            "seen": self._seen,
            "lines": self._lines,
            "metrics": list(self._metrics),
            "sample": self._sample,
        }

    def count(self, line: str, reading: Reading | None) -> None:
        """Take in one line and what was recognised in it."""
        self._seen += 1
        if reading is None or not reading.metrics:
            return
        self._lines += 1
        self._sample = strip_ansi(line[: 4 * _SAMPLE]).strip()[:_SAMPLE]
        for key in reading.metrics:
            if len(self._metrics) >= MAX_NAMES:
                break
            self._metrics[key] = None

    def pass_over(self, lines: int) -> None:
        """Take in lines in which there is nothing."""
        self._seen += lines

    def summary(
        self, *, gave_up: bool = False, left_out: str | None = None
    ) -> dict[str, Any] | None:
        """Return ``recognised`` of a job's summary; None while there is nothing to say.

        Parameters
        ----------
        gave_up
            Whether the pattern is not used any more.
        left_out
            The first metric that was one too many.
        """
        if not self._seen:
            return None
        return {
            "lines": self._lines,
            "metrics": list(self._metrics),
            "pattern": self._pattern,
            "sample": self._sample,
            "message": self._message(gave_up=gave_up, left_out=left_out),
        }

    def _message(self, *, gave_up: bool, left_out: str | None) -> str | None:
        if gave_up:
            return (
                "The metric pattern takes too long on lines of this log, so it is not used any "
                "more. Make it simpler and run the job again."
            )
        if left_out is not None:
            return (
                f"The output holds more metrics than are read from it: {left_out} and others are "
                "left out. Log them with trackside.log."
            )
        if self._lines or self._seen < _PATIENCE:
            return None
        if self._pattern is not None:
            return (
                f"The metric pattern matched none of {self._seen} lines. "
                "Compare it with a line of the log."
            )
        return (
            f"No metric was recognised in {self._seen} lines. "
            "Print pairs such as loss=0.12 step=3, or give a metric pattern."
        )
