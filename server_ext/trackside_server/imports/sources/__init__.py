"""Where imports come from: a folder, a database, a server."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from trackside_server.errors import InvalidInput

from .base import SourceFailed

if TYPE_CHECKING:
    from trackside_server.imports.tally import Tally

    from .base import Source

_SCHEME = re.compile(r"([a-z][a-z0-9+]*)://", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """What a user named as the source, with what may be stored and shown told from secrets.

    Attributes
    ----------
    kind
        ``files``, ``sqlite``, ``postgres`` or ``server``.
    shown
        The address without a password.
    secrets
        ``token``, ``username`` and ``password``, as far as there are any; never stored.
    """

    kind: str
    shown: str
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


def place(text: str, secrets: dict[str, str]) -> Place:
    """Understand what a user named as the source; nothing is opened.

    Raises
    ------
    InvalidInput
        It is none that can be read.
    """
    found = _SCHEME.match(text)
    if found is None:
        path = Path(text).expanduser()
        if not path.is_absolute():
            raise InvalidInput(
                f"{text!r} is not a whole path.", hint="Begin it with /, or name a server by URL."
            )
        return Place("sqlite" if path.is_file() else "files", str(path))
    scheme = found[1].lower().partition("+")[0]
    if scheme == "sqlite":
        # sqlite:///relative.db and sqlite:////absolute.db, as MLflow reads them.
        name = text[found.end() :].partition("?")[0]
        if not name.startswith("//"):
            raise InvalidInput(
                f"{text!r} names a file relative to some folder.",
                hint="Write sqlite:////the/whole/path.db, or just the path.",
            )
        return Place("sqlite", unquote(name[1:]))
    if scheme == "file":
        return place(unquote(urlsplit(text).path), secrets)
    if scheme in ("http", "https"):
        shown, own = _without_password(text.rstrip("/"))
        return Place("server", shown, {**own, **secrets})
    if scheme in ("postgresql", "postgres"):
        shown, own = _without_password("postgresql://" + text[found.end() :])
        return Place("postgres", shown, {**own, **secrets})
    raise InvalidInput(
        f"Trackside cannot import from {scheme}:// addresses.",
        hint="Name an mlruns folder, an SQLite file, a PostgreSQL database or an MLflow server.",
    )


def open_source(where: Place, artifact_root: str | None, tally: Tally) -> Source:
    """Open a source; this blocks.

    Raises
    ------
    SourceFailed
        It cannot be read.
    """
    root = Path(artifact_root).expanduser() if artifact_root else None
    if root is not None and not root.is_dir():
        raise SourceFailed(f"There is no folder {root} for artifacts.")
    if where.kind == "server":
        from .server import open_server

        return open_server(where, tally)
    if where.kind == "postgres":
        from .postgres import open_postgres

        return open_postgres(where, root, tally.complain)
    path = Path(where.shown)
    if not path.exists():
        raise SourceFailed(f"There is no file or folder {path}.")
    if path.is_dir():
        from .files import FileStore

        return FileStore(path, root, tally.complain)
    from .sqlite import open_sqlite

    return open_sqlite(path, root, tally.complain)


def _without_password(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    # PostgreSQL takes parameters of the connection there, the password too.
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if any(key == "sslpassword" for key, _ in pairs):
        raise InvalidInput("The password of a key (sslpassword) cannot be part of the address.")
    hidden = [value for key, value in pairs if key == "password"]
    if hidden:
        query = urlencode([pair for pair in pairs if pair[0] != "password"])
        shown, own = _without_password(parts._replace(query=query).geturl())
        return shown, {"password": hidden[0], **own}
    if parts.password is None:
        return url, {}
    user = parts.username or ""
    host = parts.netloc.rpartition("@")[2]
    shown = parts._replace(netloc=f"{user}@{host}" if user else host).geturl()
    return shown, {"username": unquote(user), "password": unquote(parts.password)}
