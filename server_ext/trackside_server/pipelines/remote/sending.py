"""Brings a pipeline from here to the KFP server, as it was compiled."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
import uuid
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from jupyter_server.utils import ensure_async
from msgspec import Struct, field

from trackside_server.answers import dumps
from trackside_server.errors import AlreadyExists, InvalidInput, NotFound, TracksideError
from trackside_server.pipelines.api.base import given
from trackside_server.pipelines.catalog.naming import MOST_DESCRIPTION, MOST_NAME
from trackside_server.pipelines.fields import object_of, text_of
from trackside_server.pipelines.ir.archives import MAX_FILE, too_large
from trackside_server.pipelines.ir.parsing import parse
from trackside_server.pipelines.ir.reading import Documents, of_json, read

from .client import UPLOAD
from .reading import objects, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.catalog.service import Catalog
    from trackside_server.pipelines.service import Pipelines

    from .service import Remote

_ENDINGS: Final = (".tar.gz", ".tgz", ".zip", ".yaml", ".yml", ".json")
_DEFAULT: Final = "Default"
_STAMP: Final = "%Y-%m-%d %H:%M:%S"


class Parcel(Struct, frozen=True):
    """What is sent.

    Parameters
    ----------
    data
        The file.
    ending
        What kind of file it is.
    name, version
        How the pipeline is called, and this version of it.
    description
        The author's words.
    arguments
        What it was run with here.
    """

    data: bytes
    ending: str
    name: str
    version: str = ""
    description: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Sender:
    """Sends pipelines.

    Parameters
    ----------
    remote
        The server.
    catalog, runs
        What is here.
    """

    def __init__(self, remote: Remote, catalog: Catalog, runs: Pipelines) -> None:
        self._remote = remote
        self._catalog = catalog
        self._runs = runs

    async def send(self, body: Mapping[str, Any], contents: Any) -> dict[str, Any]:
        """Send what a request names, and run it there if that is asked for.

        Parameters
        ----------
        body
            The request.
        contents
            Jupyter's contents manager, for files.

        Raises
        ------
        TracksideError
            There is no such pipeline here, or the server refuses it.
        """
        run = body.get("run", False)
        if not isinstance(run, bool):
            raise InvalidInput("run has to be true or false.")
        arguments = object_of(body, "arguments") if "arguments" in body else None
        parcel = await self._parcel(body, contents)
        name = text_of(body, "name", most=MOST_NAME).strip() or parcel.name
        wanted = text_of(body, "version_name", most=MOST_NAME).strip()
        pipeline_id, version_id = await self._upload(parcel, name, wanted)
        sent = {"pipeline_id": pipeline_id, "pipeline_version_id": version_id}
        links = self._remote.links
        if not run:
            return given({**sent, "url": links.pipeline(pipeline_id, version_id)})
        values = parcel.arguments if arguments is None else arguments
        try:
            made = await self._start(body, name, sent, values)
        except TracksideError as error:
            error.message = f"The pipeline was sent, and its run was not started: {error.message}"
            raise
        run_id = text(made.get("run_id"))
        return given({**sent, "run_id": run_id, "url": links.run(run_id)})

    async def _parcel(self, body: Mapping[str, Any], contents: Any) -> Parcel:
        path, run_id = text_of(body, "path"), text_of(body, "run_id")
        pipeline_id = text_of(body, "pipeline_id")
        spec = object_of(body, "pipeline_spec")
        if sum(map(bool, (path, run_id, pipeline_id, spec))) != 1:
            raise InvalidInput(
                "Say what is to be sent: either path, run_id, pipeline_id, or pipeline_spec.",
                hint="With pipeline_id, pipeline_version_id names the version; the newest is the "
                "default.",
            )
        if path:
            return await _file(contents, path)
        if spec:
            return await asyncio.to_thread(_given, spec)
        if run_id:
            run = await self._runs.get(run_id)
            (documents,) = (await self._runs.documents([run])).values()
            data = await asyncio.to_thread(_written, documents)
            return Parcel(data, ".yaml", run.pipeline, arguments=dict(run.given))
        pipeline = await self._catalog.pipeline(pipeline_id)
        version = await self._catalog.version(pipeline_id, text_of(body, "pipeline_version_id"))
        return Parcel(
            await asyncio.to_thread(_written, version.documents),
            ".yaml",
            pipeline.names.name,
            version.names.name,
            pipeline.names.description,
        )

    async def _upload(self, parcel: Parcel, name: str, wanted: str) -> tuple[str, str]:
        """Upload a pipeline, or a version of the one of this name; give their ids."""
        try:
            found = await self._remote.ask("GET", f"/pipelines/names/{quote(name, safe='')}")
        except NotFound:
            if wanted:
                return await self._begin(parcel, name, wanted)
            query = {"name": name, **_described(parcel)}
            made = await self._post("/pipelines/upload", query, parcel)
            pipeline_id = text(made.get("pipeline_id"))
            return pipeline_id, await self._newest(pipeline_id)
        pipeline_id = text(found.get("pipeline_id"))
        *others, last = [wanted] if wanted else _version_names(parcel, name)
        for one in others:
            with contextlib.suppress(AlreadyExists):
                return pipeline_id, await self._add_version(pipeline_id, one, parcel)
        return pipeline_id, await self._add_version(pipeline_id, last, parcel)

    async def _begin(self, parcel: Parcel, name: str, version: str) -> tuple[str, str]:
        """Make a pipeline, then its first version: an upload would call that like the pipeline."""
        body = {"display_name": name, **_described(parcel)}
        made = await self._remote.ask("POST", "/pipelines", body=body)
        pipeline_id = text(made.get("pipeline_id"))
        try:
            return pipeline_id, await self._add_version(pipeline_id, version, parcel)
        except TracksideError:
            # Nothing could be run of it, and it would have the name.
            with contextlib.suppress(TracksideError):
                await self._remote.ask("DELETE", f"/pipelines/{quote(pipeline_id, safe='')}")
            raise

    async def _add_version(self, pipeline_id: str, name: str, parcel: Parcel) -> str:
        query = {"pipelineid": pipeline_id, "name": name}
        made = await self._post("/pipelines/upload_version", query, parcel)
        return text(made.get("pipeline_version_id"))

    async def _post(self, path: str, query: Mapping[str, str], parcel: Parcel) -> dict[str, Any]:
        mark = uuid.uuid4().hex
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="uploadfile"; '
            f'filename="pipeline{parcel.ending}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        whole = head.encode() + parcel.data + f"\r\n--{mark}--\r\n".encode()
        kind = f"multipart/form-data; boundary={mark}"
        return await self._remote.upload(path, query, whole, kind, UPLOAD)

    async def _newest(self, pipeline_id: str) -> str:
        path = f"/pipelines/{quote(pipeline_id, safe='')}/versions"
        query = {"page_size": "1", "sort_by": "created_at desc"}
        found = objects((await self._remote.ask("GET", path, query)).get("pipeline_versions"))
        return text(found[0].get("pipeline_version_id")) if found else ""

    async def _start(
        self,
        body: Mapping[str, Any],
        name: str,
        reference: Mapping[str, str],
        arguments: Mapping[str, Any],
    ) -> dict[str, Any]:
        experiment = text_of(body, "experiment_id") or await self._experiment()
        wanted = given(
            {
                "display_name": text_of(body, "run_name", most=MOST_NAME).strip()
                or f"{name} {time.strftime(_STAMP)}",
                "experiment_id": experiment,
                "pipeline_version_reference": given(reference),
                "runtime_config": given({"parameters": dict(arguments)}),
            }
        )
        return await self._remote.ask("POST", "/runs", body=wanted)

    async def _experiment(self) -> str:
        """Give the default experiment of the namespace; a server with one user has its own."""
        if not self._remote.namespace:
            return ""
        equals = {"operation": "EQUALS", "key": "name", "string_value": _DEFAULT}
        query = {"filter": dumps({"predicates": [equals]}), "page_size": "1"}
        found = objects((await self._remote.ask("GET", "/experiments", query)).get("experiments"))
        if found:
            return text(found[0].get("experiment_id"))
        made = await self._remote.ask("POST", "/experiments", body={"display_name": _DEFAULT})
        return text(made.get("experiment_id"))


async def _file(contents: Any, path: str) -> Parcel:
    # A file of any size may be named: one that is too large is not read at all.
    size = (await ensure_async(contents.get(path, type="file", content=False))).get("size") or 0
    if size > MAX_FILE:
        raise too_large("file", size)
    model = await ensure_async(contents.get(path, type="file", format="base64", content=True))
    return await asyncio.to_thread(_opened, PurePosixPath(path).name, model["content"])


def _opened(name: str, content: str) -> Parcel:
    data = base64.b64decode(content)
    ending = next((one for one in _ENDINGS if name.lower().endswith(one)), ".yaml")
    # Refused here, with the place in the file, and not by what the server makes of it.
    pipeline = parse(read(data))
    return Parcel(data, ending, pipeline.name, description=pipeline.description[:MOST_DESCRIPTION])


def _version_names(parcel: Parcel, name: str) -> list[str]:
    """Give names for a version, to be tried one after the other."""
    stamped = f"{parcel.version or name} {time.strftime(_STAMP)}"
    own = [parcel.version] if parcel.version else []
    return [*own, stamped, f"{stamped} {uuid.uuid4().hex[:6]}"]


def _given(spec: Mapping[str, Any]) -> Parcel:
    documents = of_json(spec)
    pipeline = parse(documents)
    about = pipeline.description[:MOST_DESCRIPTION]
    return Parcel(_written(documents), ".yaml", pipeline.name, description=about)


def _described(parcel: Parcel) -> dict[str, str]:
    return {"description": parcel.description} if parcel.description else {}


def _written(documents: Documents) -> bytes:
    """Write what was compiled as JSON, which is YAML that everybody reads in the same way."""
    both = (documents.pipeline, *([documents.platforms] if documents.platforms else ()))
    return "\n---\n".join(map(dumps, both)).encode()
