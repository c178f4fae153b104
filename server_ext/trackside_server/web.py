"""The base of every handler: JSON in and out, one error mapping, behind the doors of `doors.py`."""

from __future__ import annotations

import asyncio
import re
from typing import Any, ClassVar

from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketHandler

from .answers import as_error, dumps
from .doors import Core, TokenDoor
from .errors import Forbidden, InvalidInput, NotFound, TooLarge, TracksideError, Unavailable
from .json_text import loads

__all__ = [
    "Core",
    "MLflowHandler",
    "NotFoundHandler",
    "TracksideHandler",
    "TracksideSocket",
    "UnavailableHandler",
    "dumps",
    "query_integer",
]

MAX_BODY = 32 * 1024 * 1024
_WHOLE = re.compile(r"[-+]?[0-9]{1,30}\Z")


class TracksideHandler(TokenDoor, APIHandler):
    """Base of the REST handlers.

    Every verb carries ``@web.authenticated`` and ``@authorized``; it raises domain errors and never
    writes one itself.
    """

    # An open panel is no activity: it must not keep an idle server, and its GPU, alive.
    _track_activity = False
    max_body: ClassVar[int] = MAX_BODY

    def body(self) -> bytes:
        """Return the body, if it is one that may be read at once."""
        body = self.request.body
        if len(body) > self.max_body:
            raise TooLarge(
                f"The request is larger than {self.max_body // 1024 // 1024} MiB.",
                hint="Send it in smaller parts.",
            )
        return body

    def json_object(self) -> dict[str, Any]:
        """Return the JSON object in the body, an empty one for an empty body."""
        body = self.body()
        if not body.strip():
            return {}
        try:
            value = loads(body)
        except ValueError as error:
            raise InvalidInput(f"The request body is not valid JSON: {error}.") from error
        if not isinstance(value, dict):
            raise InvalidInput("The request body has to be a JSON object.")
        return value

    def integer(self, name: str, default: int, *, low: int = 0, high: int = 2**53) -> int:
        """Return a whole number from the query string, within bounds."""
        return query_integer(self, name, default, low=low, high=high)

    def reply(self, value: Any, status: int = 200) -> None:
        """Answer with JSON."""
        self.reply_text(dumps(value), status)

    async def reply_large(self, value: Any, status: int = 200) -> None:
        """Answer with JSON that may be long: it is written on a thread."""
        self.reply_text(await asyncio.to_thread(dumps, value), status)

    def reply_text(self, text: str, status: int = 200) -> None:
        """Answer with JSON that is made already."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(text)

    def error_body(self, error: TracksideError) -> dict[str, Any]:
        """Return the JSON of an error; the MLflow routes have a form of their own."""
        return {
            "message": error.message,
            "code": error.code,
            "reason": error.reason,
            "hint": error.hint,
        }

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the JSON of an error."""
        raised = kwargs.get("exc_info", (None, None, None))[1]
        error = as_error(raised, status_code)
        status = raised.status_code if isinstance(raised, web.HTTPError) else error.status
        if isinstance(raised, web.HTTPError) and status == Forbidden.status and not self._known:
            error = Forbidden(
                "This Jupyter server does not know who asks.",
                hint="Sign in again, or send the server's token.",
            )
        if status == Unavailable.status:
            self.set_header("Retry-After", getattr(error, "retry_after", Unavailable.retry_after))
        self.set_status(status)
        self.finish(dumps(self.error_body(error)))


class MLflowHandler(TracksideHandler):
    """Base of the handlers that speak MLflow's protocol: its form of errors."""

    def error_body(self, error: TracksideError) -> dict[str, Any]:
        """Return the JSON of an error as MLflow's clients read it."""
        message = f"{error.message} {error.hint}" if error.hint else error.message
        return {"error_code": error.code, "message": message}


class TracksideSocket(WebSocketMixin, WebSocketHandler, TokenDoor):
    """Base of the WebSocket handlers.

    A subclass decorates its ``get`` with ``@ws_authenticated``, awaits `admit` there, and then lets
    ``WebSocketHandler`` upgrade the connection.
    """

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer a refused upgrade with the JSON of an error."""
        raised = kwargs.get("exc_info", (None, None, None))[1]
        error = as_error(raised, status_code)
        self.set_status(error.status if isinstance(raised, TracksideError) else status_code)
        self.set_header("Content-Type", "application/json")
        self.finish(dumps({"message": error.message, "code": error.code}))


class NotFoundHandler(TracksideHandler):
    """Answers the paths below ``/trackside/api`` that nothing else does, in JSON."""

    job_access = True

    async def prepare(self, **kwargs: Any) -> None:
        """Refuse before any method is looked up, but only to those who may know."""
        await super().prepare(**kwargs)
        if self.current_user is None:
            raise web.HTTPError(403)
        raise NotFound(
            "Trackside has no such address.", hint="openapi.json lists those that it has."
        )


class UnavailableHandler(APIHandler):
    """Answers everything below ``/trackside`` when the store could not be opened."""

    _track_activity = False

    def initialize(self, error: TracksideError) -> None:
        """Take the reason."""
        self.error = error

    async def prepare(self, **kwargs: Any) -> None:
        """Say what is wrong, to those who may know."""
        await super().prepare(**kwargs)
        if self.current_user is None:
            raise web.HTTPError(403)
        error = self.error
        self.set_status(error.status)
        # Both forms of error in one body, for there is one sentence and nothing else to say.
        self.finish(
            dumps(
                {
                    "message": error.message,
                    "code": error.code,
                    "reason": error.reason,
                    "hint": error.hint,
                    "error_code": error.code,
                }
            )
        )


def query_integer(
    handler: JupyterHandler, name: str, default: int, *, low: int = 0, high: int = 2**53
) -> int:
    """Return a whole number from the query string of any handler, within bounds."""
    text = handler.get_query_argument(name, None)
    if text is None:
        return default
    # Python reads other digits than these, and underscores between them.
    if not _WHOLE.match(text):
        raise InvalidInput(f"{name} has to be a whole number, not {text[:50]!r}.")
    value = int(text)
    if not low <= value <= high:
        raise InvalidInput(f"{name} has to lie between {low} and {high}.")
    return value
