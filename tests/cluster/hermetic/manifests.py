"""What controllers ship to be applied, changed for controllers that run on the host."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator

import yaml
from tests.cluster.hermetic.paths import MANIFESTS
from tests.cluster.hermetic.waiting import until

Kubectl = Callable[..., str]

# Kinds of Kueue whose versions differ in more than their name, and that it converts itself.
CONVERTED = {"ClusterQueue", "Cohort", "LocalQueue", "MultiKueueCluster", "Workload"}


def apply(kubectl: Kubectl, *objects: dict) -> None:
    """Apply objects."""
    content = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    kubectl("apply", "--server-side", "-f", "-", input=json.dumps(content))


def apply_kinds(kubectl: Kubectl, controller: str, port: int, ca: bytes) -> None:
    """Apply the custom resource definitions of a controller, and wait until they are served."""
    definitions = list(_read(controller, "*.yaml"))
    for definition in definitions:
        definition["spec"].pop("conversion", None)
        if definition["spec"]["names"]["kind"] in CONVERTED:
            definition["spec"]["conversion"] = {
                "strategy": "Webhook",
                "webhook": {
                    "clientConfig": _client("/convert", port, ca),
                    "conversionReviewVersions": ["v1"],
                },
            }
    apply(kubectl, *definitions)
    names = [definition["metadata"]["name"] for definition in definitions]
    until(lambda: _are_served(kubectl, names), f"the kinds of {controller}")


def apply_webhooks(kubectl: Kubectl, controller: str, port: int, ca: bytes) -> None:
    """Apply the webhook configurations of a controller, which must listen already."""
    configurations = list(_read(controller, "webhooks"))
    for configuration in configurations:
        # All three ship them under the same name, which their installers change too.
        configuration["metadata"]["name"] = f"{controller}-{configuration['metadata']['name']}"
        for webhook in configuration["webhooks"]:
            path = webhook["clientConfig"]["service"]["path"]
            webhook["clientConfig"] = _client(path, port, ca)
    apply(kubectl, *configurations)


def apply_torch_runtime(kubectl: Kubectl, image: str) -> None:
    """Apply the runtime that Trainer ships for PyTorch, with an image that is here."""
    container = {"name": "node", "image": image, "imagePullPolicy": "IfNotPresent"}
    node = {
        "name": "node",
        "template": {
            "metadata": {"labels": {"trainer.kubeflow.org/trainjob-ancestor-step": "trainer"}},
            "spec": {"template": {"spec": {"containers": [container]}}},
        },
    }
    apply(
        kubectl,
        {
            "apiVersion": "trainer.kubeflow.org/v1alpha1",
            "kind": "ClusterTrainingRuntime",
            "metadata": {
                "name": "torch-distributed",
                "labels": {"trainer.kubeflow.org/framework": "torch"},
            },
            "spec": {
                "mlPolicy": {"numNodes": 1, "torch": {}},
                "template": {"spec": {"replicatedJobs": [node]}},
            },
        },
    )


def apply_queue(kubectl: Kubectl, namespace: str, name: str, quota: dict[str, str]) -> None:
    """Apply a queue of Kueue for one namespace, with what it may have at a time."""
    version = "kueue.x-k8s.io/v1beta2"
    resources = [{"name": kind, "nominalQuota": amount} for kind, amount in quota.items()]
    group = {
        "coveredResources": list(quota),
        "flavors": [{"name": name, "resources": resources}],
    }
    apply(
        kubectl,
        {"apiVersion": version, "kind": "ResourceFlavor", "metadata": {"name": name}},
        {
            "apiVersion": version,
            "kind": "ClusterQueue",
            "metadata": {"name": name},
            "spec": {"namespaceSelector": {}, "resourceGroups": [group]},
        },
        {
            "apiVersion": version,
            "kind": "LocalQueue",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"clusterQueue": name},
        },
    )


def aggregated(
    group: str, version: str, service: tuple[str, str], port: int, ca: bytes
) -> tuple[dict, ...]:
    """Return the objects by which the API server passes a group on to a server on the host."""
    namespace, name = service
    return (
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": namespace},
            # Nobody routes to the addresses of Services here, but names are looked up.
            "spec": {"type": "ExternalName", "externalName": "localhost"},
        },
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": f"{version}.{group}"},
            "spec": {
                "group": group,
                "version": version,
                "service": {"namespace": namespace, "name": name, "port": port},
                "caBundle": base64.b64encode(ca).decode(),
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
            },
        },
    )


def _are_served(kubectl: Kubectl, names: list[str]) -> bool:
    # One name gives an object, several give a list.
    found = json.loads(kubectl("get", "crd", "-o", "json", *names))
    return all(
        any(
            (condition["type"], condition["status"]) == ("Established", "True")
            for condition in definition["status"].get("conditions") or ()
        )
        for definition in found.get("items", [found])
    )


def _client(path: str, port: int, ca: bytes) -> dict:
    return {
        "url": f"https://127.0.0.1:{port}{path}",
        "caBundle": base64.b64encode(ca).decode(),
    }


def _read(controller: str, pattern: str) -> Iterator[dict]:
    for file in sorted((MANIFESTS / controller).glob(pattern)):
        # The definitions are long, and the loader in Python takes seconds for them.
        for document in yaml.load_all(file.read_text(), yaml.CSafeLoader):
            if document:
                yield document
