"""The errors that a user of the client meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackside._job import Job


class TracksideError(Exception):
    """Something that Trackside could not do, with the way out.

    Parameters
    ----------
    message
        What happened and why, in one sentence.
    hint
        What to do about it, in one sentence.
    status
        The HTTP status of the server's answer, when there was one.
    code
        The server's stable error code.
    reason
        A finer reason, where the server gives one.
    """

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        *,
        status: int | None = None,
        code: str | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message if hint is None else f"{message} {hint}")
        self.message = message
        self.hint = hint
        self.status = status
        self.code = code
        self.reason = reason

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in (429, 502, 503, 504)


class ServerUnavailable(TracksideError):
    """No Trackside server was found, or it does not answer."""

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed later."""
        return True


class JobFailed(TracksideError):
    """A job ended without a result; `job` tells more."""

    def __init__(self, message: str, hint: str | None = None, *, job: Job | None = None) -> None:
        super().__init__(message, hint)
        self.job = job


class CannotTravel(TracksideError):
    """Names or files that the code needs and that cannot be sent with it."""

    def __init__(self, message: str, refused: list[str]) -> None:
        super().__init__(message)
        self.refused = refused
