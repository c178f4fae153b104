"""The route that KFP's clients ask first."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base import KfpHandler


class HealthHandler(KfpHandler):
    """``/healthz``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Say that this server answers, for one user."""
        self.reply({"multi_user": False})
