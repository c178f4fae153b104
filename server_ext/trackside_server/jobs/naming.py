"""The names of jobs: what was asked for when it is free, else with a number that counts up."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from . import storage

if TYPE_CHECKING:
    import sqlite3

    from .entities import JobSpec

MAX_LENGTH = 60

_ID = re.compile(r"[0-9a-f]{16}")


def slug(text: str) -> str:
    """Write a text so that it needs no quoting in addresses and on command lines."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"[^\w.-]+", "-", plain, flags=re.ASCII).strip("-._")
    return plain[:MAX_LENGTH].rstrip("-._") or "job"


def experiment_name(spec: JobSpec) -> str:
    """Choose the experiment of a job: what was asked for, else where the code was written."""
    if spec.experiment:
        return spec.experiment
    for key in ("notebook", "path"):
        stem = PurePosixPath(str(spec.source.get(key) or "")).stem
        if stem:
            return stem
    return spec.function or "Default"


def choose(connection: sqlite3.Connection, wanted: str | None, experiment: str) -> str:
    """Choose the name of a new job.

    Parameters
    ----------
    connection
        A transaction that stores the job too.
    wanted
        The name that was asked for.
    experiment
        The experiment, whose name is the base of all others.

    Returns
    -------
    str
        A name that no job has, and that cannot be mistaken for an id.
    """
    base = slug(wanted or experiment)
    if wanted and not _ID.fullmatch(base) and not storage.name_taken(connection, base):
        return base
    while True:
        name = f"{base}-{storage.next_number(connection, base)}"
        if not storage.name_taken(connection, name):
            return name
