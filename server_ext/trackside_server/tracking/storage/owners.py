"""Whose files lie under an artifact path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from trackside_server.tracking.paths import PROXY_SCHEME

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence


class Owner(NamedTuple):
    """The run, logged model or trace that files belong to, and the run behind it."""

    kind: Literal["run", "model", "trace"]
    id: str
    run_id: str | None


def candidates(path: str) -> Sequence[tuple[str, str]]:
    """Give the ids that could own a path, each with the artifact URI that it would need.

    Parameters
    ----------
    path
        A safe path below the artifact root, such as ``1/<run id>/artifacts/model/MLmodel``.
    """
    segments = path.split("/")
    return [
        (segments[index - 1], f"{PROXY_SCHEME}/{'/'.join(segments[: index + 1])}")
        for index in range(1, len(segments))
        if segments[index] == "artifacts"
    ]


def find(connection: sqlite3.Connection, among: Iterable[tuple[str, str]]) -> Owner | None:
    """Give the first candidate that exists and has exactly that artifact URI."""
    for identifier, uri in among:
        row = connection.execute(
            "SELECT 'run' AS kind, run_id AS id, run_id FROM runs "
            "WHERE run_id = ?1 AND artifact_uri = ?2 UNION ALL "
            "SELECT 'model', model_id, source_run_id FROM logged_models "
            "WHERE model_id = ?1 AND artifact_uri = ?2 UNION ALL "
            "SELECT 'trace', t.trace_id, (SELECT m.value FROM trace_metadata m "
            "WHERE m.trace = t.id AND m.key = 'mlflow.sourceRun') FROM traces t "
            "JOIN trace_tags l ON l.trace = t.id AND l.key = 'mlflow.artifactLocation' "
            "AND l.value = ?2 WHERE t.trace_id = ?1",
            (identifier, uri),
        ).fetchone()
        if row is not None:
            return Owner(*row)
    return None
