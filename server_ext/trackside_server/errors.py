"""The errors of every domain, each with an HTTP status and a stable code.

Services raise these; the base handler (``web.py``) writes them. A message is a whole sentence that
a user can act on; ``hint`` adds the next step, ``reason`` a machine-readable detail.
"""

from __future__ import annotations

import errno
import sqlite3
from typing import ClassVar


class TracksideError(Exception):
    """An error with a sentence for the user.

    Parameters
    ----------
    message : str
        What happened and why, as a sentence.
    hint : str, optional
        What to do about it.
    reason : str, optional
        A stable word for programs that need more than ``code``.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(self, message: str, *, hint: str | None = None, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.reason = reason

    @property
    def is_temporary(self) -> bool:
        """Whether the same may succeed later: what was to be stored has to be kept for that."""
        return self.status >= 500


class InvalidInput(TracksideError):
    """The request itself is wrong."""

    status = 400
    code = "INVALID_PARAMETER_VALUE"


class NotFound(TracksideError):
    """The named thing does not exist."""

    status = 404
    code = "RESOURCE_DOES_NOT_EXIST"


class AlreadyExists(TracksideError):
    """The name is taken. MLflow answers 400 here, and its clients rely on it."""

    status = 400
    code = "RESOURCE_ALREADY_EXISTS"


class NameTaken(AlreadyExists):
    """The name is taken; KFP's clients are told so by another status than MLflow's."""

    status = 409


class Conflict(TracksideError):
    """The thing is in a state that does not allow the request."""

    status = 409
    code = "RESOURCE_CONFLICT"


class Forbidden(TracksideError):
    """The caller may not do this."""

    status = 403
    code = "PERMISSION_DENIED"


class TooLarge(TracksideError):
    """The request carries more than is accepted."""

    status = 413
    code = "RESOURCE_EXHAUSTED"


class Unavailable(TracksideError):
    """Trackside cannot answer now, but may in a moment.

    Attributes
    ----------
    retry_after
        After how many seconds it is worth to ask again.
    """

    status = 503
    code = "TEMPORARILY_UNAVAILABLE"
    retry_after: ClassVar[str] = "1"


class ClusterUnavailable(Unavailable):
    """The cluster does not answer, or what says how to reach it cannot be used."""

    code = "CLUSTER_UNAVAILABLE"


class StorageFailed(Unavailable):
    """The disk under the store refuses to write.

    507 and not 503: the MLflow client repeats a 503 for four minutes while the user's cell hangs,
    and a full disk is not better by then.
    """

    status = 507
    code = "RESOURCE_EXHAUSTED"


class InternalError(TracksideError):
    """A bug: the traceback is in the server's log."""


_DAMAGED = (
    "The Trackside store is damaged, so it cannot be read or written.",
    "Restore it from a backup, or set Trackside.root_dir to another folder.",
)
_STORAGE_SENTENCES = {
    "database or disk is full": (
        "The disk that holds the Trackside store is full, so nothing was saved.",
        "Free some space; everything goes on by itself.",
    ),
    "readonly database": (
        "The Trackside store cannot be written: its file or folder is read-only.",
        "Make it writable, or set Trackside.root_dir to another folder.",
    ),
    "disk i/o error": (
        "The disk that holds the Trackside store reported an error, so nothing was saved.",
        "Look at the disk; the server's log names the store's folder.",
    ),
    "unable to open database file": (
        "The Trackside store cannot be opened: its folder is missing or not readable.",
        "Restore the folder, or set Trackside.root_dir to another one.",
    ),
    "malformed": _DAMAGED,
    "not a database": _DAMAGED,
}


_FULL = (errno.ENOSPC, errno.EDQUOT)


def from_disk(error: BaseException) -> BaseException:
    """Return the domain error for a failure of the disk or a lock, else the error itself."""
    if isinstance(error, OSError) and error.errno in (*_FULL, errno.EROFS):
        kind = "database or disk is full" if error.errno in _FULL else "readonly database"
        message, hint = _STORAGE_SENTENCES[kind]
        return StorageFailed(message, hint=hint)
    return from_sqlite(error)


def is_damage(error: BaseException) -> bool:
    """Whether the database says of itself that it is damaged, or is none."""
    text = str(error).lower()
    return isinstance(error, sqlite3.DatabaseError) and any(
        part in text for part, sentence in _STORAGE_SENTENCES.items() if sentence is _DAMAGED
    )


def is_locked(error: BaseException) -> bool:
    """Whether another connection has the lock that was wanted."""
    text = str(error).lower()
    return isinstance(error, sqlite3.OperationalError) and ("locked" in text or "busy" in text)


def from_sqlite(error: BaseException) -> BaseException:
    """Return the domain error for a failure of the database, else the error itself."""
    if not isinstance(error, sqlite3.DatabaseError):
        return error
    text = str(error).lower()
    if is_locked(error):
        return Unavailable(
            "Another program keeps the Trackside store locked.", hint="Try again in a moment."
        )
    for part, (message, hint) in _STORAGE_SENTENCES.items():
        if part in text:
            return StorageFailed(message, hint=hint)
    return error
