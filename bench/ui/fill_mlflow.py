"""Fills the tables of MLflow's server, one row a value as its own code does."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import uuid
from random import Random
from typing import TYPE_CHECKING

from bench.tracking.peers import CLIENTS

from . import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .runs import Size

Row = tuple[str, float, int, int, str]

_RUN = (
    "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, "
    "status, start_time, end_time, source_version, lifecycle_stage, artifact_uri, experiment_id) "
    "VALUES (?, ?, 'UNKNOWN', '', '', 'bench', 'FINISHED', ?, ?, '', 'active', ?, ?)"
)
_POINT = "INSERT INTO {} (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, ?, 0, ?)"


def fill(database: Path, size: Size) -> None:
    """Make the schema, the experiments and the runs."""
    subprocess.run(
        [sys.executable, "-m", "mlflow", "db", "upgrade", f"sqlite:///{database}"],
        env={**os.environ, "PYTHONPATH": str(CLIENTS / "mlflow-3.18"), "PYTHONWARNINGS": "ignore"},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    connection = sqlite3.connect(database)
    # Nobody reads it yet, and what breaks off is made again.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -1000000")
    with connection:
        _long(connection, size)
        _many(connection, size.runs)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()


def _many(connection: sqlite3.Connection, count: int) -> None:
    experiment = _experiment(connection, runs.EXPERIMENT)
    ids = Random(1)
    for family in runs.families(count):
        parent = ""
        for place, sample in enumerate(family):
            run_id = _run(connection, ids, experiment, sample.name, sample.start, 30_000)
            parent = parent or run_id
            tags = [*sample.tags, ("mlflow.runName", sample.name)]
            if runs.is_child(place):
                tags.append((runs.PARENT_TAG, parent))
            for table, pairs in (("params", sample.params), ("tags", tags)):
                connection.executemany(
                    f"INSERT INTO {table} (key, value, run_uuid) VALUES (?, ?, ?)",
                    [(key, value, run_id) for key, value in pairs],
                )
            _points(
                connection,
                (
                    (key, value, time, step, run_id)
                    for key, step, time, value in runs.points(sample)
                ),
            )


def _long(connection: sqlite3.Connection, size: Size) -> None:
    experiment = _experiment(connection, runs.LONG_EXPERIMENT)
    span = 100 * size.mlflow_points
    run_id = _run(connection, Random(2), experiment, runs.LONG_RUN, runs.FIRST_TIME, span)
    count = size.mlflow_points
    shapes = [runs.long_values(shape, 0, count, count) for shape in range(runs.SHAPES)]

    def rows() -> Iterator[Row]:
        for number, key in enumerate(runs.long_keys(size.metrics)):
            for step, value in enumerate(shapes[number % runs.SHAPES]):
                yield key, value, runs.FIRST_TIME + 100 * step, step, run_id

    _points(connection, rows())


def _points(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    latest: dict[str, Row] = {}

    def seen() -> Iterator[Row]:
        for row in rows:
            latest[row[0]] = row
            yield row

    connection.executemany(_POINT.format("metrics"), seen())
    connection.executemany(_POINT.format("latest_metrics"), latest.values())


def _experiment(connection: sqlite3.Connection, name: str) -> int:
    cursor = connection.execute(
        "INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, "
        "last_update_time, workspace) VALUES (?, 'mlflow-artifacts:/x', 'active', ?, ?, 'default')",
        (name, runs.FIRST_TIME, runs.FIRST_TIME),
    )
    return int(cursor.lastrowid or 0)


def _run(
    connection: sqlite3.Connection, ids: Random, experiment: int, name: str, start: int, span: int
) -> str:
    run_id = uuid.UUID(int=ids.getrandbits(128)).hex
    uri = f"mlflow-artifacts:/x/{run_id}/artifacts"
    connection.execute(_RUN, (run_id, name, start, start + span, uri, experiment))
    return run_id
