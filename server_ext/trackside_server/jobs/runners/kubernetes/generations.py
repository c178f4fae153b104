"""Which form of TrainJob a cluster serves.

Each release of Trainer names the part differently in which a TrainJob changes its runtime's pods,
and lets it change other fields. The cluster's own description of its API tells, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from trackside_server.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "trainer.kubeflow.org"
Overrides = Literal["podSpecOverrides", "podTemplateOverrides", "runtimePatches"]

# The way to a pod's template, in a TrainJob's spec.
_PATHS: dict[Overrides, tuple[str, ...]] = {
    "runtimePatches": (
        "trainingRuntimeSpec",
        "template",
        "spec",
        "replicatedJobs",
        "template",
        "spec",
        "template",
    ),
    "podTemplateOverrides": (),
    "podSpecOverrides": (),
}


class Generation(Struct, frozen=True):
    """What the served form of TrainJob can say about pods.

    Parameters
    ----------
    overrides
        The field that holds it.
    pod_fields
        Fields of a pod's spec that can be changed.
    container_fields
        Fields of a container of the runtime that can be changed.
    metadata
        Whether pods can get labels and annotations.
    deadline
        Whether it can have a time limit of its own.
    """

    overrides: Overrides
    pod_fields: frozenset[str]
    container_fields: frozenset[str]
    metadata: bool
    deadline: bool


def generation_of(openapi: Mapping[str, Any]) -> Generation:
    """Find out which form of TrainJob the cluster serves.

    Parameters
    ----------
    openapi
        ``/openapi/v3/apis/trainer.kubeflow.org/v1alpha1``.

    Returns
    -------
    Generation
        What it can say about pods.

    Raises
    ------
    NotFound
        When it describes no TrainJob, or one whose pods cannot be changed in a known way.
    """
    schema = _Schema(openapi)
    spec = schema.properties(schema.kind("TrainJob"), "spec")
    known: tuple[Overrides, ...] = ("runtimePatches", "podTemplateOverrides", "podSpecOverrides")
    # A release that renames may serve the old field for a while: the newest form counts.
    overrides = next((name for name in known if name in spec), None)
    if overrides is None:
        raise NotFound(
            "This cluster serves no TrainJob that Trackside knows how to fill.",
            hint="Run the job as a plain Job, or tell the cluster's administrator.",
        )
    template = schema.properties({"properties": spec}, overrides, *_PATHS[overrides])
    pod = template
    if overrides != "podSpecOverrides":
        pod = schema.properties({"properties": template}, "spec")
    container = schema.properties({"properties": pod}, "containers")
    return Generation(
        overrides,
        frozenset(pod) - {"targetJobs"},
        frozenset(container) - {"name"},
        "metadata" in template,
        "activeDeadlineSeconds" in spec,
    )


class _Schema:
    """Walks through a description of the API without trusting it."""

    def __init__(self, openapi: Mapping[str, Any]) -> None:
        self._schemas = _object(_object(openapi.get("components")).get("schemas"))

    def kind(self, kind: str) -> Mapping[str, Any]:
        """Find the description of a kind."""
        for found in self._schemas.values():
            for served in _object(found).get("x-kubernetes-group-version-kind") or ():
                if _object(served).get("kind") == kind and served.get("group") == GROUP:
                    return _object(found)
        return {}

    def properties(self, schema: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
        """Follow a path of fields, through lists too, and give the fields at its end."""
        here = self._resolved(schema)
        for name in path:
            here = self._resolved(_object(here.get("properties")).get(name))
            if "items" in here:
                here = self._resolved(here["items"])
        return _object(here.get("properties"))

    def _resolved(self, value: Any) -> Mapping[str, Any]:
        schema = _object(value)
        several = schema.get("allOf")
        if isinstance(several, list) and len(several) == 1:
            schema = _object(several[0])
        name = str(schema.get("$ref") or "").rpartition("/")[2]
        return _object(self._schemas.get(name)) if name else schema


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
