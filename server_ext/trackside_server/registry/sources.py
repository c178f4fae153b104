"""Where a version may come from: decided in one place, before anything is written.

A source is a text that clients turn into a place to read from, so one that leads elsewhere than it
says would let whoever registers a model make others load, or the server show, foreign files. What
lies on this server has to lie inside the run or logged model that is named; other stores are told
apart by their scheme and never opened by the server.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import unquote

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.tracking.paths import PROXY_SCHEME, proxied_path, safe_path
from trackside_server.tracking.storage import logged_models
from trackside_server.tracking.storage import runs as runs_table

from . import validation
from .entities import PROMPT_SOURCES, Origin
from .storage import models, versions

if TYPE_CHECKING:
    import sqlite3

MAX_SOURCE: Final = 2000
_MAX_DECODINGS: Final = 10
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# Schemes whose URI names the host that a client will connect to.
_HOSTED: Final = frozenset({"http", "https", "ftp", "sftp", "hdfs", "viewfs", "r2", "b2", "abfss"})
_SCRIPTS: Final = frozenset({"javascript", "vbscript", "data", "blob"})


def check(
    connection: sqlite3.Connection,
    source: str,
    run_id: str | None,
    model_id: str | None,
    *,
    prompt: bool,
) -> Origin:
    """Find out where a new version comes from.

    Parameters
    ----------
    connection
        To look up what the source names.
    source
        As the caller gave it.
    run_id, model_id
        The run and the logged model that the caller says it comes from, None when not given.
    prompt
        Whether the version is a prompt, which has no files.

    Raises
    ------
    InvalidInput
        The source is not allowed, or lies outside of what is named.
    NotFound
        It names a model or version that does not exist.
    """
    validation.text(source, "The source of a model version", MAX_SOURCE)
    run = validation.text(run_id or "", "run_id", validation.MAX_ID)
    model = validation.text(model_id or "", "model_id", validation.MAX_ID)
    if prompt:
        if source not in PROMPT_SOURCES:
            _refuse(source, "a prompt has no files, so its source is 'dummy-source'")
        return Origin(source, source, run, model)
    scheme = _scheme(source)
    _check_shape(source, scheme)
    if scheme == "models":
        return _registered(connection, source, run_id, model_id)
    if model:
        return _of_model(connection, source, scheme, run, model)
    if scheme == "runs":
        return _of_run(connection, source, run)
    if scheme in ("", "file", "mlflow-artifacts"):
        return _inside_run(connection, source, run)
    return Origin(source, source, run, owned=_lies_in_run(connection, source, run))


def _scheme(source: str) -> str:
    found = _SCHEME.match(source)
    return found[1].lower() if found else ""


def _check_shape(source: str, scheme: str) -> None:
    """Refuse what could mean another place than it seems to, in any of its decodings."""
    form = source
    for _ in range(_MAX_DECODINGS):
        if _CONTROL.search(form) or "\\" in form:
            _refuse(source, "control characters and backslashes are not allowed in it")
        if "#" in form or "?" in form:
            _refuse(source, "'#' and '?' are not allowed in it")
        if any(part in ("..", ".") for part in form.split("/")):
            _refuse(source, "'.' and '..' are not allowed in it")
        decoded = unquote(form)
        if decoded == form:
            break
        form = decoded
    else:
        _refuse(source, "it is encoded too many times")
    rest = source[len(scheme) + 1 :] if scheme else source
    if scheme in _HOSTED:
        _refuse(source, f"{scheme} is not accepted, for it names a host to connect to")
    # A scheme of one letter is a drive.
    if scheme in _SCRIPTS or len(scheme) == 1 or (scheme and not rest.startswith("/")):
        _refuse(source, "it is no place where files are")
    if scheme in ("runs", "models", "mlflow-artifacts") and rest.startswith("//"):
        _refuse(source, f"write {scheme}:/…, with one slash and no host")
    if scheme == "file" and rest.startswith("//") and not rest.startswith("///"):
        _refuse(source, "a file on another host is not accepted")
    if not rest.strip("/"):
        _refuse(source, "it names no file or folder")


def _registered(
    connection: sqlite3.Connection, source: str, run_id: str | None, model_id: str | None
) -> Origin:
    """Resolve ``models:/…``: a logged model by its id, or a version to copy."""
    parts = source.partition(":")[2].lstrip("/").split("/")
    if len(parts) > 2 or not parts[0].strip() or not parts[-1].strip():
        _refuse(source, "write models:/<model id>, models:/<name>/<version> or …@<alias>")
    if len(parts) == 1 and "@" not in parts[0]:
        return _logged(connection, source, parts[0], run_id or "", model_id or "")
    if len(parts) == 1:
        name, _, alias = parts[0].rpartition("@")
        number = by_alias(connection, name, alias)
    else:
        name, number = parts[0], _version(connection, *parts)
    original = versions.get(connection, name, number)
    if models.is_prompt(connection, models.number(connection, name)):
        _refuse(source, "a prompt is no model")
    for what, given, known in (
        ("run_id", run_id, original.run_id),
        ("model_id", model_id, original.model_id),
    ):
        if given is not None and given != known:
            _refuse(source, f"its {what} is another one; leave {what} out")
    return Origin(f"models:/{name}/{number}", original.location, original.run_id, original.model_id)


def _version(connection: sqlite3.Connection, name: str, suffix: str) -> int:
    """Give the version that the second part of a source means."""
    if suffix.isascii() and suffix.isdigit():
        return validation.version(suffix)
    model = models.number(connection, name)
    if suffix.lower() == "latest":
        found = versions.newest(connection, model)
    else:
        stage = validation.stage(suffix)
        staged = versions.staged(connection, model)
        found = max((version for _, version, at in staged if at == stage), default=None)
    if found is None:
        raise NotFound(f"Registered model {name[:80]!r} has no version {suffix[:40]!r}.")
    return found


def by_alias(connection: sqlite3.Connection, name: str, alias: str) -> int:
    """Give the number of the version that has an alias; ``latest`` is the newest one.

    Raises
    ------
    NotFound
        There is no such model, or it has no version.
    InvalidInput
        No version has the alias. MLflow answers so, and its clients rely on it.
    """
    validation.alias(alias)
    model = models.number(connection, name)
    if alias.lower() == "latest":
        newest = versions.newest(connection, model)
        if newest is None:
            raise NotFound(f"Registered model {name[:80]!r} has no version.")
        return newest
    found = models.alias(connection, model, alias)
    if found is None:
        raise InvalidInput(f"Registered model alias {alias} not found.")
    return found


def _logged(
    connection: sqlite3.Connection, source: str, logged: str, run: str, model: str
) -> Origin:
    if model != logged:
        _refuse(source, "model_id has to be the id of the logged model in it")
    found = logged_models.get(connection, logged)
    return Origin(source, found.artifact_uri, run or found.source_run_id or "", logged, owned=True)


def _of_model(
    connection: sqlite3.Connection, source: str, scheme: str, run: str, model: str
) -> Origin:
    ours = scheme in ("", "file", "runs", "mlflow-artifacts")
    try:
        found = logged_models.get(connection, model)
    except NotFound:
        if ours:
            _refuse(source, "there is no logged model with this model_id")
        raise
    inside = _inside(source, found.artifact_uri)
    if ours and not inside:
        _refuse(source, "it has to lie inside the artifacts of the logged model named by model_id")
    return Origin(source, source, run or found.source_run_id or "", model, owned=inside)


def _of_run(connection: sqlite3.Connection, source: str, run: str) -> Origin:
    named, _, path = source[len("runs:/") :].partition("/")
    if not run or named != run or not _known(connection, run):
        _refuse(source, "run_id has to be the id of the run in it")
    safe_path(path)
    return Origin(source, source, run, owned=True)


def _inside_run(connection: sqlite3.Connection, source: str, run: str) -> Origin:
    if not _lies_in_run(connection, source, run):
        _refuse(source, "it has to lie inside the artifacts of the run named by run_id")
    return Origin(source, source, run, owned=True)


def _lies_in_run(connection: sqlite3.Connection, source: str, run: str) -> bool:
    if not run:
        return False
    try:
        root = runs_table.row(connection, run)["artifact_uri"]
    except NotFound:
        return False
    return _inside(source, root)


def _known(connection: sqlite3.Connection, run: str) -> bool:
    try:
        runs_table.row(connection, run)
    except NotFound:
        return False
    return True


def _inside(source: str, root: str) -> bool:
    """Say whether one location lies in another, both told by their texts alone."""
    if source.startswith(PROXY_SCHEME) or root.startswith(PROXY_SCHEME):
        inner, outer = proxied_path(source), proxied_path(root)
        if inner is None or outer is None:
            return False
    else:
        inner, outer = _plain(source), _plain(root)
    return inner == outer or inner.startswith(f"{outer}/")


def _plain(location: str) -> str:
    scheme = _scheme(location)
    if scheme in ("", "file"):
        # file:/a, file:///a and /a are one place.
        path = location[len(scheme) + 1 :] if scheme else location
        return "/" + "/".join(part for part in unquote(path).split("/") if part)
    return location.rstrip("/")


def _refuse(source: str, why: str) -> NoReturn:
    raise InvalidInput(f"Invalid model version source {source[:120]!r}: {why}.")
