"""What can be done with versions of registered models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.tracking import validation as tracking_validation
from trackside_server.tracking.base import Base, now_ms
from trackside_server.tracking.pages import Paging

from . import links, sources, validation
from .entities import NO_STAGE, PROMPT_TAG, STAGES
from .marks import changed, note
from .storage import fields, models
from .storage import versions as table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from trackside_server.tracking.base import Write
    from trackside_server.tracking.entities import Page, Tag

    from .entities import ModelVersion, Mover, Origin

MAX_RESULTS = 10_000
MOST_RESULTS = 200_000
_DELETED = "The version was deleted."


class Versions(Base):
    """The part of the service about versions."""

    async def origin(self, source: str, run_id: str | None, model_id: str | None) -> Origin:
        """Find out where a new version of a model would come from."""
        return await self.read(
            lambda connection: sources.check(connection, source, run_id, model_id, prompt=False)
        )

    async def create_version(
        self,
        name: str,
        source: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
        run_link: str = "",
        description: str | None = None,
        tags: Sequence[Tag] = (),
        user_id: str = "",
    ) -> ModelVersion:
        """Create the next version of a model.

        Raises
        ------
        InvalidInput
            The source is not allowed, or lies elsewhere than in the run or model named.
        NotFound
            There is no such model, or nothing where the source points.
        """
        validation.name(name)
        validation.text(run_link, "run_link", validation.MAX_LINK)
        validation.text(description or "", "A description")
        checked = tracking_validation.model_tags(tags)
        prompt = is_prompt(checked)

        def work(write: Write) -> ModelVersion:
            connection = write.connection
            model = models.number(connection, name)
            origin = sources.check(connection, source, run_id, model_id, prompt=prompt)
            number = models.next_version(connection, model)
            row = table.create(
                connection,
                model,
                number,
                origin,
                stage=NO_STAGE,
                description=description,
                run_link=run_link,
                user_id=user_id,
                now=(now := now_ms()),
            )
            table.set_tags(connection, row, checked)
            models.touch(connection, model, now)
            if origin.model_id and not prompt:
                links.add(connection, origin.model_id, name, number)
            changed(write, model, name, "versions")
            return table.get(connection, name, number)

        return await self.write(work)

    async def get_version(self, name: str, version: str) -> ModelVersion:
        """Give a version."""
        validation.name(name)
        number = validation.version(version)
        return await self.read(lambda connection: table.get(connection, name, number))

    async def version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Give the version that has an alias; ``latest`` is the newest one."""
        validation.name(name)

        def work(connection: sqlite3.Connection) -> ModelVersion:
            return table.get(connection, name, sources.by_alias(connection, name, alias))

        return await self.read(work)

    async def latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        """Give the newest version of each of these stages, or of every stage."""
        validation.name(name)
        wanted = {validation.stage(stage) for stage in stages or STAGES}

        def work(connection: sqlite3.Connection) -> list[ModelVersion]:
            newest = table.latest(connection, models.number(connection, name))
            return [
                table.get(connection, name, found.version)
                for found in newest
                if found.stage in wanted
            ]

        return await self.read(work)

    async def describe_version(
        self, name: str, version: str, description: str | None
    ) -> ModelVersion:
        """Change the description of a version."""
        validation.text(description or "", "A description")

        def edit(write: Write, row: sqlite3.Row) -> None:
            table.describe(write.connection, row["id"], description, now_ms())

        return await self._edit(name, version, edit)

    async def set_version_tag(self, name: str, version: str, tag: Tag) -> None:
        """Set a tag of a version."""
        checked = tracking_validation.model_tags([tag])
        await self._edit(
            name,
            version,
            lambda write, row: table.set_tags(write.connection, row["id"], checked),
        )

    async def delete_version_tag(self, name: str, version: str, key: str) -> None:
        """Delete a tag of a version; nothing there is fine."""
        tracking_validation.key(key, "tag")
        await self._edit(
            name, version, lambda write, row: table.delete_tag(write.connection, row["id"], key)
        )

    async def delete_version(self, name: str, version: str, mover: Mover) -> None:
        """Delete a version with its aliases; its number is never used again."""
        validation.name(name)
        number = validation.version(version)

        def work(write: Write) -> None:
            connection = write.connection
            row = table.row(connection, name, number)
            model = row["model"]
            gone = mover.because(_DELETED)
            for alias, target in models.aliases(connection, model):
                if target == number:
                    note(write, model, name, "alias", alias, (str(number), ""), gone)
            if row["stage"] != NO_STAGE:
                note(write, model, name, "stage", str(number), (row["stage"], ""), gone)
            if row["model_id"]:
                links.remove(connection, row["model_id"], name, number)
            table.delete(connection, row["id"])
            models.touch(connection, model, now_ms())
            changed(write, model, name, "versions")

        await self.write(work)

    async def search_versions(
        self,
        *,
        filter_text: str = "",
        order_by: Sequence[str] = (),
        max_results: int = MAX_RESULTS,
        page_token: str | None = None,
    ) -> Page[ModelVersion]:
        """Find versions, in MLflow's grammar; prompts only if the filter asks for them."""
        paging = Paging.of(max_results, page_token, most=MOST_RESULTS)
        where = fields.versions_where(filter_text)
        order = fields.version_order(order_by)

        def work(connection: sqlite3.Connection) -> Page[ModelVersion]:
            found = table.search(connection, where, order, limit=paging.limit, offset=paging.offset)
            return paging.page(found)

        return await self.read(work)

    async def _edit(
        self, name: str, version: str, edit: Callable[[Write, sqlite3.Row], None]
    ) -> ModelVersion:
        validation.name(name)
        number = validation.version(version)

        def work(write: Write) -> ModelVersion:
            row = table.row(write.connection, name, number)
            edit(write, row)
            changed(write, row["model"], name, "versions")
            return table.get(write.connection, name, number)

        return await self.write(work)


def is_prompt(tags: Iterable[Tag]) -> bool:
    """Say whether a version with these tags is a prompt."""
    return dict(tags).get(PROMPT_TAG, "").lower() == "true"
