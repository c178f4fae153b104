"""A run as text for the store, and back: what was an integer is one again, what was None is None.

Each text bears its version. Whoever changes the form raises it, and goes on reading the older ones.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from trackside_server.pipelines.ir.model import ArtifactType

from .state import Artifact, Node, Reason, Run, Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VERSION: Final = 1
# Those that are written as they are, and left out where they are as a new node has them.
_PLAIN: Final = tuple(
    name for name in Node.__struct_fields__ if name not in ("inputs", "outputs", "reason")
)
# Only the last ones have a default.
_DEFAULTS: Final = dict(
    zip(reversed(Node.__struct_fields__), reversed(Node.__struct_defaults__), strict=False)
)


def node_to_text(node: Node) -> str:
    """Write a node."""
    written: dict[str, Any] = {"v": VERSION}
    for name in _PLAIN:
        value = getattr(node, name)
        if name not in _DEFAULTS or value != _DEFAULTS[name]:
            written[name] = value
    if node.inputs is not None:
        written["inputs"] = values_to_json(node.inputs)
    if node.outputs is not None:
        written["outputs"] = values_to_json(node.outputs)
    if node.reason is not None:
        written["reason"] = [node.reason.code, node.reason.message]
    return _text(written)


def node_from_text(text: str) -> Node:
    """Read a node.

    Raises
    ------
    ValueError
        Where a newer Trackside has written it.
    """
    written = _read(text)
    for name in ("inputs", "outputs"):
        if name in written:
            written[name] = values_from_json(written[name])
    if "reason" in written:
        written["reason"] = Reason(*written["reason"])
    return Node(**written)


def run_to_text(run: Run) -> str:
    """Write all of a run but its nodes, each of which is stored for itself."""
    return _text(
        {
            "v": VERSION,
            "run_id": run.run_id,
            "arguments": values_to_json(run.arguments),
            "words": dict(run.words),
            "terminating": run.terminating,
            "abrupt": run.abrupt,
            "floor": run.floor,
        }
    )


def run_from_text(text: str, nodes: Iterable[Node] = ()) -> Run:
    """Read a run, to which these nodes belong.

    Raises
    ------
    ValueError
        Where a newer Trackside has written it.
    """
    written = _read(text)
    written["arguments"] = values_from_json(written["arguments"])
    return Run(**written, nodes={node.path: node for node in nodes})


def values_to_json(values: Values) -> dict[str, Any]:
    """Write inputs or outputs as a JSON value."""
    return {
        "parameters": dict(values.parameters),
        "artifacts": {
            name: [_artifact_to_json(artifact) for artifact in artifacts]
            for name, artifacts in values.artifacts.items()
        },
    }


def values_from_json(written: Mapping[str, Any]) -> Values:
    """Read inputs or outputs."""
    return Values(
        written["parameters"],
        {
            name: tuple(_artifact_from_json(artifact) for artifact in artifacts)
            for name, artifacts in written["artifacts"].items()
        },
    )


def _artifact_to_json(artifact: Artifact) -> dict[str, Any]:
    return {
        "id": artifact.artifact_id,
        "name": artifact.name,
        "type": [artifact.type.title, artifact.type.version],
        "uri": artifact.uri,
        "metadata": dict(artifact.metadata),
    }


def _artifact_from_json(written: Mapping[str, Any]) -> Artifact:
    return Artifact(
        artifact_id=written["id"],
        name=written["name"],
        type=ArtifactType(*written["type"]),
        uri=written["uri"],
        metadata=written["metadata"],
    )


def _text(written: Mapping[str, Any]) -> str:
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def _read(text: str) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(text)
    version = written.pop("v")
    if version != VERSION:
        message = (
            f"This pipeline run was stored in form {version}, and {VERSION} is the newest known."
        )
        raise ValueError(message)
    return written
