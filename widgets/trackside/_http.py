"""The parts of an HTTP exchange: a kept connection, an answer, and the errors it may be."""

from __future__ import annotations

import json
import os
import select
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from trackside._errors import TracksideError

if TYPE_CHECKING:
    import http.client
    from collections.abc import Mapping


class Kept:
    """An open connection, closed when its thread or its client is gone."""

    def __init__(self, connection: http.client.HTTPConnection, where: tuple[int, str]) -> None:
        self.connection = connection
        self.where = where

    def __del__(self) -> None:
        self.connection.close()

    @property
    def idle(self) -> bool:
        """Whether it is still open: one that can be read now was closed by the server."""
        if self.connection.sock is None:
            return False
        poll = select.poll()
        poll.register(self.connection.sock, select.POLLIN)
        return not poll.poll(0)


@dataclass(frozen=True)
class Response:
    """An answer that was read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the parsed body."""
        return json.loads(self.body) if self.body else None


def query_string(query: Mapping[str, object] | None) -> str:
    """Return the query of an address; parameters without a value are left out."""
    pairs = [(key, value) for key, value in (query or {}).items() if value is not None]
    return "?" + urlencode(pairs, doseq=True) if pairs else ""


def lost(error: Exception, url: str, timeout: float) -> str:
    """Say that an answer did not come."""
    if isinstance(error, TimeoutError):
        return f"The Trackside server at {url} did not answer within {timeout:g} s."
    return f"The connection to the Trackside server at {url} was lost ({words(error)})."


def words(error: Exception) -> str:
    """Return the reason of an error of the network, in lower case."""
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def error_of(response: Response, url: str) -> TracksideError:
    """Return the exception for an answer that is a refusal."""
    try:
        found = response.json()
    except ValueError:
        found = None
    detail: Mapping[str, Any] = found if isinstance(found, dict) else {}
    code = detail.get("code") or detail.get("error_code")
    message = detail.get("message")
    hint = detail.get("hint")
    refused = response.status in (302, 401) or (response.status == 403 and not code)
    if refused and response.status == 403 and os.environ.get("TRACKSIDE_JOB_ID"):
        # The answer to a HEAD has no body that could say so.
        message = "A job may write to its own run and do nothing else in Trackside."
        hint = "Leave out what starts or looks for other jobs where TRACKSIDE_JOB_ID is set."
    elif refused:
        message = f"The Trackside server at {url} did not accept the token."
        hint = "Set TRACKSIDE_TOKEN, or open a new terminal or kernel from JupyterLab."
    elif not message or (response.status == 404 and not code):
        message = f"The server at {url} answered {response.status} instead of Trackside."
        hint = hint or "Check that trackside is installed in the environment of JupyterLab."
    return TracksideError(
        str(message),
        str(hint) if hint else None,
        status=response.status,
        code=str(code) if code else None,
        reason=detail.get("reason"),
    )
