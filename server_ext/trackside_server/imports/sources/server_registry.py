"""Registered models and prompts of a running MLflow server."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from trackside_server.imports.records import RegisteredRecord, VersionRecord

from .base import each
from .http import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .server import Json, Server

_V2 = "api/2.0/mlflow/"
_IS_PROMPT = "tags.`mlflow.prompt.is_prompt` = 'true'"


def read(server: Server) -> Iterator[RegisteredRecord]:
    """Give the registered models, then the prompts, which a search hides unless they are named."""
    seen = set()
    for condition in (None, _IS_PROMPT):
        query: Json = {"max_results": 100, "filter": condition}
        try:
            items = server.got_pages(f"{_V2}registered-models/search", query, "registered_models")
            for model in each(
                "registered model",
                items,
                partial(_model, server, condition),
                lambda item: item["name"],
                server.complain,
            ):
                if model.name not in seen:
                    seen.add(model.name)
                    yield model
        except Refused as error:
            # A server without a registry, or one that is older than prompts.
            if not (error.absent or condition):
                raise


def _model(server: Server, condition: str | None, item: Json) -> RegisteredRecord:
    quote = '"' if "'" in item["name"] else "'"
    named = f"name={quote}{item['name']}{quote}"
    query = {
        "max_results": 200,
        "filter": named if condition is None else f"{named} AND {condition}",
    }
    found = each(
        "model version",
        server.got_pages(f"{_V2}model-versions/search", query, "model_versions"),
        _version,
        lambda one: f"{one['name']} {one['version']}",
        server.complain,
    )
    aliases = item.get("aliases")
    return RegisteredRecord(
        name=item["name"],
        description=item.get("description") or None,
        created_at=int(item.get("creation_timestamp") or 0),
        updated_at=int(item.get("last_updated_timestamp") or 0),
        tags=_pairs(item.get("tags")),
        aliases={alias["alias"]: int(alias["version"]) for alias in aliases or ()},
        versions=sorted(found, key=lambda version: version.version),
    )


def _version(item: Json) -> VersionRecord:
    return VersionRecord(
        version=int(item["version"]),
        created_at=int(item.get("creation_timestamp") or 0),
        updated_at=int(item.get("last_updated_timestamp") or 0),
        description=item.get("description") or None,
        stage=item.get("current_stage") or "None",
        source=item.get("source") or "",
        run_id=item.get("run_id") or None,
        model_id=item.get("model_id") or _model_id(item.get("source") or ""),
        run_link=item.get("run_link") or None,
        status=item.get("status") or "READY",
        status_message=item.get("status_message") or None,
        user_id=item.get("user_id") or None,
        tags=_pairs(item.get("tags")),
    )


def _model_id(source: str) -> str | None:
    return source.removeprefix("models:/") if source.startswith("models:/m-") else None


def _pairs(items: Any) -> dict[str, str]:
    return {item["key"]: item.get("value", "") for item in items or ()}
