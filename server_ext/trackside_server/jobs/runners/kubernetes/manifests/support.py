"""What a Job needs beside itself: Secrets with code and token, and the Service of its pods."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.cluster.gpus import Resolved


def secret(
    name: str,
    namespace: str,
    labels: Mapping[str, str],
    data: Mapping[str, bytes],
    *,
    kind: str = "Secret",
) -> dict[str, Any]:
    """Return a Secret, or a ConfigMap of the same content, that nobody changes any more."""
    encoded = {key: base64.b64encode(value).decode("ascii") for key, value in data.items()}
    manifest: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "immutable": True,
    }
    if kind == "Secret":
        return {**manifest, "type": "Opaque", "data": encoded}
    return {**manifest, "binaryData": encoded}


def service(
    name: str, namespace: str, labels: Mapping[str, str], selector: Mapping[str, str]
) -> dict[str, Any]:
    """Return the headless Service that gives each pod of a Job a name."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "spec": {
            "clusterIP": "None",
            # Rank 0 is looked for before it is ready.
            "publishNotReadyAddresses": True,
            "selector": dict(selector),
        },
    }


def claim_template(
    name: str, namespace: str, labels: Mapping[str, str], gpus: Resolved, version: str
) -> dict[str, Any]:
    """Return the template by which each pod claims devices of a class.

    Parameters
    ----------
    name, namespace, labels
        Of the template.
    gpus
        The class and how many.
    version
        Of the API: before ``v1beta2`` a request had no ``exactly``.
    """
    wanted: dict[str, Any] = {
        "deviceClassName": gpus.device_class,
        "allocationMode": "ExactCount",
        "count": gpus.count,
    }
    if gpus.selector:
        wanted["selectors"] = [{"cel": {"expression": gpus.selector}}]
    request = wanted if version == "v1beta1" else {"exactly": wanted}
    return {
        "apiVersion": f"resource.k8s.io/{version}",
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "spec": {"spec": {"devices": {"requests": [{"name": "gpus", **request}]}}},
    }


def own(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the patch by which an object is deleted with the Job that it belongs to.

    Parameters
    ----------
    manifest
        The Job as the API server answered it.
    """
    meta = manifest["metadata"]
    reference = {
        "apiVersion": manifest["apiVersion"],
        "kind": manifest["kind"],
        "name": meta["name"],
        "uid": meta["uid"],
    }
    return {"metadata": {"ownerReferences": [reference]}}
