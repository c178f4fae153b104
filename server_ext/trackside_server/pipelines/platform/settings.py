"""The settings of one executor as frozen values: ``kubernetes_executor_config.proto``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct, field

from trackside_server.pipelines.ir.model import ParameterBinding
from trackside_server.structs import Discreet

if TYPE_CHECKING:
    from collections.abc import Mapping

# A name that the pipeline holds itself is a text. One that an input or another task gives, or that
# holds placeholders, is a binding; nothing of that is left in settings that were resolved.
Name: TypeAlias = str | ParameterBinding
Source: TypeAlias = Literal["secret", "configMap"]


class Variables(Struct, frozen=True):
    """Values of a Secret or ConfigMap as environment variables.

    Parameters
    ----------
    source, name
        Of which.
    keys
        Each key with the variable that it becomes.
    optional
        Whether the task runs without; None was not said.
    """

    source: Source
    name: Name
    keys: tuple[tuple[str, str], ...]
    optional: bool | None = None


class Files(Struct, frozen=True):
    """A Secret or ConfigMap as a folder of files."""

    source: Source
    name: Name
    path: str
    optional: bool = False


class ClaimMount(Struct, frozen=True):
    """A persistent volume that is there, or that another task makes."""

    name: Name
    path: str
    sub_path: str = ""


class EmptyFolder(Struct, frozen=True):
    """A folder of the pod; ``medium`` may be ``Memory``, no size sets no limit."""

    name: str
    path: str
    medium: str = ""
    size: str = ""


class EphemeralVolume(Struct, frozen=True):
    """A persistent volume that is made for the pod and goes with it.

    Parameters
    ----------
    name, path
        Of the volume, and where it is mounted.
    modes, size
        What is asked for.
    storage_class
        None takes the cluster's default.
    labels, annotations
        Of the claim.
    """

    name: str
    path: str
    modes: tuple[str, ...]
    size: str
    storage_class: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


class Toleration(Struct, frozen=True):
    """A taint of nodes that the pod bears; what is empty matches all."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    seconds: int | None = None


class Requirement(Struct, frozen=True):
    """What a label or field has to be."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class NodeTerm(Struct, frozen=True):
    """Which nodes will do; with a weight, which are preferred."""

    expressions: tuple[Requirement, ...] = ()
    fields: tuple[Requirement, ...] = ()
    weight: int | None = None


class PodTerm(Struct, frozen=True):
    """Which pods it shall be beside, or away from.

    Parameters
    ----------
    topology
        What beside means: the label that nodes have in common.
    expressions, labels
        Of those pods.
    namespaces, namespace_expressions, namespace_labels
        Where they are; nothing is the task's own namespace.
    weight
        Makes it a preference.
    away
        Whether it is to be away from them.
    """

    topology: str
    expressions: tuple[Requirement, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    namespaces: tuple[str, ...] = ()
    namespace_expressions: tuple[Requirement, ...] = ()
    namespace_labels: Mapping[str, str] = field(default_factory=dict)
    weight: int | None = None
    away: bool = False


class Identity(Struct, frozen=True):
    """Whom the task's program runs as; None leaves it to the image."""

    user: int | None = None
    group: int | None = None
    not_root: bool | None = None


class InitContainer(Discreet, Struct, frozen=True):
    """A container that runs before the task's, or, as a sidecar, beside it.

    Parameters
    ----------
    name, image, command, args, env
        What runs.
    mounts
        The name of each volume that it sees, and where.
    sidecar
        Whether it goes on beside the task.
    requests, limits
        What it asks of its node.
    """

    secret_fields = ("env",)

    name: str
    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    mounts: tuple[tuple[str, str], ...] = ()
    sidecar: bool = False
    requests: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)


class Settings(Struct, frozen=True):
    """All that is said of one executor. What ends in ``_from`` is the value of an input.

    Parameters
    ----------
    variables, files
        Of Secrets and ConfigMaps.
    field_variables
        Each variable with the field of the pod that it holds.
    claims, empty_folders, ephemeral
        Volumes.
    shared_memory
        The size of ``/dev/shm``; None leaves it as it is.
    node_selector, node_selector_from
        Labels that its node has.
    tolerations, tolerations_from
        Taints that it bears.
    node_affinity, node_affinity_from, pod_affinity
        Where it may and would rather run.
    labels, annotations
        Of the pod.
    pull_policy, pull_secrets
        How the image is fetched.
    time_limit
        The seconds that the pod may run; 0 sets none.
    identity
        Whom the program runs as; None where nothing was said.
    init_containers
        In their order.
    unknown
        The places of what is not known here and passed over.
    bindings
        All that is taken from elsewhere, each with its place. Two settings are equal only if these
        are: the same ones read at another place are not.
    """

    variables: tuple[Variables, ...] = ()
    files: tuple[Files, ...] = ()
    field_variables: tuple[tuple[str, str], ...] = ()
    claims: tuple[ClaimMount, ...] = ()
    empty_folders: tuple[EmptyFolder, ...] = ()
    ephemeral: tuple[EphemeralVolume, ...] = ()
    shared_memory: str | None = None
    node_selector: Mapping[str, str] = field(default_factory=dict)
    node_selector_from: ParameterBinding | None = None
    tolerations: tuple[Toleration, ...] = ()
    tolerations_from: tuple[ParameterBinding, ...] = ()
    node_affinity: tuple[NodeTerm, ...] = ()
    node_affinity_from: tuple[ParameterBinding, ...] = ()
    pod_affinity: tuple[PodTerm, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    pull_policy: str = ""
    pull_secrets: tuple[Name, ...] = ()
    time_limit: int = 0
    identity: Identity | None = None
    init_containers: tuple[InitContainer, ...] = ()
    unknown: tuple[str, ...] = ()
    bindings: tuple[tuple[str, ParameterBinding], ...] = ()


class Workspace(Struct, frozen=True):
    """A folder that the tasks of a run share.

    Parameters
    ----------
    size
        Of the volume that it is on a cluster.
    modes
        How that is mounted; empty leaves it to Trackside.
    storage_class
        None takes the cluster's default.
    """

    size: str
    modes: tuple[str, ...] = ()
    storage_class: str | None = None
