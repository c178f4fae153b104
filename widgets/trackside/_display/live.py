"""Outputs that change: publishing them, and keeping what a notebook saves up to date."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from trackside._display import bundle, frontend
from trackside._display.follow import follower
from trackside._job import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trackside._client import Client

Summary = dict[str, Any]

# Each new picture marks the notebook as changed. Where the output draws itself, only what is saved
# depends on it.
_SELDOM = 30.0
_OFTEN = 2.0


class LiveOutput:
    """An output of a kernel that is drawn anew as its jobs go on.

    Parameters
    ----------
    jobs
        The summaries of the jobs.
    draw
        Makes the output's bundle from them.
    draws_itself
        Whether the front end keeps the output live without new pictures.
    """

    def __init__(
        self,
        jobs: Sequence[Mapping[str, Any]],
        draw: Callable[[list[Summary]], bundle.Bundle],
        *,
        draws_itself: bool,
    ) -> None:
        self._jobs: dict[str, Summary] = {job["job_id"]: dict(job) for job in jobs}
        self._draw = draw
        self._display_id = uuid.uuid4().hex
        # The publisher of this moment: a later cell may capture its own outputs.
        self._publisher = frontend.shell().display_pub
        self._pause = _SELDOM if draws_itself else _OFTEN
        self._drawn_at = 0.0

    def show(self, client: Client) -> None:
        """Publish the output, and its news while the kernel lives."""
        self._publish(update=False)
        if frontend.notebook() is None:
            return
        for job in list(self._jobs.values()):
            follower(client).follow(job, self._take)

    def _take(self, job: Mapping[str, Any]) -> None:
        before = self._jobs[job["job_id"]]
        self._jobs[job["job_id"]] = dict(job)
        moved = before["state"] != job["state"] or job["state"] in ENDED
        if moved or time.monotonic() - self._drawn_at >= self._pause:
            self._publish(update=True)

    def _publish(self, *, update: bool) -> None:
        self._drawn_at = time.monotonic()
        self._publisher.publish(
            self._draw(list(self._jobs.values())),
            {},
            transient={"display_id": self._display_id},
            update=update,
        )


def publish(data: bundle.Bundle) -> None:
    """Show an output that does not change: rich in a notebook, its text elsewhere."""
    shell = frontend.shell()
    if shell is None:
        print(data["text/plain"])  # noqa: T201  (showing is what was asked)
    else:
        shell.display_pub.publish(data, {})
