"""The training runtimes that Kubeflow Trainer offers to the namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .api import Api

Kind = Literal["TrainingRuntime", "ClusterTrainingRuntime"]
_FRAMEWORK = "trainer.kubeflow.org/framework"
_SUPPORT = "trainer.kubeflow.org/support"


class Runtime(Struct, frozen=True):
    """A way to train, prepared by who runs the cluster.

    Parameters
    ----------
    name, kind
        What a TrainJob refers to.
    framework
        ``torch``, ``deepspeed``, ...
    nodes
        How many, unless the job says otherwise.
    deprecated
        Whether it is about to go.
    """

    name: str
    kind: Kind
    framework: str
    nodes: int = 1
    deprecated: bool = False


async def read_runtimes(api: Api, path: str, kind: Kind) -> list[Runtime]:
    """Ask for the runtimes of the namespace, or for those of all namespaces.

    Parameters
    ----------
    api
        The way to the cluster.
    path
        Where Trainer's objects are served.
    kind
        Which.
    """
    shared = kind == "ClusterTrainingRuntime"
    where = "clustertrainingruntimes" if shared else f"namespaces/{api.namespace}/trainingruntimes"
    # Those without the label are building blocks of others, or made by hand for one purpose.
    items = api.items(f"{path}/{where}", label_selector=_FRAMEWORK)
    return [read_runtime(item, kind) async for item in items]


def read_runtime(item: Mapping[str, Any], kind: Kind) -> Runtime:
    """Read a runtime."""
    labels = item["metadata"].get("labels") or {}
    policy = (item.get("spec") or {}).get("mlPolicy") or {}
    return Runtime(
        name=item["metadata"]["name"],
        kind=kind,
        framework=str(labels.get(_FRAMEWORK, "")),
        nodes=int(policy.get("numNodes") or 1),
        deprecated=labels.get(_SUPPORT) == "deprecated",
    )
