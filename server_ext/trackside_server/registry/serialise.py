"""Writes answers in the JSON mapping of protocol buffers, with MLflow's habits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .entities import ModelVersion, Promotion, RegisteredModel

Json = dict[str, Any]


def model(item: RegisteredModel) -> Json:
    """Write a registered model."""
    written: Json = {
        "name": item.name,
        "creation_timestamp": item.created_at,
        "last_updated_timestamp": item.updated_at,
    }
    filled = {
        "description": item.description,
        "latest_versions": [version(found) for found in item.latest],
        "tags": [tag._asdict() for tag in item.tags],
        "aliases": [{"alias": alias, "version": str(number)} for alias, number in item.aliases],
    }
    return {**written, **{name: value for name, value in filled.items() if value}}


def version(item: ModelVersion) -> Json:
    """Write a version of a registered model."""
    written: Json = {
        "name": item.name,
        "version": str(item.version),
        "creation_timestamp": item.created_at,
        "last_updated_timestamp": item.updated_at,
        "current_stage": item.stage,
        "source": item.source,
        "run_id": item.run_id,
        "run_link": item.run_link,
        "status": "READY",
    }
    if item.description is not None:
        written["description"] = item.description
    filled = {
        "user_id": item.user_id,
        "model_id": item.model_id,
        "tags": [tag._asdict() for tag in item.tags],
        "aliases": list(item.aliases),
    }
    return {**written, **{name: value for name, value in filled.items() if value}}


def promotion(item: Promotion) -> Json:
    """Write a line of the history for Trackside's own API."""
    return {
        "number": item.number,
        "name": item.name,
        "kind": item.kind,
        "alias" if item.kind == "alias" else "version": item.subject,
        "from": item.old or None,
        "to": item.new or None,
        "actor": item.actor,
        "reason": item.reason,
        "time": item.time,
        "move": item.move,
        "reverts": item.reverts,
        "seen": item.seen,
    }
