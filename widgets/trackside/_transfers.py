"""Imports from MLflow and exports to it, as the server carries them out."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside._client import get_client, segment
from trackside._errors import ServerUnavailable, TracksideError
from trackside._text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trackside._client import Client

ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELED"})

_WAIT = 10
# A server that starts again needs some seconds; one that is gone for a minute stays away.
_MOST_SILENT = 60
_URL = re.compile(r"[a-z][a-z0-9+]*://", re.IGNORECASE)
# The tokens that the server gives to kernels and jobs are nobody else's business.
_OWN_TOKEN = ("tsk_", "tsj_")
_WORDS = {
    "experiments": "experiment",
    "runs": "run",
    "models": "logged model",
    "registered_models": "registered model",
    "versions": "model version",
    "traces": "trace",
}


def import_mlflow(
    source: str,
    *,
    artifacts: str = "copy",
    artifact_root: str | None = None,
    prefix: str = "",
    experiments: Sequence[str] = (),
    dry_run: bool = False,
) -> dict[str, Any]:
    """Bring what MLflow holds into this server, and wait until it is done.

    Parameters
    ----------
    source
        An ``mlruns`` folder, the file or the URL of MLflow's database, or the URL of a running
        MLflow server. The variables ``MLFLOW_TRACKING_TOKEN``, or ``MLFLOW_TRACKING_USERNAME`` and
        ``MLFLOW_TRACKING_PASSWORD``, say who you are there.
    artifacts
        ``"copy"`` copies files, ``"reference"`` leaves them where they are and reads them from
        there, ``"none"`` leaves them out.
    artifact_root
        A further folder in which the source's artifacts lie.
    prefix
        Stands before the names of experiments and registered models.
    experiments
        Only the experiments of these names.
    dry_run
        Only tell what would come.

    Returns
    -------
    dict
        The import: its state, its counts and the first of what could not be taken.
    """
    client = get_client()
    begun = begin(
        client,
        "imports",
        {
            "source": whole(source),
            "artifacts": artifacts,
            "artifact_root": whole(artifact_root) if artifact_root else None,
            "prefix": prefix,
            "experiments": list(experiments),
            "dry_run": dry_run,
            **(credentials() if source.startswith("http") else {}),
        },
    )
    return _done(client, "imports", begun)


def export_mlflow(
    to: str,
    *,
    experiments: Sequence[str] = (),
    runs: Sequence[str] = (),
    models: Sequence[str] = (),
    artifacts: str = "copy",
) -> dict[str, Any]:
    """Write what this server holds where MLflow reads it, and wait until it is done.

    Parameters
    ----------
    to
        An ``mlruns`` folder, or the URL of a running MLflow server.
    experiments, runs, models
        Only the experiments and registered models of these names, and the runs with these ids.
        Default: everything.
    artifacts
        ``"copy"`` copies files, ``"none"`` leaves them out.

    Returns
    -------
    dict
        The export: its state, its counts and the first of what was left out.
    """
    client = get_client()
    begun = begin(
        client,
        "exports",
        {
            "to": whole(to),
            "experiments": list(experiments),
            "runs": list(runs),
            "models": list(models),
            "artifacts": artifacts,
            **(credentials() if to.startswith("http") else {}),
        },
    )
    return _done(client, "exports", begun)


def begin(client: Client, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the server for an import or export; the same words join one that is under way."""
    sent = {key: value for key, value in body.items() if value not in (None, "", [], False)}
    answer: dict[str, Any] = client.api("POST", kind, sent, repeatable=True)
    return answer


def follow(client: Client, kind: str, identifier: str) -> Iterator[dict[str, Any]]:
    """Give a transfer again and again until it has ended, over restarts of the server."""
    silent = 0
    while True:
        try:
            seen = client.api(
                "GET", f"{kind}/{segment(identifier)}", query={"wait": _WAIT}, timeout=_WAIT + 20
            )
            silent = 0
        except ServerUnavailable:
            silent += 1
            if silent > _MOST_SILENT:
                raise
            _pause()
            continue
        yield seen
        if seen["state"] in ENDED:
            return


def credentials() -> dict[str, str]:
    """Return who the user is at an MLflow server, as MLflow's own client would find it."""
    token = os.environ.get("MLFLOW_TRACKING_TOKEN", "")
    found = {
        "username": os.environ.get("MLFLOW_TRACKING_USERNAME", ""),
        "password": os.environ.get("MLFLOW_TRACKING_PASSWORD", ""),
        "token": "" if token.startswith(_OWN_TOKEN) else token,
    }
    return {name: value for name, value in found.items() if value}


def whole(place: str) -> str:
    """Return a path as the server can find it; addresses stay as they are."""
    if _URL.match(place):
        return _whole_sqlite(place)
    return str(Path(place).expanduser().absolute())


def _whole_sqlite(url: str) -> str:
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return f"{prefix}{Path(url[len(prefix) :]).absolute()}"
    return url


def line(seen: Mapping[str, Any]) -> str:
    """Say in one line how far a transfer is."""
    progress = seen["progress"]
    parts = [
        f"{sum(counts.values()):,} of {progress['totals'][kind]:,} {_WORDS.get(kind, kind)}s"
        for kind, counts in progress["counts"].items()
        if kind in progress["totals"]
    ]
    if progress["points"]:
        parts.append(f"{progress['points']:,} points")
    if progress["files"]:
        parts.append(f"{plural(progress['files'], 'file')}")
    return ", ".join(parts) or str(progress["doing"] or seen["state"].lower())


def summary(seen: Mapping[str, Any]) -> list[str]:
    """Say what a transfer did, a line for each kind of thing."""
    progress = seen["progress"]
    would = "would be new" if seen.get("dry_run") else "new"
    lines = []
    for kind, counts in progress["counts"].items():
        parts = [
            f"{counts[outcome]:,} {words}"
            for outcome, words in (
                ("new", would),
                ("changed", "completed"),
                ("same", "there already"),
                ("skipped", "left out"),
            )
            if counts[outcome]
        ]
        lines.append(f"{_WORDS.get(kind, kind).capitalize()}s: {', '.join(parts)}")
    if progress["points"] or progress["files"]:
        size = _size(progress["bytes"])
        lines.append(f"Points: {progress['points']:,}. Files: {progress['files']:,} ({size}).")
    return lines


def _done(client: Client, kind: str, begun: dict[str, Any]) -> dict[str, Any]:
    *_, seen = follow(client, kind, begun["id"])
    check(seen)
    return seen


def check(seen: Mapping[str, Any]) -> None:
    """Raise when a transfer failed.

    Raises
    ------
    TracksideError
        It did.
    """
    if seen["state"] == "FAILED":
        raise TracksideError(str(seen["message"]))


def _size(size: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def _pause() -> None:
    import time

    time.sleep(1)
