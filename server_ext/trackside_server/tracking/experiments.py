"""What can be done with experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import AlreadyExists, InvalidInput, NotFound

from . import validation
from .base import Base, Write, now_ms
from .pages import Paging
from .paths import artifact_location
from .search import EXPERIMENTS, Field, Order, parse_filter, parse_orders
from .search.sql import Compiler
from .storage import experiments as table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from .entities import Experiment, Page, Tag, ViewType

_NEWEST_FIRST = (
    Order(Field("attribute", "creation_time"), ascending=False),
    Order(Field("attribute", "experiment_id"), ascending=False),
)


class Experiments(Base):
    """The part of the service about experiments."""

    async def create_experiment(
        self, name: str, *, location: str | None = None, tags: Sequence[Tag] = ()
    ) -> str:
        """Create an experiment; give its id.

        Raises
        ------
        AlreadyExists
            Another experiment has that name; a deleted one counts.
        """
        validation.experiment_name(name)
        checked = validation.experiment_tags(tags)
        place = artifact_location(location) if location else None

        def work(write: Write) -> str:
            return str(_create(write, name, place, checked))

        return await self.write(work)

    async def get_experiment(self, experiment_id: str) -> Experiment:
        """Give an experiment, deleted or not."""
        number = validation.experiment_id(experiment_id)
        return await self.read(lambda connection: _existing(connection, number))

    async def get_experiment_by_name(self, name: str) -> Experiment:
        """Give the experiment of a name, deleted or not."""
        found = await self.read(lambda connection: table.by_name(connection, name))
        if found is None:
            raise NotFound(f"There is no experiment named {name[:80]!r}.")
        return found

    async def get_or_create_experiment(self, name: str) -> Experiment:
        """Give the experiment of a name, making it when it is missing.

        Raises
        ------
        InvalidInput
            The experiment is deleted.
        """
        validation.experiment_name(name)
        found = await self.read(lambda connection: table.by_name(connection, name))
        if found is None:

            def work(write: Write) -> Experiment:
                # Another writer may have been faster.
                there = table.by_name(write.connection, name)
                number = int(there.experiment_id) if there else _create(write, name, None, ())
                return _existing(write.connection, number)

            found = await self.write(work)
        if found.deleted:
            raise InvalidInput(
                f"Experiment {name[:80]!r} is deleted.", hint="Restore it, or take another name."
            )
        return found

    async def rename_experiment(self, experiment_id: str, name: str) -> None:
        """Give an experiment another name."""
        number = validation.experiment_id(experiment_id)
        validation.experiment_name(name)

        def work(write: Write) -> None:
            found = _active(write.connection, number)
            if found.name != name:
                _check_free(write.connection, name)
            table.rename(write.connection, number, name, now_ms(), write.revision)
            write.experiment_changed(number, "renamed")

        await self.write(work)

    async def delete_experiment(self, experiment_id: str) -> None:
        """Mark an experiment and all its runs as deleted."""
        await self._set_deleted(experiment_id, deleted=True)

    async def restore_experiment(self, experiment_id: str) -> None:
        """Bring an experiment back with all its runs, as MLflow does."""
        await self._set_deleted(experiment_id, deleted=False)

    async def set_experiment_tags(self, experiment_id: str, tags: Sequence[Tag]) -> None:
        """Set tags of an experiment."""
        number = validation.experiment_id(experiment_id)
        checked = validation.experiment_tags(tags)

        def work(write: Write) -> None:
            _active(write.connection, number)
            table.set_tags(write.connection, number, checked, write.revision)
            write.experiment_changed(number, "data")

        await self.write(work)

    async def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Delete a tag of an experiment."""
        number = validation.experiment_id(experiment_id)

        def work(write: Write) -> None:
            _active(write.connection, number)
            if not table.delete_tag(write.connection, number, key, write.revision):
                raise NotFound(f"Experiment {number} has no tag {key[:80]!r}.")
            write.experiment_changed(number, "data")

        await self.write(work)

    async def search_experiments(
        self,
        *,
        filter_text: str = "",
        order_by: Sequence[str] = (),
        view: ViewType = "ACTIVE_ONLY",
        max_results: int = 1000,
        page_token: str | None = None,
        only: str | None = None,
    ) -> Page[Experiment]:
        """Find experiments; `only` names the one that the caller may see."""
        paging = Paging.of(max_results, page_token, most=50_000)
        tree = parse_filter(filter_text, EXPERIMENTS)
        orders = parse_orders(order_by, EXPERIMENTS)
        number = None if only is None else validation.experiment_id(only)

        def work(connection: sqlite3.Connection) -> Page[Experiment]:
            compiler = Compiler(EXPERIMENTS, lambda name: self.names.find(connection, name))
            _, terms = compiler.order(orders, _NEWEST_FIRST)
            found = table.search(
                connection,
                compiler.where(tree),
                terms,
                view,
                only=number,
                limit=paging.limit,
                offset=paging.offset,
            )
            return paging.page(found)

        return await self.read(work)

    async def _set_deleted(self, experiment_id: str, *, deleted: bool) -> None:
        number = validation.experiment_id(experiment_id)
        change = "deleted" if deleted else "restored"

        def work(write: Write) -> None:
            found = table.by_id(write.connection, number)
            if found is None or found.deleted == deleted:
                state = "active" if deleted else "deleted"
                raise NotFound(f"There is no {state} experiment with id {number}.")
            now = now_ms()
            runs = table.set_deleted(
                write.connection, number, now if deleted else None, now, write.revision
            )
            write.experiment_changed(number, change)
            for row in runs:
                write.run_changed(row, change)

        await self.write(work)


def _create(write: Write, name: str, location: str | None, tags: Sequence[Tag]) -> int:
    _check_free(write.connection, name)
    number = table.create(write.connection, name, location, now_ms(), write.revision)
    table.set_tags(write.connection, number, tags, write.revision)
    write.experiment_changed(number, "created")
    return number


def _check_free(connection: sqlite3.Connection, name: str) -> None:
    taken = table.by_name(connection, name)
    if taken is None:
        return
    if taken.deleted:
        raise AlreadyExists(
            f"A deleted experiment (id {taken.experiment_id}) is named {name[:80]!r}.",
            hint="Restore it, or take another name.",
        )
    raise AlreadyExists(f"Experiment {name[:80]!r} exists already (id {taken.experiment_id}).")


def _existing(connection: sqlite3.Connection, number: int) -> Experiment:
    found = table.by_id(connection, number)
    if found is None:
        raise NotFound(f"There is no experiment with id {number}.")
    return found


def _active(connection: sqlite3.Connection, number: int) -> Experiment:
    return require_active(_existing(connection, number))


def require_active(found: Experiment) -> Experiment:
    """Refuse to write to a deleted experiment."""
    if found.deleted:
        raise InvalidInput(
            f"Experiment {found.name[:80]!r} is deleted; restore it before you write to it."
        )
    return found
