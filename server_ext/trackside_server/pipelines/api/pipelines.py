"""The routes of pipelines and their versions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server import json_text
from trackside_server.errors import InvalidInput
from trackside_server.pipelines.catalog.naming import MOST_NAME, MOST_URL, read_names, read_tags
from trackside_server.pipelines.fields import object_of, text_of
from trackside_server.pipelines.ir.reading import of_json, read
from trackside_server.pipelines.times import rfc3339
from trackside_server.structs import replace

from .base import KfpHandler, given
from .questions import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trackside_server.pipelines.catalog.entities import Names, PipelineEntry, VersionEntry
    from trackside_server.pipelines.catalog.service import Catalog
    from trackside_server.pipelines.ir.reading import Documents
    from trackside_server.web import Core, TracksideHandler

_NAMED: Final = {
    "name": Field("name"),
    "display_name": Field("display_name"),
    "description": Field("description"),
    "created_at": Field("created", "time"),
    "tags": Field("tags"),
}
PIPELINES: Final = {"pipeline_id": Field("pipeline_id"), "id": Field("pipeline_id"), **_NAMED}
VERSIONS: Final = {"pipeline_version_id": Field("version_id"), "id": Field("version_id"), **_NAMED}


class _Handler(KfpHandler):
    """What they share."""

    def initialize(self, core: Core, catalog: Catalog) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.catalog = catalog


class PipelinesHandler(_Handler):
    """``/pipelines``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the pipelines."""
        page = await self.catalog.pipelines(self.question(PIPELINES))
        await self.reply_list("pipelines", list(map(write_pipeline, page.items)), page)

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Add a pipeline that has no version yet."""
        entry = await self.catalog.add(read_names("pipeline", self.json_object()))
        self.reply(write_pipeline(entry))


class CreateHandler(_Handler):
    """``/pipelines/create``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Add a pipeline with its first version."""
        body = await self.pipeline_object()
        sent = object_of(body, "pipeline_version", "pipelineVersion")
        names = read_names("pipeline", object_of(body, "pipeline"))
        version = read_names("version", sent, names.name)
        entry = await self.catalog.add(names, version, await _spec(sent), _url(sent))
        self.reply(write_pipeline(entry))


class UploadHandler(_Handler):
    """``/pipelines/upload``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Add a pipeline with its first version, out of a file."""
        file, documents = await read_upload(self)
        sent = _named(self)
        info = documents.pipeline.get("pipelineInfo") or documents.pipeline.get("pipeline_info")
        named = info.get("name") if isinstance(info, dict) else None
        names = read_names("pipeline", sent, named if isinstance(named, str) else file)
        entry = await self.catalog.add(names, None, documents, _url(sent))
        self.reply(write_pipeline(entry))


class UploadVersionHandler(_Handler):
    """``/pipelines/upload_version``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Add a version to a pipeline, out of a file."""
        pipeline_id = self.get_query_argument("pipelineid", "")
        if not pipeline_id:
            raise InvalidInput("pipelineid has to name the pipeline that gets the version.")
        file, documents = await read_upload(self)
        sent = _named(self)
        names = read_names("version", sent, file)
        entry = await self.catalog.add_version(pipeline_id, names, documents, _url(sent))
        await self.reply_large(write_version(entry))


class PipelineHandler(_Handler):
    """``/pipelines/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, pipeline_id: str) -> None:
        """Give a pipeline."""
        self.reply(write_pipeline(await self.catalog.pipeline(pipeline_id)))

    @web.authenticated
    @authorized
    async def patch(self, pipeline_id: str) -> None:
        """Change what is shown of a pipeline."""
        entry = await self.catalog.change_pipeline(pipeline_id, _changes(self.json_object()))
        self.reply(write_pipeline(entry))

    @web.authenticated
    @authorized
    async def delete(self, pipeline_id: str) -> None:
        """Delete a pipeline; with its versions when ``cascade`` is true."""
        cascade = self.get_query_argument("cascade", "").lower() == "true"
        await self.catalog.delete_pipeline(pipeline_id, cascade=cascade)
        self.done()


class PipelineOfNameHandler(_Handler):
    """``/pipelines/names/{name}``."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Give the pipeline of a name."""
        self.reply(write_pipeline(await self.catalog.pipeline_of_name(name)))


class VersionsHandler(_Handler):
    """``/pipelines/{id}/versions``."""

    @web.authenticated
    @authorized
    async def get(self, pipeline_id: str) -> None:
        """List the versions of a pipeline."""
        page = await self.catalog.versions(pipeline_id, self.question(VERSIONS))
        await self.reply_list("pipeline_versions", list(map(write_version, page.items)), page)

    @web.authenticated
    @authorized
    async def post(self, pipeline_id: str) -> None:
        """Add a version whose pipeline comes in the request."""
        sent = await self.pipeline_object()
        names = read_names("version", sent)
        documents = await _spec(sent)
        entry = await self.catalog.add_version(pipeline_id, names, documents, _url(sent))
        await self.reply_large(write_version(entry))


class VersionHandler(_Handler):
    """``/pipelines/{id}/versions/{version}``."""

    @web.authenticated
    @authorized
    async def get(self, pipeline_id: str, version_id: str) -> None:
        """Give a version, with what it was compiled to."""
        await self.reply_large(write_version(await self.catalog.version(pipeline_id, version_id)))

    @web.authenticated
    @authorized
    async def patch(self, pipeline_id: str, version_id: str) -> None:
        """Change what is shown of a version."""
        changes = _changes(self.json_object())
        entry = await self.catalog.change_version(pipeline_id, version_id, changes)
        await self.reply_large(write_version(entry))

    @web.authenticated
    @authorized
    async def delete(self, pipeline_id: str, version_id: str) -> None:
        """Delete a version."""
        await self.catalog.delete_version(pipeline_id, version_id)
        self.done()


def write_pipeline(entry: PipelineEntry) -> dict[str, Any]:
    """Write a pipeline."""
    return {"pipeline_id": entry.pipeline_id, **_write_names(entry.names, entry.created)}


def write_version(entry: VersionEntry) -> dict[str, Any]:
    """Write a version."""
    return {
        "pipeline_id": entry.pipeline_id,
        "pipeline_version_id": entry.version_id,
        **_write_names(entry.names, entry.created),
        **given({"code_source_url": entry.code_source_url}),
        "pipeline_spec": write_documents(entry.documents),
    }


def write_documents(documents: Documents) -> Mapping[str, Any]:
    """Write a compiled pipeline: alone, or beside the settings of platforms."""
    if not documents.platforms:
        return documents.pipeline
    return {"pipeline_spec": documents.pipeline, "platform_spec": documents.platforms}


def _write_names(names: Names, created: float) -> dict[str, Any]:
    return given(
        {
            "display_name": names.display_name,
            "name": names.name,
            "description": names.description,
            "tags": dict(names.tags),
            "created_at": rfc3339(created),
        }
    )


async def read_upload(handler: TracksideHandler) -> tuple[str, Documents]:
    """Read the file of a request: what it is called, and what was compiled.

    Raises
    ------
    InvalidInput
        There is none, or it is no compiled pipeline.
    """
    handler.body()  # refused when it is too large
    files = handler.request.files.get("uploadfile", [])
    if len(files) != 1:
        raise InvalidInput(
            _instead_of_file(handler, len(files)),
            hint="Send the compiled pipeline as multipart/form-data, in the part uploadfile.",
        )
    name = str(files[0]["filename"])
    for ending in (".tar.gz", ".tgz", ".zip", ".yaml", ".yml", ".json"):
        name = name.removesuffix(ending)
    return name, await asyncio.to_thread(read, files[0]["body"])


def _instead_of_file(handler: TracksideHandler, count: int) -> str:
    request = handler.request
    if count:
        return f"The request holds {count} files in the part uploadfile; it has to hold one."
    if "uploadfile" in request.body_arguments:
        return "The part uploadfile of the request has no file name, so it is no file."
    others = ", ".join(repr(name[:40]) for name in list(request.files)[:3])
    if others:
        return f"The file of the request is in the part {others} instead of 'uploadfile'."
    return "The request holds no file."


def _named(handler: KfpHandler) -> dict[str, Any]:
    """Take what is said of a file: it stands in the address."""
    keys = ("name", "display_name", "description", "code_source_url")
    sent: dict[str, Any] = {key: handler.get_query_argument(key, None) for key in keys}
    tags = handler.get_query_argument("tags", "")
    try:
        sent["tags"] = json_text.loads(tags) if tags else None
    except ValueError:
        raise InvalidInput('tags has to be JSON, such as {"team":"vision"}.') from None
    return sent


async def _spec(sent: Mapping[str, Any]) -> Documents:
    spec = object_of(sent, "pipeline_spec", "pipelineSpec")
    if not spec:
        raise InvalidInput(
            "The version has no pipeline_spec.",
            hint="Send the compiled pipeline there, or upload its file.",
        )
    return await asyncio.to_thread(of_json, spec)


def _url(sent: Mapping[str, Any]) -> str:
    return text_of(sent, "code_source_url", most=MOST_URL)


def _changes(sent: Mapping[str, Any]) -> Callable[[Names], Names]:
    shown = text_of(sent, "display_name", most=MOST_NAME).strip()
    tags = read_tags(sent.get("tags"))

    def change(old: Names) -> Names:
        return replace(
            old,
            display_name=shown or old.display_name,
            tags=tags if "tags" in sent else old.tags,
        )

    return change
