"""What a run's source says about itself, as MLflow's tags where MLflow has them."""

from __future__ import annotations

import json
import platform
from typing import TYPE_CHECKING, Any

from .redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .git import GitState

USER = "mlflow.user"
SOURCE_NAME = "mlflow.source.name"
SOURCE_TYPE = "mlflow.source.type"
GIT_COMMIT = "mlflow.source.git.commit"
GIT_BRANCH = "mlflow.source.git.branch"
GIT_REMOTE = "mlflow.source.git.repoURL"
GIT_DIRTY = "mlflow.source.git.dirty"
# What MLflow has no word for.
NOTEBOOK = "trackside.notebook"
CELL_ID = "trackside.cell_id"
EXECUTION_COUNT = "trackside.execution_count"
LABEL = "trackside.source"
HOST = "trackside.host"
PYTHON = "trackside.python"
COMMAND = "trackside.command"
RESOURCES = "trackside.resources"
CHANGED = "trackside.git.changed"
CHANGED_FILES = "trackside.git.changed_files"

MAX_VALUE = 4000
MAX_LISTED = 50
MAX_ENVIRONMENT = 1024 * 1024


def source_tags(source: Mapping[str, Any], user: str) -> dict[str, str]:
    """Return the tags that cost nothing to find, for the moment a run is created."""
    notebook = _text(source.get("notebook"))
    name = notebook or _text(source.get("path")) or _text(source.get("label"))
    count = source.get("execution_count")
    tags = {
        USER: user,
        SOURCE_NAME: name,
        SOURCE_TYPE: "NOTEBOOK" if notebook else "LOCAL",
        NOTEBOOK: notebook,
        CELL_ID: _text(source.get("cell_id")),
        EXECUTION_COUNT: str(count) if isinstance(count, int) else "",
        LABEL: _text(source.get("label")),
        HOST: platform.node(),
    }
    return {key: value[:MAX_VALUE] for key, value in tags.items() if value}


def git_tags(state: GitState) -> dict[str, str]:
    """Return the tags of a repository's state."""
    listed = list(state.changed[:MAX_LISTED])
    while len(json.dumps(listed)) > MAX_VALUE:
        listed.pop()
    tags = {
        GIT_COMMIT: state.commit or "",
        GIT_BRANCH: state.branch or "",
        GIT_REMOTE: state.remote or "",
        GIT_DIRTY: "true" if state.changed else "false",
        CHANGED: str(len(state.changed)),
        CHANGED_FILES: json.dumps(listed, ensure_ascii=False) if listed else "",
    }
    return {key: value for key, value in tags.items() if value}


def launch_tags(command: str | None, resources: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the tags of how a job was started."""
    asked = {key: value for key, value in (resources or {}).items() if value}
    tags = {
        COMMAND: redact((command or "")[: 2 * MAX_VALUE])[:MAX_VALUE],
        RESOURCES: json.dumps(asked) if asked else "",
    }
    return {key: value for key, value in tags.items() if value}


def environment_tags(environment: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of the Python that runs the code."""
    tags = {PYTHON: _text(environment.get("python")), HOST: _text(environment.get("host"))}
    return {key: value[:MAX_VALUE] for key, value in tags.items() if value}


def environment_file(environment: Mapping[str, Any]) -> bytes | None:
    """Return the text of the environment's file; one that is far too large is left out."""
    if len(json.dumps(environment)) > MAX_ENVIRONMENT:
        return None
    # Each value by itself: the names of packages (asttokens, keyring) are no names of secrets.
    clean = {
        name: redact(value) if isinstance(value, str) else value
        for name, value in environment.items()
    }
    return json.dumps(clean, indent=2, sort_keys=True).encode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
