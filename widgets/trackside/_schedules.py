"""What recurs: notebooks and scripts as jobs, and pipelines."""

from __future__ import annotations

import time
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside import _context, _tables
from trackside._client import get_client, segment
from trackside._cron import five_fields, six_fields
from trackside._display import words
from trackside._errors import TracksideError
from trackside._options import body_of, options_of
from trackside._submit import get_job, post_once, script_or_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trackside._client import Client
    from trackside._job import Job
    from trackside._pipelines.running import PipelineRun

_PAGE = 200
# As long as the server may take to find what a cluster has started.
_FOUND = 60.0
_LOOK = 1.0
_NO_SUCH_JOB = 404


class Schedule:
    """A notebook, a script or a pipeline that the Jupyter server runs again and again.

    It is as it was when it was asked for; `refresh` asks again.

    Attributes
    ----------
    id, name
        Both find it.
    kind
        ``"job"`` for a notebook or script, or ``"pipeline"``.
    """

    def __init__(self, data: Mapping[str, Any], client: Client) -> None:
        self._client = client
        self._take(data)

    def _take(self, data: Mapping[str, Any]) -> None:
        self.data = dict(data)
        self.id = str(data["recurring_run_id"])
        self.name = str(data.get("display_name") or self.id)
        self.kind = str(data["kind"])

    @property
    def path(self) -> str | None:
        """The notebook or script, None for a pipeline."""
        return (self.data.get("job") or {}).get("path")

    @property
    def when(self) -> str:
        """When it is due: five fields of cron, or an interval in seconds."""
        trigger = self.data.get("trigger") or {}
        cron = trigger.get("cron_schedule")
        if cron:
            return five_fields(str(cron.get("cron", "")))
        return f"every {(trigger.get('periodic_schedule') or {}).get('interval_second')} s"

    @property
    def enabled(self) -> bool:
        """Whether it recurs at present."""
        return self.data.get("status") == "ENABLED"

    @property
    def next_due(self) -> datetime | None:
        """When the next run is due, None while none is awaited."""
        return _moment(self._told.get("next_due_at"))

    @property
    def missed(self) -> int:
        """How many runs were missed, of those that the server still tells."""
        return int(self._told.get("missed") or 0)

    @property
    def problem(self) -> str | None:
        """What is wrong with it, and what to do, before a run is due; None where nothing is known.

        The file is gone, or its Python, or the version of the pipeline.
        """
        return self.data.get("problem")

    @property
    def last_run(self) -> dict[str, Any] | None:
        """What was started last, as it was when the server was asked; None where nothing was.

        It has ``kind`` (``"job"`` or ``"pipeline_run"``), ``id``, ``state``, ``started_at`` and
        ``ended_at``.
        """
        return self.data.get("last_run")

    @property
    def moments(self) -> list[dict[str, Any]]:
        """What became of the last runs that were due, the newest first.

        Each has ``due_at``, ``outcome`` (``STARTING``, ``STARTED``, ``MISSED`` or ``FAILED``), a
        ``message`` that says why where none was started, and ``job_id`` or ``run_id``.
        """
        self.refresh()
        return list(self._told.get("moments") or ())

    def refresh(self) -> Schedule:
        """Ask the server how it is now."""
        self._take(self._call("GET"))
        return self

    def enable(self) -> Schedule:
        """Let it recur; what was due meanwhile is made up for, or told as missed."""
        self._take(self._call("POST", "/enable"))
        return self

    def disable(self) -> Schedule:
        """Let it recur no more until it is enabled; what runs goes on."""
        self._take(self._call("POST", "/disable"))
        return self

    @property
    def cronjob(self) -> str | None:
        """The name of the CronJob of the cluster that starts it; None for the Jupyter server."""
        return (self.data.get("kept_by") or {}).get("cronjob")

    def hand_over(self) -> Schedule:
        """Let the cluster start it, also while the Jupyter server is off.

        For a notebook or script that runs on the cluster. The file goes along as it is now: after a
        change of it this is called again.
        """
        self._take(self._call("PUT", "/cronjob"))
        return self

    def take_back(self, *, leave: bool = False) -> Schedule:
        """Let the Jupyter server start it again; what runs goes on.

        Parameters
        ----------
        leave
            Whether the cluster is not asked, because it is gone for good. A CronJob that is still
            there goes on.
        """
        path = f"recurring/{segment(self.id)}/cronjob"
        self._take(self._client.api("DELETE", path, query={"leave": "true"} if leave else None))
        return self

    def run_now(self) -> Job | PipelineRun:
        """Run it now, beside its schedule, and return at once.

        Returns
        -------
        Job or PipelineRun
            What was started.

        Raises
        ------
        TracksideError
            When a cluster has started it and the server has not found it there within a minute.
        """
        started = self._call("POST", "/run")
        if "job_id" in started:
            return _shown(started["job_id"], time.monotonic() + _FOUND)
        from trackside._pipelines.running import get_pipeline_run

        return get_pipeline_run(started["run_id"])

    def replace(self, body: Mapping[str, Any]) -> Schedule:
        """Put something else in its place; what became of its moments stays.

        Parameters
        ----------
        body
            As ``PUT /api/v1/recurring/{id}`` takes it.
        """
        self._take(self._call("PUT", body=body))
        return self

    def delete(self) -> None:
        """Let it recur no more, and forget it; its runs stay."""
        self._call("DELETE")

    def __repr__(self) -> str:
        due = self.next_due
        told = [
            words.clean(self.name),
            words.clean(self.path or self.kind),
            words.clean(self.when),
            f"next {due.astimezone():%a %d %b %H:%M}" if due else "",
            "" if self.enabled else "disabled",
            f"CronJob {self.cronjob}" if self.cronjob else "",
            f"{self.missed} missed" if self.missed else "",
            words.clean(self.problem or ""),
        ]
        return " · ".join(part for part in told if part)

    @property
    def _told(self) -> Mapping[str, Any]:
        return self.data.get("trackside") or {}

    def _call(
        self, method: str, verb: str = "", body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        path = f"recurring/{segment(self.id)}{verb}"
        return dict(self._client.api(method, path, {} if method == "POST" else body))


class ScheduleList(list[Schedule]):
    """All that recurs, as it was when it was asked for."""

    def __repr__(self) -> str:
        return "\n".join([repr(_tables.Table(rows(self))), *self._problems()])

    def _repr_html_(self) -> str:
        told = [f"<div>{escape(problem)}</div>" for problem in self._problems()]
        return "".join([_tables.Table(rows(self))._repr_html_(), *told])

    def _problems(self) -> list[str]:
        """Return a sentence about each with which something is wrong: too long for a column."""
        return [words.clean(f"{one.name}: {one.problem}") for one in self if one.problem]


def schedule(
    path: str | Path,
    cron: str,
    *,
    name: str | None = None,
    description: str = "",
    max_concurrency: int = 1,
    catch_up: bool = False,
    files: Sequence[str | Path] = (),
    params: Mapping[str, Any] | None = None,
    experiment: str | None = None,
    cpus: float | None = None,
    memory: str | int | None = None,
    gpus: int | str | None = None,
    nodes: int | None = None,
    time_limit: str | float | None = None,
    retries: int | None = None,
    env: Mapping[str, str | None] | Iterable[str] | None = None,
    metric_pattern: str | None = None,
    arguments: Sequence[str] | None = None,
    tags: Mapping[str, str] | None = None,
    on: str | None = None,
    image: str | None = None,
    queue: str | None = None,
    runtime: str | None = None,
    install: bool | None = None,
    python: str | None = None,
) -> Schedule:
    """Let the Jupyter server run a notebook or script as a job, again and again.

    The file is read on the server when a run is due, as it is then. Runs are started while the
    Jupyter server runs; what it missed is told.

    Parameters
    ----------
    path
        The notebook (``.ipynb``) or script (``.py``). It runs in its own folder.
    cron
        When: minute, hour, day, month and weekday, as in ``"0 6 * * *"``, in the server's time.
    name
        How it and its jobs are called. What recurs under this name with the same file is changed,
        and keeps what became of its moments. Default: as the file is, without what ends its name.
    description
        Words about it.
    max_concurrency
        How many of its runs may go on at once.
    catch_up
        Whether each run that was missed is made up for, one after the other. By default the last
        one is.
    files
        Further files, folders and patterns beside it that shall travel.
    params
        ``--name value`` of a script, values for the parameters cell of a notebook. In texts,
        ``[[ScheduledTime.2006-01-02]]`` stands for the day on which the run was due.
    experiment, cpus, memory, gpus, nodes, time_limit, retries, metric_pattern, arguments, tags
        As for `submit`.
    env
        As for `submit`, without secrets: these cannot be kept.
    on, image, queue, runtime, install, python
        As for `submit`.

    Returns
    -------
    Schedule
        To look at, to disable, or to run now.

    Raises
    ------
    TracksideError
        When the schedule is none, or the server refuses the job.
    """
    found = script_or_notebook(path)
    trigger = {"cron_schedule": {"cron": six_fields(cron)}}
    # The name is that of what recurs.
    job = body_of({**options_of(locals()), "name": None})
    client = get_client()
    job["kind"] = "notebook" if found.suffix == ".ipynb" else "script"
    job["path"] = str(found.absolute())
    if files:
        job["files"] = [str(Path.cwd() / Path(file).expanduser()) for file in files]
    if own := _context.python(client):
        job["source"] = {"python": own}
    body = {
        "name": name,
        "description": description,
        "trigger": trigger,
        "job": job,
        "max_concurrency": max_concurrency,
        "no_catchup": not catch_up,
    }
    known = known_as(name or found.stem, lambda one: _runs(one, job["path"], client))
    if known is not None:
        made = known.replace(body)
    else:
        made = Schedule(post_once(client, "recurring", body), client)
    for note in made.data.get("notes") or ():
        print(words.clean(note))  # noqa: T201
    return made


def schedules() -> ScheduleList:
    """Return all that recurs on the Jupyter server, the newest first.

    Returns
    -------
    ScheduleList
        A list of `Schedule`, notebooks, scripts and pipelines, that shows as a table.
    """
    client = get_client()
    found: list[Schedule] = []
    token = None
    while True:
        query = {"page_size": _PAGE, "page_token": token}
        page = client.api("GET", "recurring", query=query)
        found += [Schedule(one, client) for one in page["recurring"]]
        token = page["next_page_token"]
        if not token:
            return ScheduleList(found)


def chosen(action: str, names: Sequence[str], *, leave: bool = False) -> ScheduleList:
    """Return what recurs under some names or ids; without any, all of it, to be listed.

    Raises
    ------
    TracksideError
        When there is none of a name, or several, or none is named for something to be done with, or
        something else than to take back shall leave the cluster alone.
    """
    if leave and action != "take-back":
        raise TracksideError(f"--leave goes with take-back, not with {action}.", "Leave it out.")
    every = schedules()
    if not names:
        if action == "list":
            return every
        raise TracksideError(f"No schedule to {action} is named.", "List them to see their names.")
    return ScheduleList(_named(every, name) for name in names)


def carry_out(action: str, one: Schedule, *, leave: bool = False) -> str:
    """Do something with what recurs, and return words about it.

    Parameters
    ----------
    action, one
        What to do, and with which.
    leave
        Whether a cluster that it is taken back from is not asked.
    """
    if action == "run":
        return f"Started {words.clean(one.run_now().name)}."
    if action == "delete":
        one.delete()
        return f"Deleted {words.clean(one.name)}."
    changes: dict[str, Callable[[], Schedule]] = {
        "enable": one.enable,
        "disable": one.disable,
        "hand-over": one.hand_over,
        "take-back": lambda: one.take_back(leave=leave),
    }
    return repr(changes[action]())


def _shown(job_id: str, until: float) -> Job:
    """Return a job that was started, as soon as the server shows it."""
    while True:
        try:
            return get_job(job_id)
        except TracksideError as error:
            if error.status != _NO_SUCH_JOB:
                raise
            if time.monotonic() > until:
                raise TracksideError(
                    f"The cluster has started it as job {job_id}, which the Jupyter server has "
                    "not found there yet.",
                    f"Look for it in a while: trackside.get_job({job_id!r}).",
                ) from error
        time.sleep(_LOOK)


def _named(every: ScheduleList, name: str) -> Schedule:
    found = [one for one in every if one.id == name] or [one for one in every if one.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"{one.id} ({one.path or one.kind})" for one in found)
        raise TracksideError(f"{len(found)} schedules are named {name!r}.", f"Say its id: {ids}.")
    raise TracksideError(f"Nothing recurs under the name {name!r}.", "List what recurs first.")


def rows(some: Iterable[Schedule]) -> list[dict[str, Any]]:
    """Return what recurs as rows of a table."""
    return [
        {
            "name": one.name,
            "runs": one.path or one.kind,
            "when": one.when,
            "enabled": one.enabled,
            "next_due": one.next_due,
            "last_run": (one.last_run or {}).get("state"),
            "missed": one.missed,
            "id": one.id,
        }
        for one in some
    ]


def of_pipeline(recurring_id: str, client: Client) -> Schedule:
    """Return the schedule that a pipeline was given."""
    return Schedule(client.api("GET", f"recurring/{segment(recurring_id)}"), client)


def known_as(name: str, is_same: Callable[[Schedule], bool]) -> Schedule | None:
    """Return what recurs already under a name: a cell that runs again makes no second one."""
    return next((one for one in schedules() if one.name == name and is_same(one)), None)


def _runs(one: Schedule, path: str, client: Client) -> bool:
    # The server tells it from its own folder on, where it lies in that; only it knows that folder.
    return (
        one.path is not None and one.path == client.api("POST", "preview", {"path": path})["path"]
    )


def _moment(text: object) -> datetime | None:
    # Python 3.10 does not read the Z.
    return datetime.fromisoformat(str(text).replace("Z", "+00:00")) if text else None
