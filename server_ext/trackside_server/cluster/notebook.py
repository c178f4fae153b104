"""The pod that the Jupyter server runs in, where it runs in one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .api import Api

# As JupyterHub calls the container; Kubeflow gives it the name of the notebook.
_HUB = "notebook"
_LABELS = ("notebook-name", "notebooks.kubeflow.org/workspace-name")


class Notebook(Struct, frozen=True):
    """The pod of a Jupyter server.

    Parameters
    ----------
    pod, node
        Its name and where it is.
    image
        Of the container that the server runs in.
    """

    pod: str
    image: str | None
    node: str | None


def own_pod() -> str | None:
    """Return the name of the pod that this process runs in, None outside of one."""
    if "KUBERNETES_SERVICE_HOST" not in os.environ:
        return None
    return os.environ.get("POD_NAME") or os.environ.get("HOSTNAME") or None


async def read_notebook(api: Api, pod: str) -> Notebook:
    """Ask what image and node a pod of the namespace has."""
    return read_pod(await api.get(f"/api/v1/namespaces/{api.namespace}/pods/{pod}"))


def read_pod(pod: Mapping[str, Any]) -> Notebook:
    """Read what views show of the server's pod."""
    chosen = server_container(pod)
    return Notebook(pod["metadata"]["name"], chosen.get("image"), pod["spec"].get("nodeName"))


def server_container(pod: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the server among the containers of its pod."""
    labels = pod["metadata"].get("labels") or {}
    names = [labels.get(label) for label in _LABELS] + [_HUB]
    containers: list[Mapping[str, Any]] = (pod.get("spec") or {}).get("containers") or [{}]
    return next((one for one in containers if one.get("name") in names), containers[0])
