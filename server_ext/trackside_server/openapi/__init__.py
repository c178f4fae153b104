"""The description of the REST API: Trackside's own, one file for each domain, and MLflow's.

What is served of MLflow's protocol is described out of the table from which it is served.
"""

from __future__ import annotations

from importlib import resources
from typing import Any


def document() -> dict[str, Any]:
    """Return the whole description, put together from its files."""
    import yaml  # only who asks for the description pays for the parser

    from trackside_server.protocol import describe

    from . import mirror

    whole: dict[str, Any] = {}
    files = sorted(
        (entry for entry in resources.files(__name__).iterdir() if entry.name.endswith(".yaml")),
        key=lambda entry: entry.name,
    )
    for file in files:
        part = yaml.safe_load(file.read_text(encoding="utf-8"))
        if not whole:
            whole = part
            continue
        _merge(whole.setdefault("paths", {}), part.get("paths", {}), file.name)
        for kind, named in part.get("components", {}).items():
            _merge(whole["components"].setdefault(kind, {}), named, file.name)
    _merge(whole["paths"], mirror.paths(whole["paths"]), "the routes of KFP's API")
    _merge(whole["paths"], describe.paths(), "the table of MLflow's routes")
    return whole


def _merge(whole: dict[str, Any], part: dict[str, Any], file: str) -> None:
    twice = whole.keys() & part.keys()
    if twice:
        raise ValueError(f"{file} describes again: {', '.join(sorted(twice))}")
    whole.update(part)
