"""Reading the log of a job: all of it, its end, or as it grows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside._client import segment
from trackside._errors import ServerUnavailable
from trackside._text import size_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackside._client import Client

LONG_POLL = 20
MAX_BYTES = 32 * 1024 * 1024

_CHUNK = 1024 * 1024
_RETRY_AFTER = 1.0
# Where to begin to look for the last lines.
_LINE_BYTES = 200


class LogText(str):
    """Text that a notebook shows as it is instead of quoted."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True)
class Log:
    """The log of a job.

    Parameters
    ----------
    client
        The server.
    job_id
        The job.
    rank
        Which of the job's nodes; None is the first.
    """

    client: Client
    job_id: str
    rank: int | None = None

    def part(self, **query: Any) -> Any:
        """Return the server's answer to the question for a piece."""
        path = f"jobs/{segment(self.job_id)}/logs"
        query["rank"] = self.rank or None
        return self.client.api("GET", path, query=query, timeout=LONG_POLL + 15)


def read(log: Log, *, tail: int | None = None) -> Iterator[str]:
    """Yield what a job has printed up to now.

    Parameters
    ----------
    log
        The log.
    tail
        Only the last so many lines. Of a log that is longer than `MAX_BYTES` only the end is read.
    """
    text, _ = _end(log, tail)
    yield text


def follow(log: Log, *, tail: int | None = None) -> Iterator[str]:
    """Yield what a job has printed, and then what it prints until it ends."""
    offset = 0
    if tail is not None:
        text, offset = _end(log, tail)
        yield text
    while True:
        try:
            answer = log.part(offset=offset, limit=_CHUNK, wait=LONG_POLL)
        except ServerUnavailable:
            time.sleep(_RETRY_AFTER)
            continue
        if answer["data"]:
            yield answer["data"]
        offset = answer["next_offset"]
        if answer["complete"] and offset >= answer["size"]:
            return


def _end(log: Log, tail: int | None) -> tuple[str, int]:
    """Return the last lines, or all that may be read at once, and where it ended."""
    size = log.part(offset=0, limit=1)["size"]
    span = MAX_BYTES if tail is None else max(_CHUNK // 16, tail * _LINE_BYTES)
    while True:
        start = max(0, size - min(span, MAX_BYTES))
        text, end = _between(log, start, size)
        if tail is None:
            if start:
                left = size_text(start)
                text = f"… the first {left} of this log are left out …\n{_whole_lines(text)}"
            return text, end
        if start:
            text = _whole_lines(text)
        # Not splitlines(): a progress bar's carriage returns begin no new lines.
        lines = text.removesuffix("\n").split("\n")
        if len(lines) >= tail or start == 0 or span >= MAX_BYTES:
            last = "\n".join(lines[-tail:]) if tail > 0 else ""
            return last + text[len(text.removesuffix("\n")) :] if last else "", end
        span *= 4


def _between(log: Log, start: int, end: int) -> tuple[str, int]:
    parts: list[str] = []
    offset = start
    while offset < end:
        answer = log.part(offset=offset, limit=min(_CHUNK, end - offset))
        parts.append(answer["data"])
        if answer["next_offset"] <= offset:
            break
        offset = answer["next_offset"]
    return "".join(parts), offset


def _whole_lines(text: str) -> str:
    """Return the text without its first line, of which only the end was read."""
    return text[text.find("\n") + 1 :]
