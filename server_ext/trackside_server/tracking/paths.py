"""The one place that decides whether an artifact path is safe.

A path that a client sends is decoded until it no longer changes, and each form on the way must be
harmless; what is stored is the path as the client meant it. Whoever turns a path into a file of
this machine goes through `Artifacts`, which checks where it really ends up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from trackside_server.errors import InvalidInput

from .validation import MAX_LOCATION

if TYPE_CHECKING:
    from collections.abc import Sequence

PROXY_SCHEME: Final = "mlflow-artifacts:"
RESERVED: Final = ".incoming"
"""The folder below the root that holds uploads in progress; no path of a client reaches it."""

_MAX_DECODINGS: Final = 10
_MAX_SEGMENT: Final = 255
_MAX_PATH: Final = 4000
_SCHEME_OR_DRIVE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f#?]")


def safe_path(path: str) -> str:
    """Check a path that a client sent and write it in its plainest form.

    Parameters
    ----------
    path
        A path relative to some root, once decoded.

    Returns
    -------
    str
        The path with single slashes and no '.' segments; empty for the root itself.

    Raises
    ------
    InvalidInput
        In one of its decodings the path is absolute, climbs with '..', names a scheme or drive, or
        holds '#', '?' or a control character.
    """
    form = path
    for _ in range(_MAX_DECODINGS):
        reason = _danger(form)
        if reason:
            raise InvalidInput(f"Invalid path {path[:80]!r}: {reason}.")
        decoded = unquote(form)
        if decoded == form:
            break
        form = decoded
    else:
        raise InvalidInput(f"Invalid path {path[:80]!r}: it is encoded too many times.")
    segments = [segment for segment in path.split("/") if segment not in ("", ".")]
    if segments and segments[0] == RESERVED:
        raise InvalidInput(f"Invalid path {path[:80]!r}: {RESERVED} is kept for uploads.")
    _check_lengths(segments)
    return "/".join(segments)


def proxied_path(uri: str) -> str | None:
    """Give the path below the artifact root that an artifact URI means, None for other places."""
    if not uri.startswith(f"{PROXY_SCHEME}/") or uri.startswith(f"{PROXY_SCHEME}//"):
        return None
    return safe_path(uri[len(PROXY_SCHEME) + 1 :])


def artifact_location(uri: str) -> str:
    """Check where an experiment wants its artifacts.

    Places that are not ours are for clients alone: the server stores the text and never opens it.

    Raises
    ------
    InvalidInput
        The location is too long, or could lead out of where it points.
    """
    if len(uri) > MAX_LOCATION:
        raise InvalidInput(f"An artifact location has at most {MAX_LOCATION} characters.")
    scheme, colon, rest = uri.partition(":")
    if colon and scheme == "runs":
        raise InvalidInput("An artifact location cannot lie inside a run (runs:/…).")
    if uri.startswith(PROXY_SCHEME):
        if proxied_path(uri) is None:
            raise InvalidInput(
                f"Invalid artifact location {uri[:80]!r}: write mlflow-artifacts:/<folder>."
            )
        return uri.rstrip("/")
    form = rest if colon else uri
    safe_path(form.lstrip("/") if "/" in form else form)
    return uri.rstrip("/") or uri


def _danger(form: str) -> str | None:
    found = _FORBIDDEN.search(form)
    if found:
        return f"{found.group()!r} is not allowed in it"
    if form.startswith(("/", "\\")):
        return "it must be relative"
    if ".." in form.split("/"):
        return "'..' is not allowed in it"
    if _SCHEME_OR_DRIVE.match(form):
        return "it begins with a scheme or drive"
    return None


def _check_lengths(segments: Sequence[str]) -> None:
    if sum(len(segment.encode()) + 1 for segment in segments) > _MAX_PATH or any(
        len(segment.encode()) > _MAX_SEGMENT for segment in segments
    ):
        raise InvalidInput("Invalid path: it or one of its names is too long.")
