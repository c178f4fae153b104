"""Runs, from a source into the store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trackside_server.tracking.base import now_ms
from trackside_server.tracking.entities import RUN_NAME_TAG, Param, RunInfo, Tag
from trackside_server.tracking.storage import inputs
from trackside_server.tracking.storage import runs as runs_table

from . import known, points
from .bringer import Bringer
from .known import Known

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from trackside_server.tracking.base import Write

    from .bring_experiments import Experiment
    from .desk import Desk
    from .records import Points, RunRecord
    from .sources.base import Source
    from .tally import Tally


class RunBringer(Bringer):
    """Brings runs.

    A run that came before is compared with what it was then: what is new at the source is added,
    what changed there is brought, and what exists only here stays. A run that did not come from
    this source is completed when it plainly is the same run, and left alone otherwise.
    """

    def bring(self, record: RunRecord, experiment: Experiment) -> None:
        """Bring a run with its points and files."""
        self._tally.check()
        mark = self._mark(record)
        before, row, clash = self._desk.read(
            lambda connection: self._look(connection, record, experiment)
        )
        if before is not None and row is not None and before.digest == mark:
            self._tally.count("runs", "same")
            return
        if clash is not None:
            self._tally.count("runs", "skipped")
            self._tally.complain("run", record.run_id, clash)
            return
        if not self._wanted.dry_run:
            if row is None:
                before = None  # deleted for ever since it came, so it comes anew
            own = f"{experiment.number}/{record.run_id}/artifacts"
            uri = self._files.bring(
                "run",
                record.run_id,
                experiment.key,
                record.artifact_uri,
                row["artifact_uri"] if row is not None else None,
                own,
            )
            _Way(self._source, self._desk, self._tally, record, experiment, uri, mark).go(
                before, row
            )
        self._tally.count("runs", "new" if row is None else "changed")

    def _look(
        self, connection: sqlite3.Connection, record: RunRecord, experiment: Experiment
    ) -> tuple[Known | None, sqlite3.Row | None, str | None]:
        before = known.find(connection, "run", record.run_id)
        row = connection.execute(
            f"SELECT {runs_table.INFO_COLUMNS} FROM runs r WHERE r.run_id = ?",  # noqa: S608
            (record.run_id,),
        ).fetchone()
        if row is None or (before is not None and before.source == self._source.identity):
            return before, row, None
        differs = _difference(connection, row, record, experiment)
        if not differs:
            return before, row, None
        return (
            None,
            row,
            (
                f"Run {record.run_id} exists here already with other content ({differs}), so it "
                "was left as it is."
            ),
        )


class _Way:
    """One run on its way, in transactions that are small."""

    def __init__(
        self,
        source: Source,
        desk: Desk,
        tally: Tally,
        record: RunRecord,
        experiment: Experiment,
        uri: str,
        mark: str,
    ) -> None:
        self._source = source
        self._desk = desk
        self._tally = tally
        self._record = record
        self._experiment = experiment
        assert experiment.number is not None
        self._number = experiment.number
        self._uri = uri
        self._mark = mark
        self._run = 0

    def go(self, before: Known | None, row: sqlite3.Row | None) -> None:
        """Write the run and its points; killed at any moment, the next one goes on from there."""
        record = self._record
        done = before.curves if before is not None and before.digest is not None else {}
        keys = {key for key, mark in record.curves.items() if done.get(key) != mark}
        bookmark = self._bookmark(before)
        batches: Iterator[tuple[Points, str]] = iter(())
        if keys:
            batches = self._source.points(record, self._experiment.key, keys, bookmark)
        batch = next(batches, None)
        begun = False
        while True:
            following = None if batch is None else next(batches, None)
            step = partial(self._step, row, batch, begun=begun, whole=following is None)
            self._desk.write(step)
            if batch is not None:
                self._tally.add(points=sum(len(of_key) for of_key in batch[0].values()))
            if following is None:
                return
            begun, batch = True, following
            self._tally.check()

    def _bookmark(self, before: Known | None) -> str | None:
        """Give where to go on, if the run is as it was when it was left."""
        if before is None or before.digest is not None or before.bookmark is None:
            return None
        mark, _, bookmark = before.bookmark.partition("\n")
        return bookmark if mark == self._mark else None

    def _step(
        self,
        row: sqlite3.Row | None,
        batch: tuple[Points, str] | None,
        write: Write,
        *,
        begun: bool,
        whole: bool,
    ) -> None:
        if not begun:
            self._run = self._begin(write, row)
        if batch is not None:
            points.store(write, self._run, batch[0])
        state = Known(self._source.identity, None, {}, None, self._record.artifact_uri)
        if whole:
            state = state._replace(digest=self._mark, curves=self._record.curves)
        elif batch is not None:
            state = state._replace(bookmark=f"{self._mark}\n{batch[1]}")
        known.note(write.connection, "run", self._record.run_id, state)
        runs_table.touch(write.connection, self._run, write.revision)
        self._desk.tell(write, self._number, at_once=begun and whole)

    def _begin(self, write: Write, row: sqlite3.Row | None) -> int:
        record = self._record
        connection = write.connection
        tags = dict(record.tags)
        if record.name:
            tags.setdefault(RUN_NAME_TAG, record.name)
        keys = write.keys([*record.params, *tags])
        params = [Param(*item) for item in record.params.items()]
        if row is None:
            run = runs_table.create(connection, self._number, self._info(), write.revision)
            if record.deleted_at is not None:
                # It lies in this trash from now on: no rule for what is old may take it at once.
                runs_table.set_deleted(connection, run, now_ms(), write.revision)
        else:
            run = int(row["id"])
            runs_table.update(
                connection,
                run,
                write.revision,
                status=record.status,
                end_time=record.end_time,
                name=record.name or None,
            )
            if row["artifact_uri"] != self._uri:
                connection.execute(
                    "UPDATE runs SET artifact_uri = ? WHERE id = ?", (self._uri, run)
                )
            own = _tags(connection, run)
            known_before = known.find(connection, "run", record.run_id)
            if known_before is None or known_before.source != self._source.identity:
                self._keep(own, tags)
                tags = {key: value for key, value in tags.items() if key not in own}
        if row is not None:
            params = self._unchanged(connection, run, params)
        runs_table.log_params(connection, run, params, keys)
        runs_table.set_tags(connection, run, [Tag(*item) for item in tags.items()], keys)
        inputs.link_datasets(connection, self._number, run, record.datasets)
        inputs.link_models(connection, run, "input", record.model_inputs)
        inputs.link_models(connection, run, "output", record.model_outputs)
        return run

    def _unchanged(
        self, connection: sqlite3.Connection, run: int, params: list[Param]
    ) -> list[Param]:
        """Leave out params that have another value here: params never change."""
        own = _params(connection, run)
        differing = [
            param.key for param in params if own.get(param.key, param.value) != param.value
        ]
        if differing:
            self._tally.complain(
                "run",
                self._record.run_id,
                f"Run {self._record.run_id} has other values here for the params "
                f"{', '.join(differing)[:500]}; they stay, for params never change.",
            )
        return [param for param in params if param.key not in differing]

    def _keep(self, own: dict[str, str], tags: dict[str, str]) -> None:
        differing = sorted(key for key, value in tags.items() if own.get(key, value) != value)
        if differing:
            self._tally.complain(
                "run",
                self._record.run_id,
                f"Run {self._record.run_id} has other values here for the tags "
                f"{', '.join(differing)[:500]}; they stay.",
            )

    def _info(self) -> RunInfo:
        record = self._record
        return RunInfo(
            run_id=record.run_id,
            run_name=record.name,
            experiment_id=str(self._number),
            user_id=record.user_id,
            status=record.status,
            start_time=record.start_time,
            end_time=record.end_time,
            artifact_uri=self._uri,
            deleted=record.deleted_at is not None,
            revision=0,
        )


def _tags(connection: sqlite3.Connection, run: int) -> dict[str, str]:
    return dict(
        connection.execute(
            "SELECT n.name, t.value FROM tags t JOIN names n ON n.id = t.key WHERE t.run = ?",
            (run,),
        ).fetchall()
    )


def _params(connection: sqlite3.Connection, run: int) -> dict[str, str]:
    return dict(
        connection.execute(
            "SELECT n.name, p.value FROM params p JOIN names n ON n.id = p.key WHERE p.run = ?",
            (run,),
        ).fetchall()
    )


def _difference(
    connection: sqlite3.Connection, row: sqlite3.Row, record: RunRecord, experiment: Experiment
) -> str | None:
    """Say in what a run here is another one than that of the source, None when in nothing."""
    if row["start_time"] != record.start_time:
        return "it began at another time"
    if experiment.number != row["experiment"]:
        return "it is in another experiment"
    for key, value in _params(connection, row["id"]).items():
        if record.params.get(key, value) != value:
            return f"param {key!r} has another value"
    return None
