"""MLflow's multipart uploads: a file comes in parts that are sent side by side.

The client sends a part to an address that it is told, with headers that it is told, and nothing
else: not its certificate, nor what it would do if that fails. So the address is that of this
server as the client named it, and where that would not hold, over HTTPS or through a proxy, the
client is told to send the file in one piece.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput, TracksideError
from trackside_server.protocol.message import from_body, from_query
from trackside_server.web import dumps

from .artifact_handlers import ArtifactBase, ReceivingHandler
from .sending import on_thread
from .uploads import MOST_PARTS, Part

if TYPE_CHECKING:
    from trackside_server.protocol.message import Message

    from .artifact_handlers import Sink

_PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded")


class NoMultipart(TracksideError):
    """A client that reads this sends the file in one piece."""

    status = 501
    code = "NOT_IMPLEMENTED"


class _StepHandler(ArtifactBase):
    """What the steps share."""

    def message(self) -> Message:
        """Give the fields of the body."""
        return from_body(self.body())

    def file(self, folder: str, message: Message) -> str:
        """Give the path of the file: a folder in the address, a local path in the body."""
        name = message.required_text("path").replace("\\", "/").rpartition("/")[2]
        if not name:
            raise InvalidInput("path has to end with the name of the file.")
        return f"{folder.rstrip('/')}/{name}"


class CreateHandler(_StepHandler):
    """``POST mlflow-artifacts/mpu/create/{path}``."""

    @web.authenticated
    @authorized
    async def post(self, folder: str) -> None:
        """Begin a file; say where its parts go."""
        message = self.message()
        path = self.file(folder, message)
        parts = message.integer("num_parts") or 1
        await self.reach_files(path)
        token = self.request.headers.get("Authorization")
        proxied = any(name in self.request.headers for name in _PASSED_ON)
        if token is None or proxied or self.request.protocol != "http":
            raise NoMultipart(
                "Multipart upload is not supported for the current artifact repository"
            )
        upload_id = await on_thread(lambda: self.artifacts.create_multipart(path, parts))
        root = self.request.path.partition("/mpu/create/")[0]
        address = f"{self.request.protocol}://{self.request.host}{root}/mpu/part/{quote(path)}"
        self.reply(
            {
                "upload_id": upload_id,
                "credentials": [
                    {
                        "url": address
                        + "?"
                        + urlencode({"upload_id": upload_id, "part_number": number}),
                        "part_number": number,
                        "headers": {"Authorization": token},
                    }
                    for number in range(1, parts + 1)
                ],
            }
        )


@web.stream_request_body
class PartHandler(ReceivingHandler):
    """``PUT mlflow-artifacts/mpu/part/{path}``."""

    async def open_sink(self, path: str) -> Sink:
        """Begin a part."""
        query = from_query(self.request.query_arguments, ())
        number = query.integer("part_number") or 0
        upload_id = query.required_text("upload_id")
        return await on_thread(lambda: self.artifacts.multipart(path, upload_id).part(number))

    @web.authenticated
    @authorized
    async def put(self, path: str) -> None:
        """Store a part."""
        del path
        part = await self.received()
        assert isinstance(part, Part)
        self.set_header("ETag", f'"{part.etag}"')
        self.finish(dumps({}))


class CompleteHandler(_StepHandler):
    """``POST mlflow-artifacts/mpu/complete/{path}``."""

    @web.authenticated
    @authorized
    async def post(self, folder: str) -> None:
        """Put the parts together."""
        message = self.message()
        path = self.file(folder, message)
        upload_id = message.required_text("upload_id")
        etags = [
            (part.integer("part_number") or 0, part.text("etag"))
            for part in message.messages("parts")
        ]
        if len(etags) > MOST_PARTS:
            raise InvalidInput(f"A file comes in 1 to {MOST_PARTS} parts.")
        run_id = await self.reach_files(path)

        def work() -> None:
            upload = self.artifacts.multipart(path, upload_id)
            upload.complete(etags, lambda: self.artifacts.upload(path))

        await on_thread(work)
        await self.stored(path, run_id)
        self.reply({})


class AbortHandler(_StepHandler):
    """``POST mlflow-artifacts/mpu/abort/{path}``."""

    @web.authenticated
    @authorized
    async def post(self, folder: str) -> None:
        """Throw away what has come of a file."""
        message = self.message()
        path = self.file(folder, message)
        upload_id = message.required_text("upload_id")
        await self.reach_files(path)
        await on_thread(lambda: self.artifacts.multipart(path, upload_id).abort())
        self.reply({})


class PresignedHandler(ArtifactBase):
    """``GET mlflow-artifacts/presigned/{path}``: files are had from this server alone."""

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        """Say that there is no other address, in the way that clients fall back on."""
        await self.reach_files(path)
        raise NoMultipart("Presigned downloads are not supported: get the file itself.")


def routes(given: dict[str, Any]) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes of this module."""
    root = r"/trackside/(?:api|ajax-api)/2\.0/mlflow-artifacts"
    return [
        (f"{root}/mpu/create/(.*)", CreateHandler, given),
        (f"{root}/mpu/part/(.*)", PartHandler, given),
        (f"{root}/mpu/complete/(.*)", CompleteHandler, given),
        (f"{root}/mpu/abort/(.*)", AbortHandler, given),
        (f"{root}/presigned/(.*)", PresignedHandler, given),
    ]
