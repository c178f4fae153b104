"""The base of the handlers: KFP's form of errors, and what its clients send."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import AlreadyExists, NotFound, TracksideError
from trackside_server.pipelines.ir.archives import MAX_FILE, too_large
from trackside_server.web import TracksideHandler, query_integer

from .questions import read_question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.storage.listing import Page, Query

    from .questions import Fields

BASE: Final = r"/trackside/apis/v2beta1"

# The numbers of gRPC, which KFP's errors carry, by the status of the answer.
_CODES: Final[Mapping[int, int]] = {
    HTTPStatus.BAD_REQUEST: 3,
    HTTPStatus.UNAUTHORIZED: 16,
    HTTPStatus.FORBIDDEN: 7,
    HTTPStatus.NOT_FOUND: 5,
    HTTPStatus.METHOD_NOT_ALLOWED: 12,
    HTTPStatus.CONFLICT: 9,
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: 11,
    HTTPStatus.FAILED_DEPENDENCY: 9,
    HTTPStatus.TOO_MANY_REQUESTS: 8,
    HTTPStatus.SERVICE_UNAVAILABLE: 14,
    HTTPStatus.GATEWAY_TIMEOUT: 4,
    HTTPStatus.INSUFFICIENT_STORAGE: 8,
}
_INTERNAL: Final = 13
_ALREADY_EXISTS: Final = 6


def given(value: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not set, as KFP's JSON does."""
    return {key: one for key, one in value.items() if one not in (None, "", [], {})}


class PipelineBody(TracksideHandler):
    """Takes the body that a pipeline comes in."""

    # In a form there is a little around the file, which is measured by itself.
    max_body = MAX_FILE + 64 * 1024

    def body(self) -> bytes:
        """Return the body; that it is too large is a mistake like every other one in a pipeline."""
        body = self.request.body
        if len(body) > self.max_body:
            raise too_large("request", len(body))
        return body

    async def pipeline_object(self) -> dict[str, Any]:
        """Return the JSON object in a body that a pipeline is part of: it may be a large one."""
        return await asyncio.to_thread(self.json_object)


class KfpHandler(PipelineBody):
    """Base of the handlers that speak KFP's protocol."""

    def error_body(self, error: TracksideError) -> dict[str, Any]:
        """Return the JSON of an error as KFP's clients read it."""
        told = f"{error.message} {error.hint}" if error.hint else error.message
        number = _CODES.get(self.get_status(), _INTERNAL)
        return {
            "code": _ALREADY_EXISTS if isinstance(error, AlreadyExists) else number,
            "message": told,
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": error.reason or error.code,
                    "domain": "trackside",
                }
            ],
        }

    def question(self, fields: Fields) -> Query:
        """Read what is asked of a list."""
        return read_question(
            fields,
            filter_text=self.get_query_argument("filter", ""),
            sort_by=self.get_query_argument("sort_by", ""),
            size=self.page_size(),
            token=self.page_token(),
        )

    def page_size(self) -> int:
        """Read the wanted length of a page; 0 where none was sent."""
        if not self.get_query_argument("page_size", ""):
            return 0
        return query_integer(self, "page_size", 0, high=2**31 - 1)

    def page_token(self) -> str:
        """Read which page is wanted; empty for the first one."""
        return self.get_query_argument("page_token", "")

    async def reply_list(self, key: str, written: list[Any], page: Page[Any]) -> None:
        """Answer with a page of a list; a long one is written on a thread."""
        answer = given({key: written, "total_size": page.total, "next_page_token": page.token})
        await self.reply_large(answer)

    def reply_log(self, text: str) -> None:
        """Answer with what a task printed."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        # Jupyter's own handlers say that all they give is JSON.
        self.finish(text, set_content_type="text/plain; charset=utf-8")

    def done(self) -> None:
        """Answer that what was asked for has happened."""
        self.reply({})


class UnknownHandler(KfpHandler):
    """Answers the addresses of KFP's API that nothing else does, in its form."""

    async def prepare(self, **kwargs: Any) -> None:
        """Refuse before any method is looked up, but only to those who may know."""
        await super().prepare(**kwargs)
        await self.admit("read")
        raise NotFound(
            "Trackside does not serve this address of the KFP API.",
            hint="openapi.json lists those that it does.",
        )
