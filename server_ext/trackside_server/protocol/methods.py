"""What handlers of many routes share: each method of HTTP, with its caller checked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.web import MLflowHandler


class MethodsHandler(MLflowHandler, ABC):
    """Answers all methods in one way: which a route knows is said after its caller was let in.

    Their argument is decoded already, so that a slash inside a name could not be told from others:
    `raw_path` is what was sent.
    """

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    # Each route says for itself whether a job may call it.
    job_access: ClassVar[bool] = True

    @property
    def raw_path(self) -> str:
        """The path below the address that clients are given, still encoded."""
        return self.request.path[len(self.base_url.rstrip("/")) + len("/trackside") :]

    @abstractmethod
    async def answer(self) -> None:
        """Answer the request."""

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:  # noqa: ARG002
        """Answer a GET."""
        await self.answer()

    @web.authenticated
    @authorized
    async def head(self, path: str) -> None:  # noqa: ARG002
        """Answer a HEAD."""
        await self.answer()

    @web.authenticated
    @authorized
    async def post(self, path: str) -> None:  # noqa: ARG002
        """Answer a POST."""
        await self.answer()

    @web.authenticated
    @authorized
    async def put(self, path: str) -> None:  # noqa: ARG002
        """Answer a PUT."""
        await self.answer()

    @web.authenticated
    @authorized
    async def patch(self, path: str) -> None:  # noqa: ARG002
        """Answer a PATCH."""
        await self.answer()

    @web.authenticated
    @authorized
    async def delete(self, path: str) -> None:  # noqa: ARG002
        """Answer a DELETE."""
        await self.answer()
