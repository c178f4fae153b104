"""Errors of the MLflow routes beyond those of every domain."""

from __future__ import annotations

from trackside_server.errors import NotFound, TracksideError


class EndpointNotFound(NotFound):
    """There is no such route. The code is what makes clients fall back to older routes."""

    code = "ENDPOINT_NOT_FOUND"


class MethodNotAllowed(TracksideError):
    """The route exists, but not for this method."""

    status = 405
    code = "ENDPOINT_NOT_FOUND"


class RangeNotSatisfiable(TracksideError):
    """The wanted part of a file lies behind its end."""

    status = 416
    code = "INVALID_PARAMETER_VALUE"
