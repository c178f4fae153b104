"""A job as an anywidget: its card with the end of its log, and two actions.

- `job` holds the server's summary of the job, `log_tail` the end of its log; both are renewed by
  the thread that follows the jobs of this kernel.
- The front end sends ``{"action": "cancel"}`` or ``{"action": "rerun"}``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from trackside._client import segment
from trackside._display.follow import follower
from trackside._errors import TracksideError
from trackside._job import Job
from trackside._submit import get_job

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATIC = Path(__file__).parent.parent / "static"
_BUILT = (_STATIC / "job.js").exists()
_TAIL = 8000


class JobWidget(anywidget.AnyWidget):
    """A job in a notebook whose front end has no Trackside extension.

    Parameters
    ----------
    job
        The job, its name or its id.
    """

    if _BUILT:
        _esm = _STATIC / "job.js"
        _css = _STATIC / "job.css"

    job_id = traitlets.Unicode(help="The id of the job.").tag(sync=True)
    job = traitlets.Dict(help="The server's summary of the job.").tag(sync=True)
    log_tail = traitlets.Unicode(help="The end of the job's log.").tag(sync=True)
    message = traitlets.Unicode(help="What became of the last action, if it failed.").tag(sync=True)

    def __init__(self, job: Job | str) -> None:
        if not _BUILT:
            raise TracksideError(
                "The front end of the widget is not built in this checkout.", "Run `jlpm build`."
            )
        self._source = job if isinstance(job, Job) else get_job(job)
        data = self._source.data
        super().__init__(job_id=data["job_id"], job=dict(data), log_tail=self._tail())
        self.on_msg(self._act)
        self._follow()

    def close(self) -> None:
        """Close the widget; the job goes on."""
        follower(self._source.client).forget(self._take)
        super().close()

    def _follow(self) -> None:
        follower(self._source.client).follow(self._source.data, self._take)

    def _take(self, data: Mapping[str, Any]) -> None:
        if data["job_id"] != self.job_id:
            return
        tail = self._tail()
        with self.hold_sync():
            self.job, self.log_tail = dict(data), tail

    def _tail(self) -> str:
        try:
            found = self._source.client.api(
                "GET", f"jobs/{segment(self._source.id)}/logs", query={"tail": _TAIL}
            )
        except TracksideError:
            return self.log_tail if self.trait_has_value("log_tail") else ""
        return str(found["data"])

    def _act(self, _widget: object, content: object, _buffers: object) -> None:
        action = content.get("action") if isinstance(content, dict) else None
        try:
            if action == "cancel":
                # By the follower, which knows whether the end has come in between.
                follower(self._source.client).tell(self._source.cancel().data)
                self.message = ""
            elif action == "rerun":
                self._show(self._source.rerun())
        except TracksideError as error:
            self.message = str(error)

    def _show(self, job: Job) -> None:
        follower(self._source.client).forget(self._take)
        self._source = job
        with self.hold_sync():
            self.job_id, self.job = job.id, dict(job.data)
            self.log_tail = self.message = ""
        self._follow()
