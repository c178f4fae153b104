"""What an output of a notebook holds: ids for the live view, HTML and text for everywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside._display import page, plain, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside._run import Run

MIME = "application/vnd.trackside.v1+json"

Bundle = dict[str, Any]


def of_job(data: Mapping[str, Any]) -> Bundle:
    """Return the output of a job."""
    ids = {
        "kind": "job",
        "job_id": data["job_id"],
        "run_id": data.get("run_id"),
        "name": words.clean(data["name"]),
    }
    return {MIME: ids, "text/html": page.job(data), "text/plain": plain.job(data)}


def of_jobs(found: Sequence[Mapping[str, Any]]) -> Bundle:
    """Return the output of several jobs."""
    ids = {"kind": "jobs", "job_ids": [data["job_id"] for data in found]}
    return {MIME: ids, "text/html": page.jobs(found), "text/plain": plain.jobs(found)}


def of_run(found: Run) -> Bundle:
    """Return the output of a run."""
    ids = {"kind": "run", "run_id": found.id, "name": words.clean(found.name)}
    return {MIME: ids, "text/html": page.run(found), "text/plain": plain.run(found)}


def of_banner(text: str) -> Bundle:
    """Return the output of ``%load_ext trackside``."""
    ids = {"kind": "banner", "text": text}
    return {MIME: ids, "text/html": page.line(text), "text/plain": text}
