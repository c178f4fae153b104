"""The routes of the artifacts between tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.pipelines.files import list_folder, open_file
from trackside_server.pipelines.times import rfc3339
from trackside_server.tracking.paths import safe_path
from trackside_server.tracking.ranges import content_type
from trackside_server.tracking.sending import on_thread, send_file

from .base import given
from .questions import DEFAULT_SIZE
from .runs import RunBase
from .wire_tasks import write_artifact

if TYPE_CHECKING:
    from trackside_server.pipelines.entities import StoredArtifact
    from trackside_server.pipelines.files import Entry


class ArtifactsHandler(RunBase):
    """``/artifacts``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the artifacts, the oldest first."""
        page = await self.runs.artifacts(
            limit=self.page_size() or DEFAULT_SIZE, token=self.page_token()
        )
        await self.reply_list("artifacts", list(map(_write, page.items)), page)


class ArtifactHandler(RunBase):
    """``/artifacts/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, artifact_id: str) -> None:
        """Give what is known of an artifact."""
        self.reply(_write(await self.runs.artifact(artifact_id)))


class ContentHandler(RunBase):
    """``/artifacts/{id}/content``."""

    @web.authenticated
    @authorized
    async def get(self, artifact_id: str) -> None:
        """Send the file that an artifact is; of a folder the one named by ``path``.

        It is offered to be saved. A page of it that a browser opened would have no rights: not the
        origin of this server, no scripts, and nothing that it loads.
        """
        _, content = await self.runs.artifact_content(artifact_id)
        below = safe_path(self.get_query_argument("path", ""))
        file, name = await on_thread(lambda: open_file(content, below))
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
        with file:
            await send_file(self, file, name)
        if not self._finished:
            self.finish(set_content_type=content_type(name))


class FilesHandler(RunBase):
    """``/artifacts/{id}/files``."""

    @web.authenticated
    @authorized
    async def get(self, artifact_id: str) -> None:
        """List a folder of an artifact."""
        _, content = await self.runs.artifact_content(artifact_id)
        below = safe_path(self.get_query_argument("path", ""))
        entries, more = await on_thread(lambda: list_folder(content, below))
        self.reply({"files": list(map(_write_entry, entries)), "more": more})


def _write_entry(entry: Entry) -> dict[str, Any]:
    if entry.size is None:
        return {"path": entry.name, "is_dir": True}
    return {"path": entry.name, "is_dir": False, "file_size": entry.size}


def _write(stored: StoredArtifact) -> dict[str, Any]:
    own = {
        "run_id": stored.run_id,
        "task_id": stored.task_id,
        "artifact_key": stored.output,
    }
    return {
        **write_artifact(stored.artifact),
        "created_at": rfc3339(stored.created),
        "trackside": given(own),
    }
