"""What can go wrong between this server and one that stands behind it."""

from __future__ import annotations

from trackside_server.errors import TracksideError, Unavailable


class ServerAway(Unavailable):
    """The server does not answer now; clients and the outbox try again."""

    # MLflow's clients ask seven times: together longer than a restart of the server takes.
    retry_after = "10"


class ServerMisconfigured(TracksideError):
    """Trying again does not help: credentials, certificate or address are wrong.

    424 and not a 5xx: MLflow's clients repeat those for minutes while the user's cell hangs.
    """

    status = 424
    code = "UNAUTHENTICATED"

    @property
    def is_temporary(self) -> bool:
        """True: somebody mends the settings, and then it goes on."""
        return True


class ServerRefused(TracksideError):
    """The server said no to a request of this server's own.

    Parameters
    ----------
    message
        Its sentence.
    status_code
        Its status.
    error_code
        Its code, empty when the answer was none of its protocol.
    """

    status = 424
    code = "INVALID_STATE"

    def __init__(self, message: str, status_code: int, error_code: str = "") -> None:
        super().__init__(message, reason=error_code or None)
        self.status_code = status_code
        self.error_code = error_code

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status_code >= 500 or self.status_code in (401, 403, 408, 425, 429)
