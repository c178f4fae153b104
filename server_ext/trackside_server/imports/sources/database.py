"""MLflow's database, from 2.9 to 3.x, in SQLite or PostgreSQL.

Which columns there are is asked of the database, never of a version number: what an older MLflow
did not have is simply absent.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from trackside_server.imports.records import ExperimentRecord, ModelRecord, RunRecord, whole_point
from trackside_server.tracking.entities import (
    RUN_STATUSES,
    Dataset,
    DatasetInput,
    Metric,
    ModelLink,
    Tag,
)

from . import database_registry, database_traces
from .base import Source, SourceFailed, each
from .local import LocalFiles, Rooms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from trackside_server.imports.records import Point, Points, RegisteredRecord, TraceRecord

    from .base import Complain, Files

Row = dict[str, Any]

_NEEDED = ("experiments", "runs", "metrics", "params", "tags")
# How many runs are loaded with all that belongs to them at once.
_PAGE = 200
_DELETED = "deleted"


class Rows(ABC):
    """A read-only connection to a database."""

    @abstractmethod
    def columns(self, table: str) -> frozenset[str]:
        """Give the columns of a table; none when there is no such table."""

    @abstractmethod
    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a query; parameters stand as ``?`` in it."""

    @abstractmethod
    def points(
        self, run_id: str, keys: Collection[str], bookmark: str | None
    ) -> Iterator[tuple[list[tuple[str, int, int, float, bool]], str]]:
        """Give (key, step, timestamp, value, is NaN) of a run in batches with bookmarks."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

    def count(self, table: str) -> int:
        """Count the rows of a table."""
        return int(self.all(f"SELECT count(*) AS n FROM {table}")[0]["n"])  # noqa: S608


class Database(Source):
    """MLflow's database.

    Parameters
    ----------
    rows
        The connection.
    shown, identity
        As of every source.
    base
        What relative artifact paths are relative to; None when nothing local belongs to it.
    artifact_root
        Where else artifacts may be read, as the user said.
    complain
        Told what cannot be read.
    """

    def __init__(
        self,
        rows: Rows,
        shown: str,
        identity: str,
        base: Path | None,
        artifact_root: Path | None,
        complain: Complain,
    ) -> None:
        self.shown = shown
        self.identity = identity
        self.complain = complain
        self._rows = rows
        given = [] if artifact_root is None else [artifact_root]
        # Not the whole folder of the database: what else lies there is none of its business.
        near = [] if base is None else [base / "mlruns", base / "mlartifacts"]
        self._base = base or artifact_root
        self._rooms = Rooms([], [*given, *near])
        missing = [table for table in _NEEDED if not rows.columns(table)]
        if missing:
            raise SourceFailed(f"{shown} is no database of MLflow: it has no table {missing[0]!r}.")

    def totals(self) -> Mapping[str, int]:
        """Count the rows of the tables."""
        tables = {
            "experiments": "experiments",
            "runs": "runs",
            "models": "logged_models",
            "registered_models": "registered_models",
            "traces": "trace_info",
        }
        return {
            kind: self._rows.count(table)
            for kind, table in tables.items()
            if self._rows.columns(table)
        }

    def experiments(self) -> Iterator[ExperimentRecord]:
        """Give all experiments."""
        tags = self._grouped("experiment_tags", "experiment_id")

        def read(row: Row) -> ExperimentRecord:
            key = str(row["experiment_id"])
            return ExperimentRecord(
                key=key,
                name=self._named(row),
                deleted=row["lifecycle_stage"] == _DELETED,
                created_at=int(row.get("creation_time") or 0),
                updated_at=int(row.get("last_update_time") or 0),
                tags=tags.get(key, {}),
            )

        rows = self._rows.all("SELECT * FROM experiments ORDER BY experiment_id")
        return each("experiment", rows, read, lambda row: row["experiment_id"], self.complain)

    def runs(self, experiment: str) -> Iterator[RunRecord]:
        """Give all runs of an experiment, a page at a time."""
        last = ""
        while True:
            page = self._rows.all(
                f"SELECT * FROM runs WHERE experiment_id = ? AND run_uuid > ? "  # noqa: S608
                f"ORDER BY run_uuid LIMIT {_PAGE}",
                (int(experiment), last),
            )
            if not page:
                return
            yield from self._page(page)
            last = page[-1]["run_uuid"]

    def _page(self, page: list[Row]) -> Iterator[RunRecord]:
        ids = [row["run_uuid"] for row in page]
        params = self._grouped("params", "run_uuid", ids)
        tags = self._grouped("tags", "run_uuid", ids)
        curves = self._curves(ids)
        datasets = self._dataset_inputs(ids)
        inputs = self._model_links("MODEL_INPUT", ids)
        outputs = self._model_links("MODEL_OUTPUT", ids)

        def read(row: Row) -> RunRecord:
            run_id = row["run_uuid"]
            own = tags.get(run_id, {})
            deleted = row["lifecycle_stage"] == _DELETED
            status = row["status"]
            return RunRecord(
                run_id=run_id,
                name=row["name"] or own.get("mlflow.runName", ""),
                user_id=row["user_id"] or own.get("mlflow.user", ""),
                status=status if status in RUN_STATUSES else "FINISHED",
                start_time=int(row["start_time"] or 0),
                end_time=row["end_time"],
                deleted_at=int(row.get("deleted_time") or 1) if deleted else None,
                artifact_uri=row["artifact_uri"] or "",
                params=params.get(run_id, {}),
                tags=own,
                datasets=datasets.get(run_id, ()),
                model_inputs=inputs.get(run_id, ()),
                model_outputs=outputs.get(run_id, ()),
                curves=curves.get(run_id, {}),
            )

        return each("run", page, read, lambda row: row["run_uuid"], self.complain)

    def _curves(self, ids: Sequence[str]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for row in self._in(
            "SELECT run_uuid, key, count(*) AS n, max(timestamp) AS newest FROM metrics "
            "WHERE run_uuid IN ({}) GROUP BY run_uuid, key",
            ids,
        ):
            found.setdefault(row["run_uuid"], {})[row["key"]] = f"{row['n']} {row['newest']}"
        return found

    def _dataset_inputs(self, ids: Sequence[str]) -> dict[str, list[DatasetInput]]:
        found: dict[str, list[DatasetInput]] = {}
        if not (self._rows.columns("datasets") and self._rows.columns("inputs")):
            return found
        rows = self._in(
            "SELECT i.input_uuid, i.destination_id, d.* FROM inputs i "
            "JOIN datasets d ON d.dataset_uuid = i.source_id "
            "WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' "
            "AND i.destination_id IN ({}) ORDER BY d.name, d.digest",
            ids,
        )
        tags: dict[str, list[Tag]] = {}
        for row in self._in(
            "SELECT * FROM input_tags WHERE input_uuid IN ({}) ORDER BY name",
            [row["input_uuid"] for row in rows],
        ):
            tags.setdefault(row["input_uuid"], []).append(Tag(row["name"], row["value"]))
        for row in rows:
            dataset = Dataset(
                name=row["name"],
                digest=row["digest"],
                source_type=row["dataset_source_type"],
                source=row["dataset_source"],
                schema=row["dataset_schema"],
                profile=row["dataset_profile"],
            )
            item = DatasetInput(dataset, tags.get(row["input_uuid"], []))
            found.setdefault(row["destination_id"], []).append(item)
        return found

    def _model_links(self, kind: str, ids: Sequence[str]) -> dict[str, list[ModelLink]]:
        found: dict[str, list[ModelLink]] = {}
        if not self._rows.columns("inputs"):
            return found
        for row in self._in(
            f"SELECT * FROM inputs WHERE destination_type = '{kind}' "  # noqa: S608
            "AND source_id IN ({}) ORDER BY destination_id",
            ids,
        ):
            link = ModelLink(row["destination_id"], int(row.get("step") or 0))
            found.setdefault(row["source_id"], []).append(link)
        return found

    def points(
        self, run: RunRecord, experiment: str, keys: Collection[str], bookmark: str | None
    ) -> Iterator[tuple[Points, str]]:
        """Give the points in batches."""
        del experiment
        for rows, after in self._rows.points(run.run_id, keys, bookmark):
            batch: dict[str, list[Point]] = {}
            wrong = 0
            for key, step, timestamp, value, is_nan in rows:
                point = whole_point(step, timestamp, math.nan if is_nan else value)
                if point is None:
                    wrong += 1
                else:
                    batch.setdefault(key, []).append(point)
            if wrong:
                words = f"{wrong} rows of run {run.run_id} are no points, and were left out."
                self.complain("run", run.run_id, words)
            yield batch, after

    def models(self, experiment: str) -> Iterator[ModelRecord]:
        """Give the logged models of an experiment."""
        if not self._rows.columns("logged_models"):
            return
        rows = self._rows.all(
            "SELECT * FROM logged_models WHERE experiment_id = ? ORDER BY model_id",
            (int(experiment),),
        )
        for start in range(0, len(rows), _PAGE):
            page = rows[start : start + _PAGE]
            ids = [row["model_id"] for row in page]
            params = self._grouped("logged_model_params", "model_id", ids, "param_")
            tags = self._grouped("logged_model_tags", "model_id", ids, "tag_")
            metrics = self._model_metrics(ids)

            def read(
                row: Row,
                params: dict[str, dict[str, str]] = params,
                tags: dict[str, dict[str, str]] = tags,
                metrics: dict[str, list[Metric]] = metrics,
            ) -> ModelRecord:
                deleted = row["lifecycle_stage"] == _DELETED
                updated = int(row["last_updated_timestamp_ms"])
                return ModelRecord(
                    model_id=row["model_id"],
                    name=row["name"],
                    model_type=row["model_type"],
                    source_run_id=row["source_run_id"],
                    status=int(row["status"]),
                    deleted_at=updated if deleted else None,
                    artifact_uri=row["artifact_location"],
                    created_at=int(row["creation_timestamp_ms"]),
                    updated_at=updated,
                    params=params.get(row["model_id"], {}),
                    tags=tags.get(row["model_id"], {}),
                    metrics=metrics.get(row["model_id"], ()),
                )

            yield from each("model", page, read, lambda row: row["model_id"], self.complain)

    def _model_metrics(self, ids: Sequence[str]) -> dict[str, list[Metric]]:
        found: dict[str, list[Metric]] = {}

        def read(row: Row) -> Metric:
            value = row["metric_value"]
            return Metric(
                key=row["metric_name"],
                value=math.nan if value is None else float(value),
                timestamp=int(row["metric_timestamp_ms"]),
                step=int(row["metric_step"]),
                model_id=row["model_id"],
                dataset_name=row["dataset_name"],
                dataset_digest=row["dataset_digest"],
                run_id=row["run_id"],
            )

        rows = self._in(
            "SELECT * FROM logged_model_metrics WHERE model_id IN ({}) "
            "ORDER BY metric_timestamp_ms, metric_step, metric_name",
            ids,
        )
        for metric in each("metric of model", rows, read, _model_of, self.complain):
            found.setdefault(str(metric.model_id), []).append(metric)
        return found

    def registered(self) -> Iterator[RegisteredRecord]:
        """Give the registered models."""
        return database_registry.read(self._rows, self.complain)

    def traces(self, experiment: str) -> Iterator[TraceRecord]:
        """Give the traces of an experiment."""
        return database_traces.read(self._rows, int(experiment), self.complain)

    def files(self, kind: str, identifier: str, experiment: str, uri: str) -> Files:
        """Give the files of a run, model or trace."""
        del experiment
        folder = self._folder(uri)

        def skipped(path: str) -> None:
            self.complain(kind, identifier, f"{path} is no ordinary file, and was left out.")

        return LocalFiles(folder, skipped)

    def local_folder(self, kind: str, identifier: str, experiment: str, uri: str) -> str | None:
        """Give the folder of the files."""
        del kind, identifier, experiment
        return str(self._folder(uri))

    def _folder(self, uri: str) -> Path:
        from pathlib import Path

        return self._rooms.folder(uri, self._base or Path("/"))

    def close(self) -> None:
        """Close the connection."""
        self._rows.close()

    def _named(self, row: Row) -> str:
        """Give the name of an experiment; those of other workspaces bear the workspace's name."""
        workspace = row.get("workspace")
        name = str(row["name"])
        return name if workspace in (None, "", "default") else f"{workspace}/{name}"

    def _grouped(
        self, table: str, owner: str, ids: Sequence[str] | None = None, prefix: str = ""
    ) -> dict[str, dict[str, str]]:
        """Give keys and values by their owner."""
        sql = f"SELECT {owner} AS o, {prefix}key AS k, {prefix}value AS v FROM {table}"  # noqa: S608
        found: dict[str, dict[str, str]] = {}
        if not self._rows.columns(table):
            return found
        rows: Iterable[Row]
        if ids is None:
            rows = self._rows.all(f"{sql} ORDER BY 2")
        else:
            rows = self._in(f"{sql} WHERE {owner} IN ({{}}) ORDER BY 2", ids)
        for row in rows:
            found.setdefault(str(row["o"]), {})[row["k"]] = "" if row["v"] is None else row["v"]
        return found

    def _in(self, sql: str, values: Sequence[str]) -> list[Row]:
        if not values:
            return []
        return self._rows.all(sql.format(", ".join("?" * len(values))), tuple(values))


def _model_of(row: Row) -> object:
    return row["model_id"]
