"""What the commands do. Each returns the exit status."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside import _frames, _tables
from trackside._arguments import COMMANDS, JOB_OPTIONS, RUN
from trackside._cli.answering import aside
from trackside._display import plain, words
from trackside._errors import TracksideError
from trackside._experiment import experiment_rows
from trackside._mlproject.submitting import run_project
from trackside._model import model, model_rows
from trackside._option import given
from trackside._submit import get_job, submit

if TYPE_CHECKING:
    from argparse import Namespace

    from trackside._job import Job


def run(found: Namespace, rest: list[str]) -> int:
    """Carry out a command.

    Parameters
    ----------
    found
        The parsed command line.
    rest
        What followed a bare ``--``: further arguments of a script, or a whole command.
    """
    if found.command == "submit":
        return _submit(found, rest)
    if found.command == "run":
        return _run_project(found)
    command = next(command for command in COMMANDS if command.name == found.command)
    options = given(command.options, found)
    as_json = options.pop("json", False)
    if found.command == "runs":
        return _runs(options, as_json=as_json)
    if found.command == "experiments":
        return _table(experiment_rows(**options), "No experiments.", as_json=as_json)
    if found.command == "models":
        return _models(options, as_json=as_json)
    if found.command == "compare":
        return _compare(options, as_json=as_json)
    if found.command == "jobs":
        return _jobs(options, as_json=as_json)
    if found.command == "logs":
        return _logs(found)
    if found.command == "cancel":
        return _cancel(found.jobs)
    return _apart(found.command, options, rest, as_json=as_json)


def _apart(command: str, options: dict[str, Any], rest: list[str], *, as_json: bool) -> int:
    """Carry out a command that has a module of its own."""
    if command in ("import", "export"):
        from trackside._cli import transfers

        carry_out = transfers.import_ if command == "import" else transfers.export
        return carry_out(options, as_json=as_json)
    if command in ("schedule", "schedules"):
        from trackside._cli import schedules

        if command == "schedule":
            return schedules.schedule({**options, "arguments": rest or None}, as_json=as_json)
        return schedules.schedules(options, as_json=as_json)
    from trackside._cli import trash

    carry_out = trash.delete if command == "delete" else trash.trash
    return carry_out(options, as_json=as_json)


def _submit(found: Namespace, rest: list[str]) -> int:
    options = given(JOB_OPTIONS, found)
    with aside(as_json=found.json):
        if found.path is None:
            job = submit(rest, **options)
        else:
            job = submit(Path(found.path), arguments=rest or None, **options)
    return _sent(job, found)


def _run_project(found: Namespace) -> int:
    options = given(RUN.options, found)
    for of_this_door in ("wait", "json"):
        options.pop(of_this_door, None)
    return _sent(run_project(options.pop("folder", "."), **options), found)


def _sent(job: Job, found: Namespace) -> int:
    """Tell what was sent, and follow it where that is asked for."""
    if not found.wait:
        if found.json:
            _print_json(job.data)
        else:
            _say(plain.ending(job.data))
            _note(f"Follow it with: trackside logs {words.clean(job.name)} -f")
        return 0
    _note(plain.ending(job.data))
    try:
        for piece in job.iter_logs(follow=True):
            # With --json, standard output is for the answer alone.
            (sys.stderr if found.json else sys.stdout).write(piece)
            sys.stdout.flush()
        job.wait(progress=False)
    except KeyboardInterrupt:
        _note(f"\n{job.name} goes on. Stop it with: trackside cancel {job.name}")
        raise
    job.refresh()
    if found.json:
        _print_json(job.data)
    _note(plain.ending(job.data))
    return 0 if job.data["state"] == "SUCCEEDED" else 1


def _runs(options: dict[str, Any], *, as_json: bool) -> int:
    return _table(_frames.run_rows(**options), "No runs.", as_json=as_json)


def _models(options: dict[str, Any], *, as_json: bool) -> int:
    name = options.pop("model", None)
    if name is None:
        return _table(model_rows(**options), "No registered models.", as_json=as_json)
    found = model(name)
    versions = found.versions
    if as_json:
        _print_json({**asdict(found), "versions": [asdict(version) for version in versions]})
    else:
        _say(plain.model(found, versions, more=False))
    return 0


def _table(rows: list[dict[str, Any]], none: str, *, as_json: bool) -> int:
    if as_json:
        _print_json(rows)
    else:
        _say(repr(_tables.Table(rows)) if rows else none)
    return 0


def _compare(options: dict[str, Any], *, as_json: bool) -> int:
    from trackside._comparison import compare

    comparison = compare(options.pop("runs", ()), **options)
    if as_json:
        _print_json(comparison.data)
    else:
        _say(repr(comparison))
    return 0


def _jobs(options: dict[str, Any], *, as_json: bool) -> int:
    jobs = _frames.jobs(**options)
    if as_json:
        _print_json([job.data for job in jobs])
    else:
        _say(repr(jobs))
    return 0


def _logs(found: Namespace) -> int:
    job = get_job(found.job) if found.job else _newest()
    try:
        for piece in job.iter_logs(follow=found.follow, tail=found.tail, rank=found.rank):
            sys.stdout.write(piece)
            sys.stdout.flush()
    except KeyboardInterrupt:
        _note(f"\n{job.name} goes on. Stop it with: trackside cancel {job.name}")
        raise
    if found.follow:
        _note(plain.ending(job.refresh().data))
    return 0


def _cancel(names: list[str]) -> int:
    if not names:
        raise TracksideError("No job is named.", "`trackside jobs` lists them.")
    for job in [get_job(name) for name in names]:
        if job.done:
            _note(f"{words.clean(job.name)} has ended already: {job.data['state']}.")
        else:
            job.cancel()
            _say(f"Stopping {words.clean(job.name)}.")
    return 0


def _newest() -> Job:
    jobs = _frames.jobs(max_results=1)
    if not jobs:
        raise TracksideError("There are no jobs yet.", "`trackside submit train.py` runs one.")
    return jobs[0]


def _print_json(value: object) -> None:
    _say(json.dumps(value, indent=2, default=str))


def _say(text: str) -> None:
    print(text)  # noqa: T201  (the answer of a command)


def _note(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201  (words about the answer)
