"""What can be done with pipelines and their versions."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput, NameTaken, NotFound
from trackside_server.pipelines import news
from trackside_server.pipelines.specs import checked
from trackside_server.pipelines.storage.listing import Condition
from trackside_server.structs import replace

from . import storage as table
from .entities import PipelineEntry, VersionEntry

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from trackside_server.pipelines.ir.reading import Documents
    from trackside_server.pipelines.ledger import Entry, Ledger
    from trackside_server.pipelines.storage.listing import Page, Query
    from trackside_server.pipelines.storage.specs import Packed

    from .entities import Names


class Catalog:
    """Pipelines that were uploaded, and their versions.

    Parameters
    ----------
    ledger
        Keeps them, and tells of what changed.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def add(
        self,
        names: Names,
        version: Names | None = None,
        documents: Documents | None = None,
        url: str = "",
    ) -> PipelineEntry:
        """Add a pipeline, with a first version where that is given.

        Parameters
        ----------
        names
            How the pipeline is called.
        version, documents, url
            How its version is called, what it was compiled to, and where its code is.

        Raises
        ------
        InvalidInput
            The documents are no pipeline that can be run.
        NameTaken
            Another pipeline has the name.
        """
        packed = None if documents is None else await asyncio.to_thread(checked, documents)
        pipeline = PipelineEntry(_new_id(), names, time.time())

        def work(entry: Entry) -> PipelineEntry:
            connection = entry.connection
            if table.pipeline_of_name(connection, names.name) is not None:
                raise NameTaken(
                    f"There is a pipeline named {names.name[:80]!r} already.",
                    hint="Upload a new version of it, or take another name.",
                )
            table.add_pipeline(connection, pipeline)
            if documents is not None and packed is not None:
                called = version or names
                _add_version(connection, pipeline.pipeline_id, called, documents, url, packed)
            _tell(entry, pipeline, "created")
            return pipeline

        return await self._ledger.write(work)

    async def add_version(
        self, pipeline_id: str, names: Names, documents: Documents, url: str = ""
    ) -> VersionEntry:
        """Add a version to a pipeline.

        Raises
        ------
        NotFound
            There is no such pipeline.
        NameTaken
            It has a version of this name.
        """
        packed = await asyncio.to_thread(checked, documents)

        def work(entry: Entry) -> VersionEntry:
            connection = entry.connection
            pipeline = _existing(connection, pipeline_id)
            if table.has_version(connection, pipeline_id, names.name):
                raise NameTaken(
                    f"The pipeline has a version named {names.name[:80]!r} already.",
                    hint="Give the new one another name.",
                )
            version = _add_version(connection, pipeline_id, names, documents, url, packed)
            _tell(entry, pipeline, "versions")
            return version

        return await self._ledger.write(work)

    async def pipeline(self, pipeline_id: str) -> PipelineEntry:
        """Give a pipeline."""
        return await self._ledger.read(lambda connection: _existing(connection, pipeline_id))

    async def pipeline_of_name(self, name: str) -> PipelineEntry:
        """Give the pipeline of a name."""
        found = await self._ledger.read(lambda connection: table.pipeline_of_name(connection, name))
        if found is None:
            raise NotFound(f"There is no pipeline named {name[:80]!r}.")
        return found

    async def version(self, pipeline_id: str, version_id: str) -> VersionEntry:
        """Give a version; without an id the newest of the pipeline."""

        def work(connection: sqlite3.Connection) -> VersionEntry:
            if version_id:
                return _existing_version(connection, pipeline_id, version_id)
            _existing(connection, pipeline_id)
            newest = table.newest_version(connection, pipeline_id)
            if newest is None:
                raise InvalidInput("The pipeline has no version yet.", hint="Upload one first.")
            return newest

        return await self._ledger.read(work)

    async def which_versions(self, version_ids: Iterable[str]) -> frozenset[str]:
        """Say which of some versions there are, and are not deleted."""
        return await self._ledger.read(
            lambda connection: table.which_versions(connection, version_ids)
        )

    async def pipelines(self, query: Query) -> Page[PipelineEntry]:
        """List pipelines."""
        return await self._ledger.read(lambda connection: table.pipelines(connection, query))

    async def versions(self, pipeline_id: str, query: Query) -> Page[VersionEntry]:
        """List the versions of a pipeline."""
        of_this = Condition("pipeline_id", "=", pipeline_id)
        narrowed = replace(query, conditions=(*query.conditions, of_this))

        def work(connection: sqlite3.Connection) -> Page[VersionEntry]:
            _existing(connection, pipeline_id)
            return table.versions(connection, narrowed)

        return await self._ledger.read(work)

    async def change_pipeline(
        self, pipeline_id: str, change: Callable[[Names], Names]
    ) -> PipelineEntry:
        """Give a pipeline other words."""

        def work(entry: Entry) -> PipelineEntry:
            connection = entry.connection
            names = change(_existing(connection, pipeline_id).names)
            table.change_pipeline(connection, pipeline_id, names)
            pipeline = _existing(connection, pipeline_id)
            _tell(entry, pipeline, "data")
            return pipeline

        return await self._ledger.write(work)

    async def change_version(
        self, pipeline_id: str, version_id: str, change: Callable[[Names], Names]
    ) -> VersionEntry:
        """Give a version other words."""

        def work(entry: Entry) -> VersionEntry:
            connection = entry.connection
            before = _existing_version(connection, pipeline_id, version_id)
            table.change_version(connection, version_id, change(before.names))
            _tell(entry, _existing(connection, before.pipeline_id), "versions")
            return _existing_version(connection, pipeline_id, version_id)

        return await self._ledger.write(work)

    async def delete_pipeline(self, pipeline_id: str, *, cascade: bool) -> None:
        """Delete a pipeline; its runs stay.

        Raises
        ------
        InvalidInput
            It has versions, which `cascade` alone deletes with it.
        """

        def work(entry: Entry) -> None:
            connection = entry.connection
            pipeline = _existing(connection, pipeline_id)
            if not cascade and table.newest_version(connection, pipeline_id) is not None:
                raise InvalidInput(
                    "The pipeline has versions.",
                    hint="Delete them first, or set cascade=true to delete them with it.",
                )
            table.delete_pipeline(connection, pipeline_id)
            news.bury(entry, "pipeline", pipeline_id, pipeline.names.display_name)

        await self._ledger.write(work)

    async def delete_version(self, pipeline_id: str, version_id: str) -> None:
        """Delete a version; its runs stay."""

        def work(entry: Entry) -> None:
            connection = entry.connection
            version = _existing_version(connection, pipeline_id, version_id)
            table.delete_version(connection, version_id)
            _tell(entry, _existing(connection, version.pipeline_id), "versions")

        await self._ledger.write(work)


def _add_version(
    connection: sqlite3.Connection,
    pipeline_id: str,
    names: Names,
    documents: Documents,
    url: str,
    packed: Packed,
) -> VersionEntry:
    entry = VersionEntry(pipeline_id, _new_id(), names, url, documents, time.time())
    table.add_version(connection, entry, packed)
    return entry


def _tell(entry: Entry, pipeline: PipelineEntry, change: str) -> None:
    news.touch(entry, "pipeline", pipeline.pipeline_id, pipeline.names.display_name, change)


def _new_id() -> str:
    return str(uuid.uuid4())


def _existing(connection: sqlite3.Connection, pipeline_id: str) -> PipelineEntry:
    found = table.pipeline(connection, pipeline_id)
    if found is None:
        raise NotFound(f"There is no pipeline {pipeline_id[:80]!r}.")
    return found


def _existing_version(
    connection: sqlite3.Connection, pipeline_id: str, version_id: str
) -> VersionEntry:
    found = table.version(connection, version_id)
    if found is None or (pipeline_id and found.pipeline_id != pipeline_id):
        raise NotFound(f"There is no version {version_id[:80]!r} of this pipeline.")
    return found
