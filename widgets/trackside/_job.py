"""A job seen from the notebook: its state, its log, its result."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal, overload

from trackside import _job_logs, _progress
from trackside._client import get_client, segment
from trackside._errors import JobFailed, ServerUnavailable
from trackside._waiting import limit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trackside._client import Client
    from trackside._run import Run

ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELED"})

_PAUSE = 0.2


class Job:
    """A job on the server. Its properties are as of the last answer; `refresh` asks again.

    Parameters
    ----------
    data
        The server's JSON of the job.
    client
        The server. Default: the one that this process finds.
    """

    def __init__(self, data: Mapping[str, Any], client: Client | None = None) -> None:
        self.data = dict(data)
        self._client = client or get_client()

    @property
    def client(self) -> Client:
        """The server that the job is on."""
        return self._client

    @property
    def id(self) -> str:
        """The job's id."""
        return str(self.data["job_id"])

    @property
    def name(self) -> str:
        """The job's name, unique on its server."""
        return str(self.data["name"])

    @property
    def run_id(self) -> str:
        """The id of the run that the job logs to."""
        return str(self.data["run_id"])

    @property
    def state(self) -> str:
        """One of ``QUEUED STARTING RUNNING SUCCEEDED FAILED CANCELED``, asked of the server."""
        if not self.done:
            self.refresh()
        return str(self.data["state"])

    @property
    def done(self) -> bool:
        """Whether the job has ended, as of the last answer."""
        return self.data["state"] in ENDED

    @property
    def reason(self) -> str | None:
        """Why the job is as it is, in a sentence."""
        reason = self.data.get("reason")
        return reason["message"] if reason else None

    @property
    def params(self) -> dict[str, Any]:
        """The params that the job was given."""
        return dict(self.data.get("params") or {})

    @property
    def metrics(self) -> dict[str, float]:
        """The latest value of each metric that the job printed or logged."""
        if not self.done:
            self.refresh()
        latest = self.data.get("metrics") or {}
        return {key: float(point["value"]) for key, point in latest.items()}

    @property
    def run(self) -> Run:
        """The job's run with all its params, metrics and tags, read now."""
        from trackside._run import get_run

        return get_run(self._client, self.run_id)

    def refresh(self) -> Job:
        """Ask the server how the job stands, and return the job."""
        self.data = self._client.api("GET", f"jobs/{segment(self.id)}")
        return self

    def wait(self, timeout: float | None = None, *, progress: bool = True) -> Job:
        """Wait until the job has ended, or for so many seconds, and return the job.

        Interrupting it leaves the job running.

        Parameters
        ----------
        timeout
            Seconds to wait at most. Default: as long as it takes.
        progress
            Whether to draw a progress bar.

        Raises
        ------
        TracksideError
            When the timeout is no number.
        """
        limit = limit_of(timeout)
        deadline = None if limit is None else time.monotonic() + limit
        bar = _progress.Bar() if progress else None
        try:
            while not self.done:
                if bar:
                    bar.show(self.data)
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    break
                self._await_change(left, bar)
        except KeyboardInterrupt:
            if bar:
                bar.close()
            print(f"{self.name} goes on running. Stop it with job.cancel().")  # noqa: T201
            raise
        if bar:
            bar.show(self.data)
            bar.close()
        if self.done:
            # Outputs show the end before the next line runs, which may be the last of a notebook.
            from trackside._display import follow

            follow.tell(self._client, self.data)
        return self

    def result(self, timeout: float | None = None, *, progress: bool = True) -> Any:
        """Wait for the job and return what its function returned.

        Cells, scripts, notebooks and commands return None.

        Raises
        ------
        Exception
            What the job raised, when its type is known here, with the remote traceback as cause.
        JobFailed
            When the job ended in any other way without a result.
        TimeoutError
            When it is still running after so many seconds.
        """
        self.wait(timeout, progress=progress)
        if not self.done:
            raise TimeoutError(f"{self.name} has not ended after {timeout:g} s. It goes on.")
        from trackside._results import exception_of, fetch_result

        if self.data["state"] == "SUCCEEDED":
            return fetch_result(self._client, self.id)
        if "failure" not in self.data:
            self.refresh()
        raised, cause = exception_of(self.data)
        if isinstance(raised, JobFailed):
            raised.job = self
        raise raised from cause

    @overload
    def logs(
        self, *, follow: Literal[False] = False, tail: int | None = None, rank: int | None = None
    ) -> str: ...

    @overload
    def logs(
        self, *, follow: Literal[True], tail: int | None = None, rank: int | None = None
    ) -> None: ...

    def logs(
        self, *, follow: bool = False, tail: int | None = None, rank: int | None = None
    ) -> str | None:
        """Return what the job has printed, or print it as it comes.

        Parameters
        ----------
        follow
            Print until the job ends instead of returning the text.
        tail
            Only the last so many lines.
        rank
            Of a job on several nodes, the one whose log is meant, counted from 0. Default: 0.
        """
        pieces = self.iter_logs(follow=follow, tail=tail, rank=rank)
        if not follow:
            return _job_logs.LogText("".join(pieces))
        try:
            for piece in pieces:
                print(piece, end="", flush=True)  # noqa: T201
        except KeyboardInterrupt:
            print(f"\n{self.name} goes on running. Stop it with job.cancel().")  # noqa: T201
            raise
        return None

    def iter_logs(
        self, *, follow: bool = True, tail: int | None = None, rank: int | None = None
    ) -> Iterator[str]:
        """Yield what the job has printed in pieces, to its end when followed.

        Parameters
        ----------
        follow
            Go on until the job has ended.
        tail
            Begin with the last so many lines.
        rank
            As in `logs`.
        """
        read = _job_logs.follow if follow else _job_logs.read
        return read(_job_logs.Log(self._client, self.id, rank), tail=tail)

    def cancel(self) -> Job:
        """Stop the job: it gets a moment to end by itself, then it is killed."""
        self.data = self._client.api("POST", f"jobs/{segment(self.id)}/cancel", {}, repeatable=True)
        return self

    def rerun(self, **overrides: Any) -> Job:
        """Run the same bundle again as a new job.

        Parameters
        ----------
        **overrides
            Options of `trackside.submit` that shall differ: ``params={"lr": 0.1}``. Params that
            are not named stay as they were.
        """
        from trackside._options import body_of

        body = {"overrides": body_of(overrides)}
        answer = self._client.api("POST", f"jobs/{segment(self.id)}/rerun", body)
        return Job(answer, self._client)

    def __repr__(self) -> str:
        return f"<Job {_progress.line(self.data)}>"

    def _repr_mimebundle_(self, **_: object) -> Any:
        from trackside._display import job_mimebundle

        return job_mimebundle(self)

    def _await_change(self, left: float | None, bar: _progress.Bar | None) -> None:
        wait = _job_logs.LONG_POLL if left is None else max(0.0, min(_job_logs.LONG_POLL, left))
        query = {"wait": int(wait), "revision": self.data.get("revision", 0)}
        asked = time.monotonic()
        try:
            self.data = self._client.api(
                "GET", f"jobs/{segment(self.id)}", query=query, timeout=_job_logs.LONG_POLL + 15
            )
        except ServerUnavailable:
            # The job does not need the server to go on: neither does waiting for it.
            if bar:
                bar.say(f"{self.name}  the server does not answer; the job goes on")
            time.sleep(min(1.0, wait) if wait else 0)
            return
        if not self.done:
            # Each printed line moves the revision; a bar need not move faster than the eye.
            spent = time.monotonic() - asked
            time.sleep(max(0.0, min(_PAUSE - spent, wait)))
