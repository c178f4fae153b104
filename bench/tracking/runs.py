"""The same runs in every tracking server: ten params, ten metrics and five tags each."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sqlite3
import threading
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .load import Connection, Target

RATES = ("0.001", "0.003", "0.01", "0.03", "0.1")
OPTIMIZERS = ("adam", "sgd", "lion", "adafactor")
FIRST_START = 1_700_000_000_000
_THREADS = 4
_TOGETHER = 500


@dataclass(frozen=True)
class Sample:
    """What one run logs."""

    name: str
    start: int
    params: tuple[tuple[str, str], ...]
    metrics: tuple[tuple[str, float], ...]
    tags: tuple[tuple[str, str], ...]


def samples(count: int) -> Iterator[Sample]:
    """Give the runs; the same at each call."""
    chance = random.Random(4)
    for number in range(count):
        yield Sample(
            name=f"run-{number:06d}",
            start=FIRST_START + 60_000 * number,
            params=(
                ("lr", chance.choice(RATES)),
                ("optimizer", chance.choice(OPTIMIZERS)),
                ("batch_size", str(2 ** chance.randrange(4, 10))),
                ("seed", str(number)),
                *((f"param_{place}", f"{chance.random():.6f}") for place in range(6)),
            ),
            metrics=(
                ("loss", chance.random()),
                ("accuracy", chance.random()),
                ("epoch", float(chance.randrange(100))),
                *((f"metric_{place}", chance.gauss(0, 1)) for place in range(7)),
            ),
            tags=(
                ("team", f"team-{chance.randrange(8)}"),
                ("dataset", chance.choice(("cifar10", "imagenet", "mnist"))),
                ("note", f"variant {chance.randrange(1000)} of sweep {number // 100}"),
                ("host", f"node-{chance.randrange(16):02d}.example"),
                ("commit", f"{chance.getrandbits(160):040x}"),
            ),
        )


def fill(target: Target, experiment: str, count: int) -> str:
    """Fill a server in the quickest way that it has; give the id of the experiment."""
    if target.database is None:
        return through_api(target, experiment, count)
    if target.database.name == "trackside.db":
        return through_service(target.database.parent, experiment, count)
    return into_mlflow(target.database, experiment, count)


def into_mlflow(database: Path, experiment: str, count: int) -> str:
    """Fill the tables of an MLflow server, one row a value as its own code does."""
    connection = sqlite3.connect(database, timeout=60)
    with connection:
        cursor = connection.execute(
            "INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, "
            "last_update_time, workspace) VALUES (?, 'mlflow-artifacts:/x', 'active', 0, 0, "
            "'default')",
            (experiment,),
        )
        number = cursor.lastrowid
        for sample in samples(count):
            run_id = uuid.uuid4().hex
            connection.execute(
                "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, "
                "user_id, status, start_time, end_time, source_version, lifecycle_stage, "
                "artifact_uri, experiment_id) VALUES (?, ?, 'UNKNOWN', '', '', 'bench', "
                "'FINISHED', ?, ?, '', 'active', ?, ?)",
                (
                    run_id,
                    sample.name,
                    sample.start,
                    sample.start + 30_000,
                    f"mlflow-artifacts:/x/{run_id}/artifacts",
                    number,
                ),
            )
            tags = [*sample.tags, ("mlflow.runName", sample.name)]
            for table, pairs in (("params", sample.params), ("tags", tags)):
                connection.executemany(
                    f"INSERT INTO {table} (key, value, run_uuid) VALUES (?, ?, ?)",
                    [(key, value, run_id) for key, value in pairs],
                )
            for table in ("metrics", "latest_metrics"):
                connection.executemany(
                    f"INSERT INTO {table} (key, value, timestamp, step, is_nan, run_uuid) "
                    "VALUES (?, ?, ?, 10, 0, ?)",
                    [(key, value, sample.start, run_id) for key, value in sample.metrics],
                )
    connection.close()
    return str(number)


def through_service(root: Path, experiment: str, count: int) -> str:
    """Fill a store of ours through its service, with or without a server on it.

    Parameters
    ----------
    root
        The folder of the store.
    experiment
        The experiment to make.

    Returns
    -------
    str
        The id of the experiment.
    """
    from trackside_server.changes import Changes
    from trackside_server.store import Store
    from trackside_server.tracking.entities import Metric, Param, Tag
    from trackside_server.tracking.service import Tracking

    store = Store(root, logging.getLogger("bench"))
    store.open()
    tracking = Tracking(store, Changes(), root / "artifacts")

    async def one(experiment_id: str, sample: Sample) -> None:
        run = await tracking.create_run(
            experiment_id, run_name=sample.name, user_id="bench", start_time=sample.start
        )
        await tracking.log_batch(
            run.info.run_id,
            metrics=[Metric(key, value, sample.start, 10) for key, value in sample.metrics],
            params=[Param(*item) for item in sample.params],
            tags=[Tag(*item) for item in sample.tags],
        )
        end = sample.start + 30_000
        await tracking.update_run(run.info.run_id, status="FINISHED", end_time=end)

    async def all_of_them() -> str:
        experiment_id = await tracking.create_experiment(experiment)
        waiting: list[Sample] = []
        for number, sample in enumerate(samples(count), 1):
            waiting.append(sample)
            if len(waiting) == _TOGETHER or number == count:
                await asyncio.gather(*(one(experiment_id, item) for item in waiting))
                waiting.clear()
        return experiment_id

    try:
        return asyncio.run(all_of_them())
    finally:
        store.close()


def through_api(target: Target, experiment: str, count: int) -> str:
    """Fill any server through MLflow's API; give the id of the experiment."""
    with target.connect() as connection:
        made = connection.post("experiments/create", json.dumps({"name": experiment}).encode())
    experiment_id = str(json.loads(made)["experiment_id"])
    lock = threading.Lock()
    rest = samples(count)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with target.connect() as connection:
                while not failures:
                    with lock:
                        sample = next(rest, None)
                    if sample is None:
                        return
                    _log(connection, experiment_id, sample)
        except Exception as error:  # noqa: BLE001 - told by the caller
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return experiment_id


def _log(connection: Connection, experiment_id: str, sample: Sample) -> None:
    info = {
        "experiment_id": experiment_id,
        "run_name": sample.name,
        "user_id": "bench",
        "start_time": sample.start,
    }
    answer = json.loads(connection.post("runs/create", json.dumps(info).encode()))
    run_id = answer["run"]["info"]["run_id"]
    logged = {
        "run_id": run_id,
        "metrics": [
            {"key": key, "value": value, "timestamp": sample.start, "step": 10}
            for key, value in sample.metrics
        ],
        "params": [{"key": key, "value": value} for key, value in sample.params],
        "tags": [{"key": key, "value": value} for key, value in sample.tags],
    }
    connection.post("runs/log-batch", json.dumps(logged).encode())
    end = {"run_id": run_id, "status": "FINISHED", "end_time": sample.start + 30_000}
    connection.post("runs/update", json.dumps(end).encode())
