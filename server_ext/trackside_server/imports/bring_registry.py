"""Registered models and prompts with their versions, from a source into the store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from trackside_server.registry import marks
from trackside_server.registry.entities import NO_STAGE, Mover, Origin
from trackside_server.registry.storage import models, versions
from trackside_server.tracking.base import now_ms
from trackside_server.tracking.entities import Tag

from . import known
from .known import Known

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from trackside_server.tracking.base import Write

    from .desk import Desk
    from .records import RegisteredRecord, VersionRecord
    from .settings import Wanted
    from .sources.base import Source
    from .tally import Tally

_EXPERIMENTS_TAG = "_mlflow_experiment_ids"


class RegistryBringer:
    """Brings registered models, each into the one of the same name where there is one.

    Versions keep their numbers. A number that is taken here by another version stays as it is here,
    and so does an alias that somebody gave here.

    Parameters
    ----------
    actor
        Who imports, for the history of promotions.
    """

    def __init__(
        self, source: Source, desk: Desk, tally: Tally, wanted: Wanted, actor: str
    ) -> None:
        self._source = source
        self._desk = desk
        self._tally = tally
        self._wanted = wanted
        self._mover = Mover(actor, f"imported from {source.shown}"[:500])

    def bring(self, record: RegisteredRecord, experiments: Mapping[str, int]) -> None:
        """Bring a registered model.

        Parameters
        ----------
        record
            The model.
        experiments
            The numbers here of the source's experiments.
        """
        self._tally.check()
        name = re.sub("[/:]", "-", self._wanted.prefix) + record.name  # not allowed in such names
        mark = known.digest(record, name)

        def look(connection: sqlite3.Connection) -> tuple[Known | None, int | None]:
            return known.find(connection, "registered", name), models.find(connection, name)

        before, number = self._desk.read(look)
        if before is not None and number is not None and before.digest == mark:
            self._tally.count("registered_models", "same")
            return
        self._tally.count("registered_models", "new" if number is None else "changed")
        if self._wanted.dry_run:
            return
        ours = before is not None and before.source == self._source.identity

        def work(write: Write) -> None:
            _Model(write, self._source, self._tally, self._mover, name, ours=ours).bring(
                record, number, experiments
            )
            known.note(
                write.connection,
                "registered",
                name,
                Known(self._source.identity, mark, {}, None, None),
            )

        self._desk.write(work)


class _Model:
    """One model in one transaction."""

    def __init__(
        self,
        write: Write,
        source: Source,
        tally: Tally,
        mover: Mover,
        name: str,
        *,
        ours: bool,
    ) -> None:
        self._write = write
        self._connection = write.connection
        self._source = source
        self._tally = tally
        self._mover = mover
        self._name = name
        self._ours = ours

    def bring(
        self, record: RegisteredRecord, number: int | None, experiments: Mapping[str, int]
    ) -> None:
        connection = self._connection
        created = number is None
        if number is None:
            number = models.create(
                connection,
                self._name,
                record.description or "",
                record.created_at or now_ms(),
                self._write.revision,
            )
        elif self._ours:
            models.describe(connection, number, record.description or "", record.updated_at)
        own = _tags(connection, number)
        tags = dict(record.tags)
        if _EXPERIMENTS_TAG in tags:
            tags[_EXPERIMENTS_TAG] = _mapped(tags[_EXPERIMENTS_TAG], experiments)
        fresh = [Tag(*tag) for tag in tags.items() if self._ours or tag[0] not in own]
        models.set_tags(connection, number, fresh)
        for version in record.versions:
            self._version(number, version)
        last = max((version.version for version in record.versions), default=0)
        connection.execute(
            "UPDATE registered_models SET last_version = max(last_version, ?) WHERE id = ?",
            (last, number),
        )
        self._aliases(number, record)
        models.touch(connection, number, record.updated_at or now_ms())
        marks.changed(self._write, number, self._name, "created" if created else "versions")

    def _version(self, model: int, record: VersionRecord) -> None:
        connection = self._connection
        row = connection.execute(
            "SELECT id, created_at, stage FROM model_versions WHERE model = ? AND version = ?",
            (model, record.version),
        ).fetchone()
        if row is not None and row["created_at"] != record.created_at:
            self._tally.count("versions", "skipped")
            self._tally.complain(
                "model version",
                f"{self._name} {record.version}",
                f"Version {record.version} of {self._name!r} exists here already and is another "
                "one, so it was left as it is. Bring it under another name with --prefix.",
            )
            return
        stage = record.stage or NO_STAGE
        if row is None:
            number = versions.create(
                connection,
                model,
                record.version,
                self._origin(record),
                stage=stage,
                description=record.description,
                run_link=record.run_link or "",
                user_id=record.user_id or "",
                now=record.created_at,
            )
            if stage != NO_STAGE:
                self._moved(model, "stage", str(record.version), (NO_STAGE, stage))
        else:
            number = int(row["id"])
            if self._ours and row["stage"] != stage:
                versions.set_stage(connection, number, stage, record.updated_at)
                self._moved(model, "stage", str(record.version), (row["stage"], stage))
            if self._ours:
                versions.describe(connection, number, record.description, record.updated_at)
        connection.execute(
            "UPDATE model_versions SET updated_at = ? WHERE id = ?", (record.updated_at, number)
        )
        versions.set_tags(connection, number, [Tag(*tag) for tag in record.tags.items()])
        self._tally.count("versions", "new" if row is None else "changed")

    def _aliases(self, model: int, record: RegisteredRecord) -> None:
        for alias, version in record.aliases.items():
            here = models.alias(self._connection, model, alias)
            if here == version:
                continue
            if here is not None and not self._ours:
                self._tally.complain(
                    "registered model",
                    self._name,
                    f"Alias {alias!r} of {self._name!r} leads to version {here} here; it stays.",
                )
                continue
            row = self._connection.execute(
                "SELECT 1 FROM model_versions WHERE model = ? AND version = ?", (model, version)
            ).fetchone()
            if row is None:
                continue
            models.set_alias(self._connection, model, alias, version)
            self._moved(model, "alias", alias, (str(here or ""), str(version)))

    def _moved(
        self, model: int, kind: Literal["alias", "stage"], subject: str, moved: tuple[str, str]
    ) -> None:
        marks.note(self._write, model, self._name, kind, subject, moved, self._mover)

    def _origin(self, record: VersionRecord) -> Origin:
        """Say where the files of a version are, now that they may have come along."""
        connection = self._connection
        source = record.source
        run_id = record.run_id or ""
        model_id = record.model_id or ""
        if model_id:
            row = connection.execute(
                "SELECT artifact_uri FROM logged_models WHERE model_id = ?", (model_id,)
            ).fetchone()
            if row is not None:
                moved = _moved_uri(source, known.find(connection, "model", model_id), row[0])
                return Origin(moved or source, moved or row[0], run_id, model_id)
        row = connection.execute(
            "SELECT artifact_uri FROM runs WHERE run_id = ?", (run_id,)
        ).fetchone()
        if row is not None:
            moved = _moved_uri(source, known.find(connection, "run", run_id), row[0])
            if moved is not None:
                return Origin(moved, moved, run_id, model_id)
            if source.startswith(f"runs:/{run_id}/"):
                inside = source.removeprefix(f"runs:/{run_id}/")
                return Origin(source, f"{row[0]}/{inside}", run_id, model_id)
        return Origin(source, source, run_id, model_id)


def _moved_uri(source: str, before: Known | None, here: str) -> str | None:
    """Give the URI here of something inside of what came along."""
    if before is None or not before.uri:
        return None
    was = before.uri.removeprefix("file://").rstrip("/")
    plain = source.removeprefix("file://")
    if plain == was or plain.startswith(was + "/"):
        return here + plain[len(was) :]
    return None


def _mapped(value: str, experiments: Mapping[str, int]) -> str:
    """Give the numbers here of a list of experiments such as ``,1,2,``."""
    found = [str(experiments[key]) for key in value.split(",") if key in experiments]
    return f",{','.join(found)}," if found else ""


def _tags(connection: sqlite3.Connection, model: int) -> dict[str, str]:
    return dict(
        connection.execute(
            "SELECT key, value FROM registered_model_tags WHERE model = ?", (model,)
        ).fetchall()
    )
