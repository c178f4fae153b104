"""What a KFP server can answer instead of what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import Conflict, InvalidInput, NameTaken, NotFound, TracksideError

if TYPE_CHECKING:
    from trackside_server.outside.client import Client

# Uploads tell no number, and nothing else can stand in their way.
_TAKEN = ("6", "")


class NotConfigured(NotFound):
    """No KFP server is set."""

    def __init__(self) -> None:
        super().__init__(
            "No Kubeflow Pipelines server is set.",
            hint="Set Trackside.kfp_host to its address in jupyter_server_config.py, and restart "
            "Jupyter.",
            reason="KFP_NOT_CONFIGURED",
        )


class NoSuchRoute(NotFound):
    """The server has no such address; a newer one, or one of Trackside, may have it."""


class KfpRefused(TracksideError):
    """The server lets this user not do it.

    424 and not 403: whoever asks may use Trackside, and it is another server that says no.
    """

    status = 424
    code = "PERMISSION_DENIED"


class KfpFailed(TracksideError):
    """The server failed at it."""

    status = 502
    code = "INVALID_STATE"


def refusal(client: Client, status: int, code: str, words: str) -> TracksideError:
    """Tell an answer that is none, in the server's words and with what to do.

    Parameters
    ----------
    client
        Whose server it is.
    status
        The answer's.
    code, words
        What its body says: the number of gRPC and a sentence; empty where it is no error of KFP.
    """
    who = client.called
    said = f"{who} says: {words.rstrip('.')}." if words else f"{who} answered with status {status}."
    if status == 401:
        return KfpRefused(
            f"{who} does not accept Trackside's credentials.",
            hint="Renew the token or the cookie that Trackside.kfp_token_file or "
            "Trackside.kfp_cookie_file names.",
            reason="KFP_REFUSED",
        )
    if status == 403:
        return KfpRefused(
            said if words else f"{who} does not allow it.",
            hint="Ask whoever runs it for the right, or set Trackside.kfp_namespace to a namespace "
            "of yours.",
            reason="KFP_REFUSED",
        )
    if status in (404, 405, 501):
        if not words or words.lower() in ("not found", "method not allowed"):
            return NoSuchRoute(
                f"{who} does not serve this address.",
                hint="It takes a newer version of Kubeflow Pipelines.",
                reason="KFP_TOO_OLD",
            )
        return NotFound(said, reason="KFP_NOT_FOUND")
    if status == 409:
        if code in _TAKEN:
            hint = "The name is taken: give it another one."
            return NameTaken(said, hint=hint, reason="KFP_CONFLICT")
        return Conflict(said, reason="KFP_CONFLICT")
    if 400 <= status < 500 and status != 429:
        return InvalidInput(said, reason="KFP_INVALID")
    return KfpFailed(
        said, hint="Try again; the log of its API server says more.", reason="KFP_FAILED"
    )
