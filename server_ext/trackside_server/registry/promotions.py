"""Moving aliases and versions, and the history of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.tracking.base import Base, now_ms

from . import board, validation
from .entities import ACTIVE_STAGES, ARCHIVED, Belongs
from .marks import changed, note
from .storage import models, versions
from .storage.promotions import LOG, known

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from trackside_server.tracking.base import Write

    from .entities import Excerpt, ModelVersion, Mover, Promotion, Step


class Promotions(Base):
    """The part of the service about aliases, stages and their history."""

    async def set_alias(
        self, name: str, alias: str, version: str | None, mover: Mover
    ) -> Promotion | None:
        """Give an alias to a version, or take it away.

        Returns
        -------
        Promotion or None
            The line of the history, None when the alias was there already.

        Raises
        ------
        NotFound
            There is no such model or version.
        """
        validation.name(name)
        number = None
        if version is None:
            validation.alias(alias)
        else:
            validation.new_alias(alias)
            number = validation.version(version)

        def work(write: Write) -> Promotion | None:
            connection = write.connection
            model = models.number(connection, name)
            if number is not None:
                versions.row(connection, name, number)
            old = models.alias(connection, model, alias)
            if old == number:
                return None
            models.set_alias(connection, model, alias, number)
            moved = (_text(old), _text(number))
            line = note(write, model, name, "alias", alias, moved, mover)
            changed(write, model, name, "aliases")
            return LOG.get(connection, line)

        return await self.write(work)

    async def set_stage(
        self, name: str, version: str, stage: str, mover: Mover, *, archive_existing: bool = False
    ) -> tuple[ModelVersion, list[Promotion]]:
        """Move a version to a stage.

        Parameters
        ----------
        archive_existing
            Whether the other versions there move to Archived.

        Returns
        -------
        tuple
            The version, and the lines of the history; none when it was there already.
        """
        validation.name(name)
        number = validation.version(version)
        target = validation.stage(stage)
        if archive_existing and target not in ACTIVE_STAGES:
            raise InvalidInput(
                f"Versions can be archived when another one enters {' or '.join(ACTIVE_STAGES)}, "
                f"not {target}.",
                hint="Leave out archive_existing_versions.",
            )

        def work(write: Write) -> tuple[ModelVersion, list[Promotion]]:
            connection = write.connection
            now = now_ms()
            model = versions.row(connection, name, number)["model"]
            lines: list[int] = []
            for row, other, old in versions.staged(connection, model):
                if other == number:
                    new = target
                elif archive_existing and old == target:
                    new = ARCHIVED
                else:
                    continue
                versions.set_stage(connection, row, new, now)
                if old != new:
                    lines.append(note(write, model, name, "stage", str(other), (old, new), mover))
            models.touch(connection, model, now)
            changed(write, model, name, "stages")
            history = [LOG.get(connection, line) for line in lines]
            return versions.get(connection, name, number), history

        return await self.write(work)

    async def place(
        self, name: str, version: str, stage: str, mover: Mover, *, archive_existing: bool = False
    ) -> list[Promotion]:
        """Move a version to a column of the board; give the lines of the history.

        Parameters
        ----------
        archive_existing
            Whether the versions that stand there move to Archived.
        """
        validation.name(name)
        number = validation.version(version)
        target = validation.stage(stage)

        def work(write: Write) -> list[Promotion]:
            model = versions.row(write.connection, name, number)["model"]
            standing = _standing(write.connection, model)
            steps = board.steps_to(standing, str(number), target, archive=archive_existing)
            return _apply(write, model, name, steps, mover)

        return await self.write(work)

    async def take_back(self, name: str, move: int, mover: Mover) -> list[Promotion]:
        """Take a move back, as a new line of the history that names it.

        Raises
        ------
        NotFound
            There is no such move.
        Conflict
            What it moved was moved again, or is gone; or it was a move of a model that had this
            name before.
        """
        validation.name(name)

        def work(write: Write) -> list[Promotion]:
            connection = write.connection
            model = models.number(connection, name)
            lines = LOG.move(connection, name, model, move)
            steps = board.steps_back(_standing(connection, model), lines)
            return _apply(write, model, name, steps, mover, lines[0].move)

        return await self.write(work)

    async def history(self, name: str, excerpt: Excerpt) -> list[Promotion]:
        """Give who moved what, the newest move first."""
        validation.name(name)

        def work(connection: sqlite3.Connection) -> list[Promotion]:
            _require(connection, name)
            return LOG.history(connection, name, excerpt)

        return await self.read(work)

    async def holders(self, name: str, time: int) -> tuple[dict[str, int], dict[str, list[int]]]:
        """Give which version had which alias, and which versions stood in which stage, then."""
        validation.name(name)

        def work(connection: sqlite3.Connection) -> list[Promotion]:
            _require(connection, name)
            return LOG.last_moves(connection, name, time)

        return board.holders(await self.read(work))

    async def covers(self, name: str) -> int | None:
        """Give since when moves are written down: None, for all of them were."""
        del name
        return None


def _standing(connection: sqlite3.Connection, model: int) -> board.Standing:
    return board.Standing(
        {alias: str(number) for alias, number in models.aliases(connection, model)},
        {str(number): stage for _, number, stage in versions.staged(connection, model)},
    )


def _apply(
    write: Write,
    model: int,
    name: str,
    steps: Iterable[Step],
    mover: Mover,
    reverts: int | None = None,
) -> list[Promotion]:
    """Do the steps of one move and write them down."""
    connection = write.connection
    rows = {str(number): row for row, number, _ in versions.staged(connection, model)}
    now = now_ms()
    first = 0
    found: list[Promotion] = []
    for step in steps:
        if step.kind == "alias":
            models.set_alias(connection, model, step.subject, int(step.new) if step.new else None)
        else:
            versions.set_stage(connection, rows[step.subject], step.new, now)
        moved = (step.old, step.new)
        line = note(
            write, model, name, step.kind, step.subject, moved, mover, Belongs(first, reverts)
        )
        first = first or line
        found.append(LOG.get(connection, line))
    if found:
        models.touch(connection, model, now)
        changed(write, model, name, "stages")
    return found


def _require(connection: sqlite3.Connection, name: str) -> None:
    if not known(connection, name):
        raise NotFound(f"There is no registered model named {name[:80]!r}.")


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
