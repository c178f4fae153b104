"""What the magics do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class

from trackside import _display, _frames
from trackside._arguments import (
    CANCEL,
    COMPARE,
    EXPERIMENTS,
    JOB_OPTIONS,
    JOBS,
    LOGS,
    MODELS,
    RUNS,
    TRAIN,
)
from trackside._comparison import compare
from trackside._display import plain, words
from trackside._experiment import experiments
from trackside._job import ENDED
from trackside._magics import answers
from trackside._magics.parsing import Refused, Stopped, parse, told, with_options
from trackside._model import model, models
from trackside._option import given
from trackside._submit import get_job, submit_cell
from trackside._text import size_text

if TYPE_CHECKING:
    from trackside._job import Job

_LINES = 1000


@magics_class
class TracksideMagics(Magics):
    """The magics of Trackside."""

    @line_cell_magic
    @told
    @with_options(TRAIN)
    def train(self, line: str, cell: str | None = None) -> None:
        """Run this cell as a job, and return at once.

        The names, modules and files that the cell uses travel with it; params are variables of the
        cell. The job outlives this kernel. Its output is live, and ``_`` is the job.
        """
        found = parse(self.train, TRAIN, line)
        if found is None:
            return
        if cell is None:
            raise UsageError(
                "%%train stands in the first line of the cell that it runs, with two percent signs."
            )
        if not cell.strip():
            raise UsageError("There is no code below %%train to run.")
        options = given(JOB_OPTIONS, found)
        job = submit_cell(cell, namespace=self._session.user_ns, first_line=2, **options)
        if found.variable:
            self._session.push({found.variable: job})
        self._remember(job)
        _display.show_job(job)
        if found.wait:
            _wait(job)

    @line_magic
    @told
    @with_options(RUNS)
    def runs(self, line: str) -> Any:
        """List runs with their metrics and params, the newest first."""
        found = parse(self.runs, RUNS, line)
        return None if found is None else answers.runs(**given(RUNS.options, found))

    @line_magic
    @told
    @with_options(EXPERIMENTS)
    def experiments(self, line: str) -> Any:
        """List experiments, the one that was used last first."""
        found = parse(self.experiments, EXPERIMENTS, line)
        return None if found is None else experiments(**given(EXPERIMENTS.options, found))

    @line_magic
    @told
    @with_options(MODELS)
    def models(self, line: str) -> Any:
        """List registered models; with a name, show the versions of that one."""
        found = parse(self.models, MODELS, line)
        if found is None:
            return None
        options = given(MODELS.options, found)
        name = options.pop("model", None)
        return models(**options) if name is None else model(name)

    @line_magic
    @told
    @with_options(COMPARE)
    def compare(self, line: str) -> Any:
        """Put two to twenty runs side by side; the answer is the comparison."""
        found = parse(self.compare, COMPARE, line)
        if found is None:
            return None
        options = given(COMPARE.options, found)
        return compare(options.pop("runs", ()), **options)

    @line_magic
    @told
    @with_options(JOBS)
    def jobs(self, line: str) -> None:
        """List jobs, the newest first. ``_`` is the list."""
        found = parse(self.jobs, JOBS, line)
        if found is None:
            return
        jobs = _frames.jobs(**given(JOBS.options, found))
        self._remember(jobs)
        _display.show_jobs(jobs)

    @line_magic
    @told
    @with_options(LOGS)
    def logs(self, line: str) -> None:
        """Show what a job printed."""
        found = parse(self.logs, LOGS, line)
        if found is None:
            return
        job = get_job(found.job) if found.job else _newest()
        lines = _LINES if found.tail is None else found.tail
        if found.follow:
            _follow(job, lines, found.rank)
        else:
            _print_log(job, lines, found.rank)

    @line_magic
    @told
    @with_options(CANCEL)
    def cancel(self, line: str) -> None:
        """Stop jobs: each gets a moment to end by itself, then it is killed."""
        found = parse(self.cancel, CANCEL, line)
        if found is None:
            return
        if not found.jobs:
            raise UsageError("Name the jobs to stop, as in %cancel digits-7. %jobs lists them.")
        for job in [get_job(name) for name in found.jobs]:
            print(stop(job))  # noqa: T201  (the answer of the magic)

    @property
    def _session(self) -> Any:
        return self.shell

    def _remember(self, value: object) -> None:
        """Make a value the result of the cell without showing it."""
        self._session.displayhook.update_user_ns(value)


def stop(job: Job) -> str:
    """Stop a job and say so."""
    if job.done:
        return f"{words.clean(job.name)} has ended already: {job.data['state']}."
    job.cancel()
    return f"Stopping {words.clean(job.name)}."


def _wait(job: Job) -> None:
    try:
        job.wait(progress=False)
    except KeyboardInterrupt:
        raise Stopped from None
    if job.data["state"] != "SUCCEEDED":
        raise Refused(f"{job.name} {job.data['state']}. {words.reason(job.data)}".strip())


def _newest() -> Job:
    jobs = _frames.jobs(max_results=1)
    if not jobs:
        raise Refused("There are no jobs yet.", "Begin a cell with %%train to run one.")
    return jobs[0]


def _print_log(job: Job, lines: int, rank: int | None) -> None:
    text = "".join(job.iter_logs(follow=False, tail=lines, rank=rank))
    # The job tells the size of the first log alone.
    size = 0 if rank else int(job.data.get("log_size") or 0)
    if len(text.encode()) < size:
        _write(f"── the end of {size_text(size)} ──\n")
    _write(text or f"{words.clean(job.name)} has printed nothing yet.\n")


def _follow(job: Job, lines: int, rank: int | None) -> None:
    last = "\n"
    try:
        for piece in job.iter_logs(follow=True, tail=lines, rank=rank):
            _write(piece)
            last = piece or last
        job.refresh()
    except KeyboardInterrupt:
        raise Stopped(f"{words.clean(job.name)} goes on.") from None
    if not last.endswith("\n"):
        _write("\n")
    if job.data["state"] in ENDED:
        _write(plain.ending(job.data) + "\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
