"""What is kept of runs that recur. Times are seconds since the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.reading import Documents

    from .schedule import Schedule

Outcome = Literal["STARTING", "STARTED", "MISSED", "FAILED"]
Kind = Literal["pipeline", "job"]


class Wish(Struct, frozen=True):
    """What somebody wants to recur, checked.

    Parameters
    ----------
    name, description
        What its author calls it.
    schedule
        When runs are due.
    experiment_id
        Where the runs of a pipeline are; the experiment of a job is chosen when it runs.
    pipeline_id, version_id
        The version that is run; without a version the newest; None where the pipeline came with the
        request.
    documents
        That pipeline.
    job
        In the place of a pipeline: the request for the job of a notebook or script, which is read
        when it is due. Its path is the whole one: the server that starts it may have another
        folder than the one that was asked.
    request
        Who wants it, and what else each run of a pipeline is asked for: ``runtime_config`` and the
        like.
    max_concurrency
        How many of its runs may be underway at once.
    no_catchup
        Whether of several moments that were missed only the last one is made up for.
    enabled
        Whether it recurs at present.
    notes
        What is worth knowing of what was asked for, in sentences; told to who asks, and not kept.
    """

    name: str
    description: str
    schedule: Schedule
    experiment_id: str = ""
    pipeline_id: str | None = None
    version_id: str | None = None
    documents: Documents | None = None
    job: Mapping[str, Any] | None = None
    request: Mapping[str, Any] = field(default_factory=dict)
    max_concurrency: int = 1
    no_catchup: bool = False
    enabled: bool = True
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """What recurs."""
        return "pipeline" if self.job is None else "job"


class Handed(Struct, frozen=True):
    """What was handed over to a cluster, which starts the jobs since.

    Parameters
    ----------
    cronjob, namespace, notes, server
        As `jobs.runners.base.Kept` has them.
    bundle
        The digest of the code that went along.
    at
        When.
    moment
        A moment of the schedule as the cluster has it, by which those of an interval are told.
    underway
        What was begun with it, until the cluster is known to have done it.
    resumed
        When it was turned on again last; None where it never was off.
    """

    cronjob: str
    namespace: str
    notes: tuple[str, ...]
    bundle: str
    at: float
    moment: float
    underway: Underway | None = None
    server: str = ""
    resumed: float | None = None

    @property
    def since(self) -> float:
        """From when on the cluster starts the jobs, while it is on."""
        return self.at if self.resumed is None else self.resumed


class Underway(Struct, frozen=True):
    """What is written down before a cluster is told: a killed server may leave it half done.

    Parameters
    ----------
    doing
        Whether the cluster is to start the jobs, or no longer, or whether it recurs at present.
    by
        The server that began with it.
    begun
        When.
    before
        What was handed over before; None for what this server started.
    awaited
        When it was due next on this server.
    """

    doing: Literal["keeping", "ending", "switching"]
    by: str
    begun: float
    before: Handed | None = None
    awaited: float | None = None


class RecurringRun(Wish, frozen=True, kw_only=True):
    """A run that recurs.

    Parameters
    ----------
    recurring_id
        Which one.
    created, updated
        When it was made, and changed last.
    since
        From when on what is due by its schedule counts: that may have been another one before.
    error
        Why the last run that was due could not be started.
    next_due
        When the next one is; None while none is awaited here.
    kept
        Where a cluster starts the jobs, and not this server.
    """

    recurring_id: str
    created: float
    updated: float
    since: float
    error: str | None = None
    next_due: float | None = None
    kept: Handed | None = None

    def following(self, now: float) -> float | None:
        """Give the next moment at which a run is due, whoever starts it; None while none is."""
        if self.kept is None or not self.enabled:
            return self.next_due
        return self.schedule.following(self.kept.moment, now)


class Tally(Struct, frozen=True):
    """How many notebooks and scripts recur, how many of them are on, and when the next is due."""

    total: int
    enabled: int
    next_due: float | None


class Started(Struct, frozen=True):
    """What was started: a pipeline run, or a job with its run in tracking."""

    run_id: str
    job_id: str | None = None


class Moment(Struct, frozen=True):
    """What became of a moment at which a run was due, or at which somebody started one."""

    due: float
    outcome: Outcome
    run_id: str | None
    message: str
    noted: float
    job_id: str | None = None
    by_hand: bool = False


class LastRun(Struct, frozen=True):
    """What was started last, as it is now.

    Parameters
    ----------
    kind
        Whether it is a job or a run of a pipeline.
    run_id
        Which one.
    state
        Its state; None where it was deleted.
    started, ended
        When it began and ended; None before that.
    """

    kind: Literal["job", "pipeline_run"]
    run_id: str
    state: str | None = None
    started: float | None = None
    ended: float | None = None


class History(Struct, frozen=True):
    """What became of all moments that are kept.

    Parameters
    ----------
    missed
        How many were missed.
    last
        The last one.
    last_run
        What was started last; None where nothing was.
    """

    missed: int
    last: Moment
    last_run: LastRun | None
