"""The routes of jobs and bundles: parse, call, answer."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from trackside._bundle import MAX_BYTES
from trackside_server.errors import Forbidden
from trackside_server.structs import asdict
from trackside_server.web import Core, TracksideHandler

from .bundles import not_stored
from .fields import Fields
from .yamltext import yaml_of

if TYPE_CHECKING:
    from typing import IO

    from .service import Jobs

MAX_WAIT = 30
_CHUNK = 1024 * 1024
# A bundle of files that do not compress is a little larger as an archive.
_MAX_ARCHIVE = MAX_BYTES + 64 * 1024 * 1024


class JobsHandler(TracksideHandler):
    """Base of these handlers."""

    def initialize(self, core: Core, jobs: Jobs) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.jobs = jobs

    async def reply_job(self, job_id: str, status: int = 200) -> None:
        """Answer with all that is known about a job."""
        self.reply(await self.jobs.detail(await self.jobs.get(job_id)), status)

    async def reply_submitted(self, job_id: str, *, created: bool) -> None:
        """Answer to a submission with the job and its address."""
        base = self.request.path.partition("/jobs")[0]
        self.set_header("Location", f"{base}/jobs/{job_id}")
        await self.reply_job(job_id, 201 if created else 200)


class JobListHandler(JobsHandler):
    """``/trackside/api/v1/jobs``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List jobs, the newest first."""
        states = [word.strip() for word in self.get_query_argument("state", "").split(",")]
        found, token = await self.jobs.page(
            states=[state for state in states if state],
            experiment_id=self.get_query_argument("experiment_id", None),
            limit=self.integer("limit", 50, low=1, high=200),
            page_token=self.get_query_argument("page_token", None) or None,
        )
        self.reply({"jobs": found, "next_page_token": token})

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Submit a job."""
        job, created = await self.jobs.submit(self.json_object(), user=self.actor)
        await self.reply_submitted(job.job_id, created=created)


class JobHandler(JobsHandler):
    """``/trackside/api/v1/jobs/{id or name}``."""

    @web.authenticated
    @authorized
    async def get(self, id_or_name: str) -> None:
        """Return a job, at once or when it is newer than a revision."""
        wait = self.integer("wait", 0, high=MAX_WAIT)
        known = self.integer("revision", 0)
        job_id = (await self.jobs.get(id_or_name)).job_id
        deadline = time.monotonic() + wait
        while True:
            # Listens first, and looks then: nothing can happen unseen in between.
            with self.jobs.changes.watch(lambda change: change.id == job_id) as watch:
                answer = await self.jobs.detail(await self.jobs.get(job_id))
                left = deadline - time.monotonic()
                if answer["revision"] > known or left <= 0 or not await watch.wait(left):
                    break
        self.reply(answer)

    @web.authenticated
    @authorized
    async def delete(self, id_or_name: str) -> None:
        """Forget a job that is over."""
        await self.jobs.delete(id_or_name)
        self.reply({})


class CancelHandler(JobsHandler):
    """``/trackside/api/v1/jobs/{id or name}/cancel``."""

    @web.authenticated
    @authorized
    async def post(self, id_or_name: str) -> None:
        """End a job."""
        Fields(self.json_object()).allow_only(())
        job = await self.jobs.cancel(id_or_name, by=self.actor)
        await self.reply_job(job.job_id)


class RerunHandler(JobsHandler):
    """``/trackside/api/v1/jobs/{id or name}/rerun``."""

    @web.authenticated
    @authorized
    async def get(self, id_or_name: str) -> None:
        """Say what would not be as it was; nothing is started."""
        self.reply({"unpinned": await self.jobs.unpinned(id_or_name)})

    @web.authenticated
    @authorized
    async def post(self, id_or_name: str) -> None:
        """Run the same code again, with changes."""
        fields = Fields(self.json_object())
        fields.allow_only(("overrides",))
        overrides = fields.mapping("overrides")
        job, created = await self.jobs.rerun(id_or_name, overrides, user=self.actor)
        await self.reply_submitted(job.job_id, created=created)


class JobBundleHandler(JobsHandler):
    """``/trackside/api/v1/jobs/{id or name}/bundle``."""

    @web.authenticated
    @authorized
    async def get(self, id_or_name: str) -> None:
        """Show the exact snapshot that a job runs in."""
        self.reply(await self.jobs.bundle(id_or_name))


class ResultHandler(JobsHandler):
    """``/trackside/api/v1/jobs/{id or name}/result``."""

    @web.authenticated
    @authorized
    async def get(self, id_or_name: str) -> None:
        """Send what a job's function returned."""
        path = await self.jobs.result(id_or_name)
        form = "json" if path.suffix == ".json" else "pickle"
        self.set_header("X-Trackside-Result", form)
        self.set_header("Cache-Control", "no-store")
        self.set_header(
            "Content-Type", "application/json" if form == "json" else "application/octet-stream"
        )
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                self.write(chunk)
                try:
                    await self.flush()
                except StreamClosedError:
                    return


class PlanHandler(JobsHandler):
    """``/trackside/api/v1/jobs/plan``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Show what would be made for a job, and what keeps it from running."""
        on, found = await self.jobs.plan(self.json_object())
        manifests = [dict(manifest) for manifest in found.manifests]
        self.reply(
            {
                "on": on,
                "manifests": manifests,
                "yaml": yaml_of(manifests),
                "findings": [asdict(finding) for finding in found.findings],
            }
        )


class CodeHandler(JobsHandler):
    """``/trackside/api/v1/jobs/{id}/code``; open to the job itself."""

    job_access = True

    @web.authenticated
    @authorized
    async def get(self, job_id: str) -> None:
        """Send the code of a job to its pod."""
        principal = self.principal
        if principal is not None and principal.kind == "job" and principal.job_id != job_id:
            raise Forbidden(f"This job may only fetch its own code, and {job_id} is another one.")
        content = await self.jobs.code(job_id)
        self.set_header("Content-Type", "application/gzip")
        self.set_header("Cache-Control", "no-store")
        for at in range(0, len(content), _CHUNK):
            self.write(content[at : at + _CHUNK])
            await self.flush()


@web.stream_request_body
class BundleHandler(JobsHandler):
    """``/trackside/api/v1/bundles/{digest}``."""

    _archive: IO[bytes] | None = None
    _failure: OSError | None = None

    async def prepare(self, **kwargs: Any) -> None:
        """Refuse a body from whom may not send one before it is read."""
        await super().prepare(**kwargs)
        if self._finished or self.request.method != "PUT":
            return
        await self.admit("write")
        connection: Any = self.request.connection
        connection.set_max_body_size(_MAX_ARCHIVE)
        try:
            self._archive = await asyncio.to_thread(self.jobs.bundles.spool)
        except OSError as error:
            self._failure = error

    async def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the archive."""
        if self._archive is None or self._failure is not None:
            return
        try:
            await asyncio.to_thread(self._archive.write, chunk)
        except OSError as error:
            # Told when the body has come: a client whose sending is cut off sees no answer.
            self._failure = error
        except ValueError:
            if self._archive is not None:  # else the client went away meanwhile
                raise

    def on_finish(self) -> None:
        """Let go of the archive."""
        self._let_go()
        super().on_finish()

    def on_connection_close(self) -> None:
        """Let go of the archive of a client that went away."""
        self._let_go()
        super().on_connection_close()

    def _let_go(self) -> None:
        archive, self._archive = self._archive, None
        if archive is not None:
            # A full disk refuses what is still to be written; nobody needs that any more.
            with contextlib.suppress(OSError):
                archive.close()

    def _log(self) -> None:
        # "Not here yet" is the ordinary answer to the question, and no warning.
        if self.request.method != "HEAD" or self.get_status() != 404:
            super()._log()

    @web.authenticated
    @authorized
    async def head(self, digest: str) -> None:
        """Say whether a bundle is here."""
        there = await asyncio.to_thread(self.jobs.bundles.has, digest)
        self.set_status(200 if there else 404)
        await self.finish()

    @web.authenticated
    @authorized
    async def put(self, digest: str) -> None:
        """Store a bundle."""
        archive, failure = self._archive, self._failure
        if failure is not None:
            raise not_stored(failure)
        assert archive is not None
        await asyncio.to_thread(archive.seek, 0)
        manifest = await asyncio.to_thread(self.jobs.bundles.receive, digest, archive)
        self.reply({"digest": digest, "size": manifest.size, "files": len(manifest.files)}, 201)


class PreviewHandler(JobsHandler):
    """``/trackside/api/v1/preview``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Say what would travel with a script or notebook."""
        fields = Fields(self.json_object())
        fields.allow_only(("path", "files"))
        path = fields.text("path", 4000)
        if path is None:
            raise fields.wrong("path", "the path of a script or notebook")
        self.reply(await self.jobs.preview(path, fields.texts("files")))


def routes(core: Core, jobs: Jobs) -> list[tuple[str, type[TracksideHandler], dict[str, Any]]]:
    """Return the routes of this module."""
    root = r"/trackside/api/v1"
    one = rf"{root}/jobs/([^/]+)"
    means = {"core": core, "jobs": jobs}
    return [
        (rf"{root}/jobs", JobListHandler, means),
        (rf"{root}/jobs/plan", PlanHandler, means),
        (one, JobHandler, means),
        (rf"{one}/code", CodeHandler, means),
        (rf"{one}/cancel", CancelHandler, means),
        (rf"{one}/rerun", RerunHandler, means),
        (rf"{one}/bundle", JobBundleHandler, means),
        (rf"{one}/result", ResultHandler, means),
        (rf"{root}/bundles/([^/]+)", BundleHandler, means),
        (rf"{root}/preview", PreviewHandler, means),
    ]
