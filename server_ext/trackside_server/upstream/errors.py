"""What the MLflow server's part of this server adds to what can go wrong."""

from __future__ import annotations

from trackside_server.errors import TracksideError


class NotHere(TracksideError):
    """A way of doing it that is not offered; MLflow's clients then take the plain one."""

    status = 501
    code = "NOT_IMPLEMENTED"
