"""What the API server of a cluster can answer instead of what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONG = 2000


class ApiError(Exception):
    """A refusal.

    Parameters
    ----------
    status
        The HTTP status; 0 when nobody answered.
    reason
        Kubernetes' word for it: ``Forbidden``, ``NotFound``, ``AlreadyExists``, ...
    message
        Kubernetes' sentence.
    details
        What it adds for programs.
    retry_after
        The seconds after which it may be asked again, where it says so.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{reason}: {message}" if reason else message)
        self.status = status
        self.reason = reason
        self.message = message
        self.details = details or {}
        self.retry_after = retry_after

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may succeed a moment later, or after the user logged in."""
        return self.status in (0, 401, 408, 429) or self.status >= 500


class Unreachable(ApiError):
    """Nobody answered, or not in time.

    Parameters
    ----------
    message
        What happened instead.
    """

    def __init__(self, message: str) -> None:
        super().__init__(0, "Unreachable", message)


def read_status(status: int, body: Any, text: str, retry_after: str | None) -> ApiError:
    """Make the error of an answer.

    Parameters
    ----------
    status
        The HTTP status.
    body
        The JSON of the answer; a ``Status`` object where it was Kubernetes that answered.
    text
        The answer as it came.
    retry_after
        The header of that name.
    """
    seconds = float(retry_after) if retry_after and retry_after.isdigit() else None
    if isinstance(body, dict) and body.get("kind") == "Status":
        details = body.get("details")
        return ApiError(
            status,
            str(body.get("reason") or ""),
            str(body.get("message") or ""),
            details if isinstance(details, dict) else None,
            seconds,
        )
    return ApiError(status, "", text[:_LONG].strip() or f"HTTP {status}", None, seconds)
