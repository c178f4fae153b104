"""Data sets and models as inputs and outputs of runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from trackside_server.tracking.entities import Dataset, DatasetInput, ModelLink

_MOST_SUMMARIES: Final = 1000


def link_datasets(
    connection: sqlite3.Connection, experiment: int, run: int, inputs: Iterable[DatasetInput]
) -> None:
    """Link data sets to a run; one that is linked already stays as it is, tags included."""
    for item in inputs:
        dataset = _dataset(connection, experiment, item.dataset)
        cursor = connection.execute(
            "INSERT OR IGNORE INTO dataset_inputs (run, dataset) VALUES (?, ?)", (run, dataset)
        )
        if cursor.rowcount == 1:
            connection.executemany(
                "INSERT OR REPLACE INTO dataset_input_tags (input, key, value) VALUES (?, ?, ?)",
                [(cursor.lastrowid, tag.key, tag.value) for tag in item.tags],
            )


def _dataset(connection: sqlite3.Connection, experiment: int, dataset: Dataset) -> int:
    connection.execute(
        "INSERT OR IGNORE INTO datasets "
        "(experiment, name, digest, source_type, source, schema, profile) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            experiment,
            dataset.name,
            dataset.digest,
            dataset.source_type,
            dataset.source,
            dataset.schema,
            dataset.profile,
        ),
    )
    row = connection.execute(
        "SELECT id FROM datasets WHERE experiment = ? AND name = ? AND digest = ?",
        (experiment, dataset.name, dataset.digest),
    ).fetchone()
    return int(row[0])


def link_models(
    connection: sqlite3.Connection,
    run: int,
    role: Literal["input", "output"],
    links: Iterable[ModelLink],
) -> None:
    """Link logged models to a run; repeating a link changes nothing."""
    connection.executemany(
        "INSERT OR IGNORE INTO model_links (run, role, model_id, step) VALUES (?, ?, ?, ?)",
        [(run, role, link.model_id, link.step) for link in links],
    )


def summaries(connection: sqlite3.Connection, experiments: Sequence[int]) -> list[dict[str, str]]:
    """Give the data sets that runs of some experiments read, each once for what it was for."""
    rows = connection.execute(
        "SELECT DISTINCT d.experiment, d.name, d.digest, t.value FROM datasets d "
        "JOIN dataset_inputs i ON i.dataset = d.id LEFT JOIN dataset_input_tags t "
        "ON t.input = i.id AND t.key = 'mlflow.data.context' "
        "WHERE d.experiment IN (SELECT value FROM json_each(?)) "
        "ORDER BY d.experiment, d.name, d.digest, t.value LIMIT ?",
        (json.dumps(list(experiments)), _MOST_SUMMARIES),
    )
    return [
        {
            "experiment_id": str(number),
            "name": name,
            "digest": digest,
            **({} if context is None else {"context": context}),
        }
        for number, name, digest, context in rows
    ]
