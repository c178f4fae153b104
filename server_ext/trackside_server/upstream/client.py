"""Requests to the MLflow server, in the words of its protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trackside_server.outside.client import AGENT
from trackside_server.outside.client import Client as OutsideClient

from .words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.outside.words import Words


class Client(OutsideClient):
    """The client of an MLflow server."""

    words: Words = WORDS

    def agent(self, headers: Mapping[str, str] | None) -> str:
        """Say who sends: Trackside, and the MLflow client behind it, which servers count."""
        client = (headers or {}).get("User-Agent", "")
        return f"{client} {AGENT}" if client.startswith("mlflow-") else AGENT

    def error_of(self, content: bytes) -> tuple[str, str]:
        """Read MLflow's code and message out of an error; empty when it is none of MLflow's."""
        return error_of(content)


def error_of(content: bytes) -> tuple[str, str]:
    """Read MLflow's code and message out of an error; empty when it is none of MLflow's."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(found, dict) or not isinstance(found.get("error_code"), str):
        return "", ""
    return found["error_code"], str(found.get("message") or "")[:2000]
