"""The routes of the artifacts between tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.pipelines.times import rfc3339
from trackside_server.tracking.paths import safe_path
from trackside_server.tracking.ranges import content_type
from trackside_server.tracking.sending import on_thread, send_file

from .base import given
from .questions import DEFAULT_SIZE
from .runs import RunBase
from .wire_tasks import write_artifact

if TYPE_CHECKING:
    from pathlib import Path

    from trackside_server.pipelines.entities import StoredArtifact

_MOST_FILES = 1000


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
        inside = safe_path(self.get_query_argument("path", ""))
        file = await on_thread(lambda: _within(content, inside))
        if file.is_dir():
            if self.get_query_argument("path", None) is None:
                raise InvalidInput(
                    "The artifact is a folder.",
                    hint="Name one of its files by path; the address with /files lists them.",
                    reason="FOLDER",
                )
            raise NotFound(f"{inside[:200]!r} is a folder of the artifact.")
        if not file.is_file():
            # A pipe, for one: whoever opened it would wait for ever.
            raise NotFound("What the artifact names is no file that can be read.")
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
        with await on_thread(lambda: file.open("rb")) as opened:
            await send_file(self, opened, file.name)
        if not self._finished:
            self.finish(set_content_type=content_type(file.name))


class FilesHandler(RunBase):
    """``/artifacts/{id}/files``."""

    @web.authenticated
    @authorized
    async def get(self, artifact_id: str) -> None:
        """List a folder of an artifact."""
        _, content = await self.runs.artifact_content(artifact_id)
        inside = safe_path(self.get_query_argument("path", ""))
        self.reply(await on_thread(lambda: _listed(_within(content, inside))))


def _within(content: Path, inside: str) -> Path:
    """Find a file of an artifact; links do not lead out of it."""
    try:
        found = (content / inside).resolve(strict=True) if inside else content
    except OSError:
        found = None
    if found is None or not found.is_relative_to(content):
        raise NotFound(f"The artifact has no file {inside[:200]!r}.")
    return found


def _listed(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise InvalidInput("This is a file, not a folder.", reason="FILE")
    names = sorted(entry.name for entry in folder.iterdir())
    files = [
        {"path": name, "is_dir": True}
        if (folder / name).is_dir()
        else {"path": name, "is_dir": False, "file_size": (folder / name).stat().st_size}
        for name in names[:_MOST_FILES]
        if (folder / name).exists()
    ]
    return {"files": files, "more": max(0, len(names) - _MOST_FILES)}


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
