"""What runs log: metrics, params, tags, data sets, models and files."""

from __future__ import annotations

import asyncio
import json
from typing import IO, TYPE_CHECKING

from trackside_server.errors import InvalidInput, NotFound

from . import validation
from .base import Base, Write
from .entities import ENDED, MODEL_HISTORY_TAG, RUN_NAME_TAG, Tag
from .paths import proxied_path
from .storage import clients, inputs, logged_models
from .storage import points as points_table
from .storage import runs as runs_table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from trackside_server.changes import Change

    from .entities import DatasetInput, Metric, ModelLink, Param

_HISTORY_FIELDS = ("artifact_path", "flavors", "utc_time_created", "run_id")


class Log(Base):
    """The part of the service that clients call most."""

    async def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[Tag] = (),
        also: Callable[[sqlite3.Connection], None] | None = None,
        also_in_trash: bool = False,
    ) -> None:
        """Log points, params and tags in one transaction: all of it or nothing.

        Parameters
        ----------
        run_id
            The run.
        metrics, params, tags
            What to log. An exact repeat of a point is kept once.
        also
            Runs in the same transaction, so that what it writes is there exactly when the rest is.
        also_in_trash
            Whether a run in the trash is logged to as well.

        Raises
        ------
        NotFound
            There is no such run.
        InvalidInput
            Something breaks a limit, the run is deleted, or a param has another value already.
        """
        validation.run_id(run_id)
        validation.metrics(metrics)
        checked_params = validation.params(params)
        checked_tags = validation.run_tags(tags)

        def work(write: Write) -> None:
            of = runs_table.row if also_in_trash else runs_table.active_row
            row = of(write.connection, run_id)
            _log(write, row, metrics, checked_params, checked_tags)
            if also is not None:
                also(write.connection)

        await self.write(work, repeatable=also is None)

    async def delete_tag(self, run_id: str, key: str) -> None:
        """Delete a tag of a run."""

        def work(write: Write, row: sqlite3.Row) -> None:
            if not runs_table.delete_tag(write.connection, row["id"], key):
                raise NotFound(f"Run {run_id!r} has no tag {key[:80]!r}.")

        await self._change(run_id, work)

    async def log_inputs(
        self, run_id: str, datasets: Sequence[DatasetInput], models: Sequence[ModelLink]
    ) -> None:
        """Link data sets and models that a run reads."""
        validation.dataset_inputs(datasets)

        def work(write: Write, row: sqlite3.Row) -> None:
            inputs.link_datasets(write.connection, row["experiment"], row["id"], datasets)
            inputs.link_models(write.connection, row["id"], "input", models)

        await self._change(run_id, work)

    async def dataset_summaries(self, experiment_ids: Sequence[str]) -> list[dict[str, str]]:
        """Give the data sets that runs of some experiments read, each with what it was for."""
        numbers = [validation.experiment_id(value) for value in experiment_ids]
        return await self.read(lambda connection: inputs.summaries(connection, numbers))

    async def log_outputs(self, run_id: str, models: Sequence[ModelLink]) -> None:
        """Link models that a run made."""

        def work(write: Write, row: sqlite3.Row) -> None:
            inputs.link_models(write.connection, row["id"], "output", models)

        await self._change(run_id, work)

    async def log_model(self, run_id: str, model_json: str) -> None:
        """Note a model of an MLflow 2 client in the run's history of models."""
        model = _model(model_json)

        def work(write: Write, row: sqlite3.Row) -> None:
            known = runs_table.tag(write.connection, row["id"], MODEL_HISTORY_TAG)
            history = Tag(MODEL_HISTORY_TAG, json.dumps([*_models(known), model]))
            keys = write.keys([MODEL_HISTORY_TAG])
            runs_table.set_tags(write.connection, row["id"], [history], keys)

        await self._change(run_id, work)

    async def write_artifact(self, run_id: str, path: str, source: IO[bytes]) -> None:
        """Store a file among the artifacts of a run.

        Parameters
        ----------
        run_id
            The run.
        path
            Relative to the run's artifacts.
        source
            Read to its end.
        """
        row = await self.read(lambda connection: runs_table.row(connection, run_id))
        root = proxied_path(row["artifact_uri"])
        if root is None:
            raise InvalidInput(
                f"The artifacts of this run are at {row['artifact_uri']}, which Trackside does "
                "not write."
            )
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self.artifacts.write_file, f"{root}/{path}", source)
        await self.artifacts_changed(run_id)

    async def artifacts_changed(self, run_id: str) -> None:
        """Note that files of a run came or went."""
        await self.write(lambda write: _files_changed(write, run_id))

    def artifacts_changed_in(self, connection: sqlite3.Connection, run_id: str) -> Change | None:
        """Do so inside a write of the caller, who publishes the change after the commit.

        Returns
        -------
        Change or None
            None when the run is gone.
        """
        write = Write(connection, self.store.next_revision(), self.names)
        try:
            _files_changed(write, run_id)
        except NotFound:
            return None
        return write.changes[0]

    async def _change(self, run_id: str, work: Callable[[Write, sqlite3.Row], None]) -> None:
        """Change a run that is not deleted, note that it changed, and tell."""

        def whole(write: Write) -> None:
            row = runs_table.active_row(write.connection, run_id)
            work(write, row)
            runs_table.touch(write.connection, row["id"], write.revision)
            write.run_changed(row, "data")

        await self.write(whole)


def _files_changed(write: Write, run_id: str) -> None:
    row = runs_table.row(write.connection, run_id)
    runs_table.touch(write.connection, row["id"], write.revision)
    write.run_changed(row, "artifacts")


def _log(
    write: Write,
    row: sqlite3.Row,
    points: Sequence[Metric],
    params: Sequence[Param],
    tags: Sequence[Tag],
) -> None:
    connection = write.connection
    if not points and not params and not tags:
        return  # only what the caller writes along
    run = row["id"]
    keys = write.keys({item.key for group in (points, params, tags) for item in group})
    if params:
        runs_table.log_params(connection, run, params, keys)
    if tags:
        runs_table.set_tags(connection, run, tags, keys)
    if points:
        points_table.log(connection, run, points, keys)
        of_models = [point for point in points if point.model_id]
        if of_models:
            logged_models.log_metrics(connection, row["run_id"], of_models)
    runs_table.update(connection, run, write.revision, name=dict(tags).get(RUN_NAME_TAG))
    if row["status"] in ENDED and points and clients.reopened(connection, run, points):
        write.run_changed(row, "state", "RUNNING")
        return
    write.run_changed(row, "data" if params or tags else "metrics")


def _model(text: str) -> dict[str, object]:
    try:
        model = json.loads(text)
    except (ValueError, RecursionError):
        model = None
    if not isinstance(model, dict):
        raise InvalidInput("The model_json of a logged model must be a JSON object.")
    missing = [name for name in _HISTORY_FIELDS if name not in model]
    if missing:
        raise InvalidInput(f"The model_json of a logged model lacks {', '.join(missing)}.")
    return model


def _models(history: str | None) -> list[object]:
    """Read the history of models; what somebody wrote there by hand is begun anew."""
    try:
        models = json.loads(history) if history else []
    except (ValueError, RecursionError):
        models = []
    return models if isinstance(models, list) else []
