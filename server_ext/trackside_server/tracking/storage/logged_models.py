"""Logged models with their params, tags and metrics."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.tracking.entities import LoggedModel, Metric, Param, Tag
from trackside_server.tracking.search import LOGGED_MODELS, Order
from trackside_server.tracking.search.sql import Sql, joined
from trackside_server.tracking.validation import metric_value

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

DatasetFilter = tuple[str, "str | None"]
"""Name of a data set, and its digest unless any will do."""

ModelOrder = tuple[Order, DatasetFilter]
"""One level of an order, and the data set that a metric in it was measured on."""

_COLUMNS = (
    "m.id, m.model_id, m.experiment, m.name, m.model_type, m.source_run_id, m.status, "
    "m.artifact_uri, m.created_at, m.updated_at"
)


# As for runs: the largest step, then time, then value.
_LATEST_FIRST = "y.step DESC, y.timestamp DESC, y.value DESC"


def create(connection: sqlite3.Connection, model: LoggedModel) -> None:
    """Insert a model with its params and tags."""
    cursor = connection.execute(
        "INSERT INTO logged_models (model_id, experiment, name, model_type, source_run_id, status, "
        "artifact_uri, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            model.model_id,
            int(model.experiment_id),
            model.name,
            model.model_type,
            model.source_run_id,
            model.status,
            model.artifact_uri,
            model.created_at,
            model.updated_at,
        ),
    )
    number = int(cursor.lastrowid or 0)
    log_params(connection, number, model.params)
    set_tags(connection, number, model.tags)


def number(connection: sqlite3.Connection, model_id: str) -> int:
    """Give the number of a model that is not deleted.

    Raises
    ------
    NotFound
        There is none.
    """
    row = connection.execute(
        "SELECT id FROM logged_models WHERE model_id = ? AND deleted_at IS NULL", (model_id,)
    ).fetchone()
    if row is None:
        raise NotFound(f"Logged model {model_id[:60]!r} does not exist.")
    return int(row[0])


def get(connection: sqlite3.Connection, model_id: str) -> LoggedModel:
    """Give a model that is not deleted.

    Raises
    ------
    NotFound
        There is none.
    """
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM logged_models m WHERE m.id = ?",  # noqa: S608
        (number(connection, model_id),),
    ).fetchall()
    return _load(connection, rows)[0]


def source_run(connection: sqlite3.Connection, model_id: str) -> str | None:
    """Give the run that a model came from, deleted or not; None when unknown."""
    row = connection.execute(
        "SELECT source_run_id FROM logged_models WHERE model_id = ?", (model_id,)
    ).fetchone()
    return None if row is None else row[0]


def set_status(connection: sqlite3.Connection, model: int, status: int, now: int) -> None:
    """Change the status of a model."""
    connection.execute(
        "UPDATE logged_models SET status = ?, updated_at = ? WHERE id = ?", (status, now, model)
    )


def delete(connection: sqlite3.Connection, model: int, now: int) -> None:
    """Delete a model; its row stays."""
    connection.execute(
        "UPDATE logged_models SET deleted_at = ?, updated_at = ? WHERE id = ?", (now, now, model)
    )


def log_params(connection: sqlite3.Connection, model: int, params: Iterable[Param]) -> None:
    """Store params.

    Raises
    ------
    InvalidInput
        A param has another value already.
    """
    for param in params:
        connection.execute(
            "INSERT OR IGNORE INTO logged_model_params (model, key, value) VALUES (?, ?, ?)",
            (model, *param),
        )
        row = connection.execute(
            "SELECT value FROM logged_model_params WHERE model = ? AND key = ?", (model, param.key)
        ).fetchone()
        if row[0] != param.value:
            raise InvalidInput(
                f"Param {param.key!r} of this model is {row[0][:60]!r} already: params never "
                "change."
            )


def set_tags(connection: sqlite3.Connection, model: int, tags: Iterable[Tag]) -> None:
    """Set tags; that is no update of the model, as in MLflow."""
    connection.executemany(
        "INSERT INTO logged_model_tags (model, key, value) VALUES (?, ?, ?) "
        "ON CONFLICT (model, key) DO UPDATE SET value = excluded.value",
        [(model, *tag) for tag in tags],
    )


def delete_tag(connection: sqlite3.Connection, model: int, key: str) -> bool:
    """Delete a tag; False when there is none."""
    cursor = connection.execute(
        "DELETE FROM logged_model_tags WHERE model = ? AND key = ?", (model, key)
    )
    return cursor.rowcount > 0


def log_metrics(connection: sqlite3.Connection, run_id: str, points: Iterable[Metric]) -> None:
    """Store the points that belong to models; those of unknown models are kept by the run only."""
    for point in points:
        value, is_nan = metric_value(point.value)
        connection.execute(
            "INSERT OR IGNORE INTO logged_model_metrics (model, run_id, key, step, timestamp, "
            "value, is_nan, dataset_name, dataset_digest) "
            "SELECT id, ?, ?, ?, ?, ?, ?, ?, ? FROM logged_models WHERE model_id = ?",
            (
                run_id,
                point.key,
                point.step,
                point.timestamp,
                value,
                is_nan,
                point.dataset_name,
                point.dataset_digest,
                point.model_id,
            ),
        )


def on_datasets(datasets: Sequence[DatasetFilter]) -> Sql | None:
    """Give the condition that a metric ``x`` was measured on one of these data sets."""
    if not datasets:
        return None
    pieces = [_on_dataset("x", dataset) for dataset in datasets]
    either = joined(pieces, " OR ")
    return Sql(f"({either.text})", either.parameters)


def latest(datasets: Sequence[DatasetFilter]) -> Sql:
    """Give the condition that a metric ``x`` is the latest of its name on these data sets."""
    pieces = [_on_dataset("y", dataset) for dataset in datasets]
    either = joined(pieces, " OR ") if pieces else Sql("1")
    text = (
        "x.id = (SELECT y.id FROM logged_model_metrics y WHERE y.model = x.model "  # noqa: S608
        f"AND y.key = x.key AND ({either.text}) ORDER BY {_LATEST_FIRST} LIMIT 1)"
    )
    return Sql(text, either.parameters)


def measured(condition: Sql) -> Sql:
    """Give the condition that a model has a metric for which a condition on ``x`` holds."""
    text = f"SELECT 1 FROM logged_model_metrics x WHERE x.model = m.id AND {condition.text}"  # noqa: S608
    return Sql(f"EXISTS ({text})", condition.parameters)


def among(experiments: Sequence[int]) -> Sql:
    """Give the condition that a model belongs to one of these experiments."""
    return Sql("m.experiment IN (SELECT value FROM json_each(?))", (json.dumps(list(experiments)),))


def made_by(run_ids: Sequence[str]) -> Sql:
    """Give the condition that a model came from one of these runs."""
    return Sql("m.source_run_id IN (SELECT value FROM json_each(?))", (json.dumps(list(run_ids)),))


def order_terms(orders: Sequence[ModelOrder]) -> Sql:
    """Compile an order; absent values come last, ties are the newest first."""
    terms: list[Sql] = []
    for order, dataset in orders:
        direction = "ASC" if order.ascending else "DESC"
        if order.field.entity == "metric":
            value = _latest_metric(order.field.key, dataset)
        else:
            value = Sql(LOGGED_MODELS.attributes[order.field.key].column)
        terms.append(Sql(f"{value.text} IS NULL", value.parameters))
        terms.append(Sql(f"{value.text} {direction}", value.parameters))
    terms.append(Sql("m.created_at DESC, m.model_id"))
    return joined(terms, ", ")


def search(
    connection: sqlite3.Connection, where: Sequence[Sql], order: Sql, *, limit: int, offset: int
) -> list[LoggedModel]:
    """Find models that are not deleted and meet all of the conditions."""
    condition = joined(where, " AND ")
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM logged_models m "  # noqa: S608
        f"WHERE m.deleted_at IS NULL AND {condition.text} ORDER BY {order.text} LIMIT ? OFFSET ?",
        (*condition.parameters, *order.parameters, limit, offset),
    ).fetchall()
    return _load(connection, rows)


def _latest_metric(key: str, dataset: DatasetFilter) -> Sql:
    condition = _on_dataset("y", dataset) if dataset[0] else Sql("1")
    text = (
        "SELECT y.value FROM logged_model_metrics y WHERE y.model = m.id AND y.key = ? "  # noqa: S608
        f"AND y.is_nan = 0 AND {condition.text} "
        f"ORDER BY {_LATEST_FIRST} LIMIT 1"
    )
    return Sql(f"({text})", (key, *condition.parameters))


def _on_dataset(alias: str, dataset: DatasetFilter) -> Sql:
    name, digest = dataset
    if digest is None:
        return Sql(f"{alias}.dataset_name = ?", (name,))
    return Sql(f"({alias}.dataset_name = ? AND {alias}.dataset_digest = ?)", (name, digest))


def _load(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> list[LoggedModel]:
    return [
        LoggedModel(
            model_id=row["model_id"],
            experiment_id=str(row["experiment"]),
            name=row["name"],
            model_type=row["model_type"],
            source_run_id=row["source_run_id"],
            status=row["status"],
            artifact_uri=row["artifact_uri"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            params=tuple(Param(*item) for item in _items(connection, "params", row["id"])),
            tags=tuple(Tag(*item) for item in _items(connection, "tags", row["id"])),
            metrics=_metrics(connection, row["id"], row["model_id"]),
        )
        for row in rows
    ]


def _items(connection: sqlite3.Connection, table: str, model: int) -> list[tuple[str, str]]:
    return connection.execute(
        f"SELECT key, value FROM logged_model_{table} WHERE model = ? ORDER BY key",  # noqa: S608
        (model,),
    ).fetchall()


def _metrics(connection: sqlite3.Connection, model: int, model_id: str) -> Sequence[Metric]:
    rows = connection.execute(
        "SELECT key, value, is_nan, timestamp, step, dataset_name, dataset_digest, run_id "
        "FROM logged_model_metrics WHERE model = ? ORDER BY id",
        (model,),
    )
    return tuple(
        Metric(
            key=row["key"],
            value=math.nan if row["is_nan"] else row["value"],
            timestamp=row["timestamp"],
            step=row["step"],
            model_id=model_id,
            dataset_name=row["dataset_name"],
            dataset_digest=row["dataset_digest"],
            run_id=row["run_id"],
        )
        for row in rows
    )
