"""What can be done with registered models as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.errors import AlreadyExists
from trackside_server.tracking import validation as tracking_validation
from trackside_server.tracking.base import Base, now_ms
from trackside_server.tracking.pages import Paging

from . import links, validation
from .entities import NO_STAGE
from .marks import changed, note
from .storage import fields, versions
from .storage import models as table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from trackside_server.tracking.base import Write
    from trackside_server.tracking.entities import Page, Tag

    from .entities import Mover, RegisteredModel

MAX_RESULTS = 100
MOST_RESULTS = 1000
_DELETED = "The model was deleted."


class Models(Base):
    """The part of the service about registered models."""

    async def create_model(
        self, name: str, *, description: str = "", tags: Sequence[Tag] = ()
    ) -> RegisteredModel:
        """Create a model that has no version yet.

        Raises
        ------
        AlreadyExists
            Another one has that name.
        """
        validation.name(name)
        validation.text(description, "A description")
        checked = tracking_validation.model_tags(tags)

        def work(write: Write) -> RegisteredModel:
            _check_free(write.connection, name)
            now = now_ms()
            model = table.create(write.connection, name, description, now, write.revision)
            table.set_tags(write.connection, model, checked)
            changed(write, model, name, "created")
            return table.get(write.connection, name)

        return await self.write(work)

    async def get_model(self, name: str) -> RegisteredModel:
        """Give a model."""
        validation.name(name)
        return await self.read(lambda connection: table.get(connection, name))

    async def describe_model(self, name: str, description: str) -> RegisteredModel:
        """Change the description of a model."""
        validation.name(name)
        validation.text(description, "A description")

        def work(write: Write) -> RegisteredModel:
            model = table.number(write.connection, name)
            table.describe(write.connection, model, description, now_ms())
            changed(write, model, name, "data")
            return table.get(write.connection, name)

        return await self.write(work)

    async def rename_model(self, name: str, new_name: str) -> RegisteredModel:
        """Give a model another name, and with it all that is its own."""
        validation.name(name)
        validation.name(new_name)

        def work(write: Write) -> RegisteredModel:
            model = table.number(write.connection, name)
            if new_name != name:
                _check_free(write.connection, new_name)
                self.store.bury(write.connection, "model", name)
            table.rename(write.connection, model, new_name, now_ms())
            for number, model_id in versions.made_of(write.connection, model):
                links.rename(write.connection, model_id, name, number, new_name)
            changed(write, model, new_name, "renamed")
            return table.get(write.connection, new_name)

        return await self.write(work)

    async def delete_model(self, name: str, mover: Mover) -> None:
        """Delete a model with all its versions; its history of promotions stays."""
        validation.name(name)

        def work(write: Write) -> None:
            connection = write.connection
            model = table.number(connection, name)
            _note_end(write, model, name, mover)
            for number, model_id in versions.made_of(connection, model):
                links.remove(connection, model_id, name, number)
            changed(write, model, name, "deleted")
            table.delete(connection, model)
            self.store.bury(connection, "model", name)

        await self.write(work)

    async def set_model_tag(self, name: str, tag: Tag) -> None:
        """Set a tag of a model."""
        validation.name(name)
        checked = tracking_validation.model_tags([tag])

        def work(write: Write) -> None:
            model = table.number(write.connection, name)
            table.set_tags(write.connection, model, checked)
            changed(write, model, name, "data")

        await self.write(work)

    async def delete_model_tag(self, name: str, key: str) -> None:
        """Delete a tag of a model; nothing there is fine."""
        validation.name(name)
        tracking_validation.key(key, "tag")

        def work(write: Write) -> None:
            model = table.number(write.connection, name)
            table.delete_tag(write.connection, model, key)
            changed(write, model, name, "data")

        await self.write(work)

    async def search_models(
        self,
        *,
        filter_text: str = "",
        order_by: Sequence[str] = (),
        max_results: int = MAX_RESULTS,
        page_token: str | None = None,
    ) -> Page[RegisteredModel]:
        """Find models, in MLflow's grammar; prompts only if the filter asks for them."""
        paging = Paging.of(max_results, page_token, most=MOST_RESULTS)
        where = fields.models_where(filter_text)
        order = fields.model_order(order_by)

        def work(connection: sqlite3.Connection) -> Page[RegisteredModel]:
            found = table.search(connection, where, order, limit=paging.limit, offset=paging.offset)
            return paging.page(found)

        return await self.read(work)

    async def changed_since(self, revision: int, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Give what changed after a revision, oldest first, at most one more than `limit`."""
        found = await self.read(
            lambda connection: table.changed_since(connection, revision, limit + 1)
        )
        return {"models": [{"name": name, "revision": number} for name, number in found]}

    async def newest(self, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Give nothing: a view that starts anew searches for the models that it shows."""
        del limit
        return {"models": []}


def _check_free(connection: sqlite3.Connection, name: str) -> None:
    found = table.find(connection, name)
    if found is not None:
        what = "prompt" if table.is_prompt(connection, found) else "registered model"
        raise AlreadyExists(f"There is a {what} named {name[:80]!r} already.")


def _note_end(write: Write, model: int, name: str, mover: Mover) -> None:
    """Write down that nothing of a model is promoted any more."""
    gone = mover.because(_DELETED)
    for alias, number in table.aliases(write.connection, model):
        note(write, model, name, "alias", alias, (str(number), ""), gone)
    for _, number, stage in versions.staged(write.connection, model):
        if stage != NO_STAGE:
            note(write, model, name, "stage", str(number), (stage, ""), gone)
