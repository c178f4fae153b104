"""Experiments, from a source into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from trackside_server.errors import InvalidInput
from trackside_server.tracking.base import now_ms
from trackside_server.tracking.entities import Tag
from trackside_server.tracking.storage import experiments

from . import known
from .known import Known

if TYPE_CHECKING:
    import sqlite3

    from trackside_server.tracking.base import Write

    from .desk import Desk
    from .records import ExperimentRecord
    from .settings import Wanted
    from .sources.base import Source
    from .tally import Tally


class Experiment(Struct, frozen=True):
    """An experiment here that one of the source's is brought into; no number in a dry run.

    `key` is its id at the source.
    """

    key: str
    name: str
    number: int | None
    location: str


class ExperimentBringer:
    """Brings experiments, each into the one of the same name where there is one."""

    def __init__(self, source: Source, desk: Desk, tally: Tally, wanted: Wanted) -> None:
        self._source = source
        self._desk = desk
        self._tally = tally
        self._wanted = wanted

    def bring(self, record: ExperimentRecord) -> Experiment:
        """Bring an experiment without its runs."""
        name = self._wanted.prefix + record.name
        if not name or "\0" in name:  # such are the names of what is being deleted for ever
            raise InvalidInput(
                f"Experiment {record.key} has no name that could be kept, so it was left out."
            )
        mark = known.digest(record, name)
        key = f"{self._source.identity}\n{record.key}"

        def look(connection: sqlite3.Connection) -> tuple[Known | None, Experiment | None, bool]:
            found = experiments.by_name(connection, name)
            before = known.find(connection, "experiment", key)
            if found is None:
                return before, None, False
            number = int(found.experiment_id)
            here = Experiment(record.key, name, number, found.artifact_location)
            return before, here, found.deleted

        before, here, deleted = self._desk.read(look)
        if deleted and not record.deleted:
            self._tally.complain(
                "experiment", name, f"Experiment {name!r} is deleted here; restore it to see it."
            )
        if here is not None and before is not None and before.digest == mark:
            self._tally.count("experiments", "same")
            return here
        self._tally.count("experiments", "new" if here is None else "changed")
        if self._wanted.dry_run:
            return here or Experiment(record.key, name, None, "")
        return self._desk.write(
            lambda write: self._write(
                write, record, here or Experiment(record.key, name, None, ""), before is not None
            )
        )

    def _write(
        self, write: Write, record: ExperimentRecord, here: Experiment, again: bool
    ) -> Experiment:
        number = here.number
        if number is None:
            number = _create(write, record, here.name)
        found = experiments.by_id(write.connection, number)
        assert found is not None
        own = dict(found.tags)
        differing = sorted(
            tag for tag, value in record.tags.items() if own.get(tag, value) != value
        )
        if differing and not again:
            self._tally.complain(
                "experiment",
                here.name,
                f"Experiment {here.name!r} has other values here for the tags "
                f"{', '.join(differing)}; they stay.",
            )
        tags = [Tag(*tag) for tag in record.tags.items() if again or tag[0] not in own]
        experiments.set_tags(write.connection, number, tags, write.revision)
        if not record.deleted:
            # What comes into an experiment of the trash has as long there as what is deleted now.
            write.connection.execute(
                "UPDATE experiments SET deleted_at = ? WHERE id = ? AND deleted_at IS NOT NULL",
                (now_ms(), number),
            )
        known.note(
            write.connection,
            "experiment",
            f"{self._source.identity}\n{record.key}",
            Known(self._source.identity, known.digest(record, here.name), {}, None, None),
        )
        write.experiment_changed(number, "created" if here.number is None else "data")
        return Experiment(record.key, here.name, number, found.artifact_location)


def _create(write: Write, record: ExperimentRecord, name: str) -> int:
    created = record.created_at or now_ms()
    number = experiments.create(write.connection, name, None, created, write.revision)
    updated = record.updated_at or created
    write.connection.execute(
        "UPDATE experiments SET deleted_at = ?, updated_at = ? WHERE id = ?",
        (now_ms() if record.deleted else None, updated, number),
    )
    return number
