"""Which run is logged to: the one that was started last, or the one of the job."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Literal

from trackside._errors import TracksideError
from trackside._logging import origin
from trackside._logging.checks import name as checked_name
from trackside._logging.creation import START_TAG, Created, create_run
from trackside._logging.lane import is_relayed
from trackside._logging.pipeline import pipeline
from trackside._logging.say import say_once
from trackside._process import CLIENT_TAG, client_tag

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

Status = Literal["FINISHED", "FAILED", "KILLED"]

FLUSH_SECONDS = 5.0
_START_SECONDS = 5.0
_NEW = "new:"

_active: list[ActiveRun] = []
_lock = threading.Lock()


class ActiveRun:
    """A run that is being logged to; made by `start_run`.

    As a context manager it ends with the block: ``FINISHED``, or ``FAILED`` when an exception
    leaves it.
    """

    def __init__(self, key: str, created: Created | None, *, owned: bool) -> None:
        self._key = key
        self._created = created
        self._owned = owned
        self._pid = os.getpid()
        self._ended = False
        self.entered = False

    @property
    def key(self) -> str:
        """What records name the run by."""
        return self.run_id or self._key

    @property
    def run_id(self) -> str | None:
        """The id of the run; None until a server that was away at the start has made it."""
        if self._created is None:
            self._created = pipeline().sender.made(self._key)
        if self._created is not None:
            return self._created.run_id
        return None if self._key.startswith(_NEW) else self._key

    @property
    def experiment_id(self) -> str | None:
        """The id of its experiment, when that is known."""
        known = self.run_id is not None and self._created is not None
        return self._created.experiment_id if known and self._created else None

    @property
    def name(self) -> str | None:
        """The name of the run, when that is known."""
        known = self.run_id is not None and self._created is not None
        return self._created.name if known and self._created else None

    def end(self, status: Status = "FINISHED") -> None:
        """End the run, and wait a moment until all that was logged has arrived.

        Parameters
        ----------
        status
            ``FINISHED``, ``FAILED`` or ``KILLED``.
        """
        with _lock:
            if self in _active:
                _active.remove(self)
            # A forked child goes on logging to its parent's run and does not end it.
            if self._ended or self._pid != os.getpid():
                return
            self._ended = True
        if self._owned:
            end = {"status": status, "end_time": _now()}
            pipeline().put(self.key, "e", end)
        pipeline().flush(FLUSH_SECONDS)

    def __enter__(self) -> ActiveRun:  # noqa: PYI034 - typing.Self needs Python 3.11
        self.entered = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.end("FINISHED")
        else:
            self.end("KILLED" if issubclass(kind, KeyboardInterrupt) else "FAILED")

    def __repr__(self) -> str:
        return f"<run {self.name or self.run_id or 'not made yet'}>"


def start_run(
    experiment: str | None = None,
    name: str | None = None,
    *,
    run_id: str | None = None,
    nested: bool = False,
    tags: Mapping[str, object] | None = None,
) -> ActiveRun:
    """Start a run to log to, in a ``with`` block or until `end_run`.

    Inside a job the first one is the job's own run, so that the same code logs to one place
    wherever it runs. When the server is away the run is made as soon as it returns.

    Parameters
    ----------
    experiment
        The name of the experiment; the notebook's or script's name by default.
    name
        The name of the run; the server chooses one by default.
    run_id
        Go on with this run instead of making one.
    nested
        Whether the run belongs below the active one. Inside the ``with`` block of another run it
        does anyway.
    tags
        Tags of the run.
    """
    with _lock:
        outer = _active[-1] if _active else None
    own = _job_run()
    if outer is not None and not (nested or outer.entered):
        # The cell was executed again: what its last execution started is over.
        outer.end()
        outer = None
    if run_id is not None:
        run = ActiveRun(run_id, None, owned=True)
    elif own is not None and outer is None and not nested:
        run = ActiveRun(own, None, owned=False)
    else:
        parent = outer.key if outer is not None else own
        run = _start(experiment, name, dict(tags or {}), parent)
        tags = None
    pipeline().on_close(_end_all)
    with _lock:
        _active.append(run)
    if tags:
        set_tags_of(run.key, tags)
    return run


def end_run(status: Status = "FINISHED") -> None:
    """End the run that was started last; nothing happens when there is none.

    Parameters
    ----------
    status
        ``FINISHED``, ``FAILED`` or ``KILLED``.
    """
    with _lock:
        run = _active[-1] if _active else None
    if run is not None:
        run.end(status)


def current() -> str | None:
    """Return what records name the current run by; None, said once, when there is none."""
    if _active:
        return _active[-1].key
    own = _job_run()
    if own is None:
        say_once(
            "no run",
            "Nothing is logged: no run is active. Put it into `with trackside.start_run():`, "
            "or run it as a job.",
        )
    return own


def set_tags_of(run: str, tags: Mapping[str, object]) -> None:
    """Log tags to a run."""
    pipeline().put(run, "t", {checked_name(key): str(value) for key, value in tags.items()})


_found_job_run: str | None = None


def _job_run() -> str | None:
    """Return the run that this process was started for."""
    global _found_job_run
    if _found_job_run is None:
        # Remembered, because mlflow.start_run() takes its variable away.
        found = os.environ.get("TRACKSIDE_RUN_ID") or os.environ.get("MLFLOW_RUN_ID")
        _found_job_run = found or None
    return _found_job_run


def _start(
    experiment: str | None, name: str | None, tags: dict[str, object], parent: str | None
) -> ActiveRun:
    source = origin.origin()
    start_id = os.urandom(16).hex()
    wanted: dict[str, Any] = {
        "experiment": experiment or origin.default_experiment(source),
        "run_name": name,
        "start_time": _now(),
        "tags": {
            START_TAG: start_id,
            CLIENT_TAG: client_tag(source),
            **{checked_name(key): str(value) for key, value in tags.items()},
        },
    }
    if parent is not None:
        wanted["tags"]["mlflow.parentRunId"] = parent
    own_experiment = os.environ.get("MLFLOW_EXPERIMENT_ID") if _job_run() else None
    if own_experiment:
        wanted["experiment_id"] = own_experiment
    made = None if is_relayed() else _make(wanted)
    run = ActiveRun(made.run_id if made is not None else _NEW + start_id, made, owned=True)
    if made is None:
        pipeline().put(run.key, "c", wanted)
    facts: dict[str, Any] = {"source": source}
    if not own_experiment:
        facts["environment"] = origin.environment()
    pipeline().put(run.key, "v", facts)
    return run


def _make(wanted: Mapping[str, Any]) -> Created | None:
    """Make a run; None, said once, when the server cannot now."""
    try:
        from trackside._client import get_client

        return create_run(get_client(), wanted, timeout=_START_SECONDS, again=False)
    except (TracksideError, OSError) as error:
        if isinstance(error, TracksideError) and error.status is not None and not error.transient:
            say_once("start", f"The run could not be started yet. {error}")
        else:
            say_once("away", f"{error} What is logged waits on the disk and is sent later.")
        return None


def _end_all() -> None:
    """End what the program left open; an exception that ended it made its runs fail."""
    interactive = hasattr(sys, "ps1") or "ipykernel" in sys.modules
    failed = getattr(sys, "last_value", None) is not None and not interactive
    while _active:
        run = _active[-1]
        run.end("FAILED" if failed else "FINISHED")
        if run in _active:
            _active.remove(run)


def _now() -> int:
    return time.time_ns() // 1_000_000
