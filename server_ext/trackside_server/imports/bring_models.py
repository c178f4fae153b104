"""Logged models, from a source into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput
from trackside_server.tracking.base import now_ms
from trackside_server.tracking.entities import LoggedModel, Param, Tag
from trackside_server.tracking.storage import logged_models as table

from . import known
from .bringer import Bringer
from .known import Known

if TYPE_CHECKING:
    import sqlite3

    from trackside_server.tracking.base import Write

    from .bring_experiments import Experiment
    from .records import ModelRecord


class ModelBringer(Bringer):
    """Brings logged models; the rules are those of runs."""

    def bring(self, record: ModelRecord, experiment: Experiment) -> None:
        """Bring a logged model with its files."""
        self._tally.check()
        mark = self._mark(record)

        def look(connection: sqlite3.Connection) -> tuple[Known | None, sqlite3.Row | None]:
            row = connection.execute(
                "SELECT id, artifact_uri, experiment, created_at FROM logged_models "
                "WHERE model_id = ?",
                (record.model_id,),
            ).fetchone()
            return known.find(connection, "model", record.model_id), row

        before, row = self._desk.read(look)
        if before is not None and row is not None and before.digest == mark:
            self._tally.count("models", "same")
            return
        ours = before is not None and before.source == self._source.identity
        if row is not None and not ours and row["created_at"] != record.created_at:
            self._tally.count("models", "skipped")
            self._tally.complain(
                "model",
                record.model_id,
                f"Logged model {record.model_id} exists here already and was made at another "
                "time, so it was left as it is.",
            )
            return
        self._tally.count("models", "new" if row is None else "changed")
        if self._wanted.dry_run:
            return
        uri = self._files.bring(
            "model",
            record.model_id,
            experiment.key,
            record.artifact_uri,
            row["artifact_uri"] if row is not None else None,
            f"{experiment.number}/models/{record.model_id}/artifacts",
        )
        self._desk.write(lambda write: self._write(write, record, experiment, row, uri, mark))

    def _write(
        self,
        write: Write,
        record: ModelRecord,
        experiment: Experiment,
        row: sqlite3.Row | None,
        uri: str,
        mark: str,
    ) -> None:
        connection = write.connection
        assert experiment.number is not None
        tags = [Tag(*item) for item in record.tags.items()]
        params = [Param(*item) for item in record.params.items()]
        if row is None:
            table.create(
                connection,
                LoggedModel(
                    model_id=record.model_id,
                    experiment_id=str(experiment.number),
                    name=record.name,
                    model_type=record.model_type,
                    source_run_id=record.source_run_id,
                    status=record.status,
                    artifact_uri=uri,
                    created_at=record.created_at,
                    updated_at=record.updated_at,
                    params=params,
                    tags=tags,
                ),
            )
        else:
            number = int(row["id"])
            table.set_tags(connection, number, tags)
            table.set_status(connection, number, record.status, record.updated_at)
            connection.execute(
                "UPDATE logged_models SET artifact_uri = ? WHERE id = ?", (uri, number)
            )
            try:
                table.log_params(connection, number, params)
            except InvalidInput as error:
                self._tally.complain("model", record.model_id, error.message)
        for run_id in {metric.run_id for metric in record.metrics}:
            mine = [metric for metric in record.metrics if metric.run_id == run_id]
            table.log_metrics(connection, run_id or record.source_run_id or "", mine)
        if record.deleted_at is not None:
            # As with runs: it lies in this trash from now on.
            connection.execute(
                "UPDATE logged_models SET deleted_at = coalesce(deleted_at, ?) WHERE model_id = ?",
                (now_ms(), record.model_id),
            )
        known.note(
            connection,
            "model",
            record.model_id,
            Known(self._source.identity, mark, {}, None, record.artifact_uri),
        )
        self._desk.tell(write, experiment.number)
