"""The rights that Trackside uses, by what they are for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec import Struct

from .discovery import DRA, KUBEFLOW, KUEUE, TRAINER, VISIBILITY

if TYPE_CHECKING:
    from collections.abc import Iterable


class Right(Struct, frozen=True, order=True):
    """To do one thing with one kind of objects.

    Parameters
    ----------
    verb
        What: ``create``.
    group, resource, subresource
        With what: ``batch``, ``jobs``; the group is empty for Kubernetes' first objects.
    """

    verb: str
    group: str
    resource: str
    subresource: str = ""

    @property
    def path(self) -> str:
        """The resource as the rule of a Role names it: ``pods/log``."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


class Purpose(Struct, frozen=True):
    """What some rights are for.

    Parameters
    ----------
    name
        Stable, for programs.
    subject
        What it shows or does, in a few words.
    without
        A sentence about what is missing without them.
    rights
        All that it takes.
    cluster_wide
        Whether they are needed beyond the namespace, and thus in a ClusterRole.
    group
        The group of the API without which the purpose does not exist; empty for Kubernetes' own.
    """

    name: str
    subject: str
    without: str
    rights: tuple[Right, ...]
    cluster_wide: bool = False
    group: str = ""


def _rights(group: str, paths: str, verbs: str) -> tuple[Right, ...]:
    parts = [path.partition("/") for path in paths.split()]
    return tuple(Right(verb, group, part[0], part[2]) for part in parts for verb in verbs.split())


PURPOSES = (
    Purpose(
        "jobs",
        "Jobs",
        "Jobs cannot be run in this namespace: Trackside may not create, follow and end them.",
        _rights("batch", "jobs", "create delete get list patch watch"),
    ),
    Purpose(
        "pods",
        "This server's pod",
        "What the pods of a job do and print cannot be seen.",
        (*_rights("", "pods", "get list watch"), *_rights("", "pods/log", "get")),
    ),
    Purpose(
        "tasks",
        "Tasks of pipelines",
        "A task of a pipeline has one minute to send its outputs, and as long to end when it is "
        "canceled: Trackside may not delete its pods.",
        _rights("", "pods", "delete"),
    ),
    Purpose(
        "cronjobs",
        "CronJobs",
        "Recurring notebooks and scripts cannot be handed over to the cluster: Trackside may not "
        "write CronJobs.",
        _rights("batch", "cronjobs", "create delete get list patch"),
    ),
    Purpose(
        "events",
        "Events",
        "Why a pod waits or was ended is told less exactly: the events cannot be read.",
        _rights("", "events", "list watch"),
    ),
    Purpose(
        "code",
        "ConfigMaps",
        "Code cannot be handed to a job: Trackside may not write ConfigMaps.",
        _rights("", "configmaps", "create delete patch"),
    ),
    Purpose(
        "secrets",
        "Secrets",
        "A job gets no token and no secrets: Trackside may not write Secrets.",
        _rights("", "secrets", "create delete patch"),
    ),
    Purpose(
        "services",
        "Services",
        "The nodes of one job cannot find each other: Trackside may not write Services.",
        _rights("", "services", "create delete patch"),
    ),
    Purpose(
        "quota",
        "The namespace's quota",
        "Whether a job fits the namespace's quota is not known before it is sent.",
        _rights("", "limitranges resourcequotas", "list"),
    ),
    Purpose(
        "volumes",
        "Volumes",
        "Whether a job's volumes are there is not known before it is sent.",
        _rights("", "persistentvolumeclaims", "get list"),
    ),
    Purpose(
        "storage",
        "Volumes of pipelines",
        "Pipelines can make and delete no volumes: Trackside may not write PersistentVolumeClaims.",
        _rights("", "persistentvolumeclaims", "create delete get"),
    ),
    Purpose(
        "claims",
        "Claims of devices",
        "GPUs that are allocated dynamically (DRA) cannot be asked for.",
        _rights(DRA, "resourceclaimtemplates", "create delete patch"),
        group=DRA,
    ),
    Purpose(
        "trainjobs",
        "TrainJobs",
        "Kubeflow Trainer cannot be used: Trackside may not create, follow and end TrainJobs.",
        _rights(TRAINER, "trainjobs", "create delete get list patch watch"),
        group=TRAINER,
    ),
    Purpose(
        "runtimes",
        "The namespace's training runtimes",
        "The training runtimes of the namespace are not shown.",
        _rights(TRAINER, "trainingruntimes", "get list"),
        group=TRAINER,
    ),
    Purpose(
        "defaults",
        "PodDefaults",
        "What Kubeflow's PodDefaults give to this notebook does not follow its jobs: Trackside may "
        "not list PodDefaults.",
        _rights(KUBEFLOW, "poddefaults", "list"),
        group=KUBEFLOW,
    ),
    Purpose(
        "queues",
        "The queues",
        "The queues of Kueue, and why a job waits in one, are not shown.",
        _rights(KUEUE, "localqueues workloads", "get list watch"),
        group=KUEUE,
    ),
    Purpose(
        "place",
        "The place in line",
        "The place of a job in its queue is not shown.",
        _rights(VISIBILITY, "localqueues/pendingworkloads", "get"),
        group=VISIBILITY,
    ),
    Purpose(
        "nodes",
        "The GPUs of the cluster",
        "The GPUs of the cluster are not shown: Trackside may not list its nodes.",
        _rights("", "nodes", "list"),
        cluster_wide=True,
    ),
    Purpose(
        "everywhere",
        "Free GPUs",
        "How many GPUs are free is not known: Trackside may not list the pods of all namespaces.",
        _rights("", "pods", "list"),
        cluster_wide=True,
    ),
    Purpose(
        "devices",
        "Dynamically allocated GPUs",
        "GPUs that are allocated dynamically (DRA) are not shown.",
        _rights(DRA, "deviceclasses resourceclaims resourceslices", "list"),
        cluster_wide=True,
        group=DRA,
    ),
    Purpose(
        "shared-runtimes",
        "The cluster's training runtimes",
        "The training runtimes that are there for every namespace are not shown.",
        _rights(TRAINER, "clustertrainingruntimes", "get list"),
        cluster_wide=True,
        group=TRAINER,
    ),
)


def purpose(name: str) -> Purpose:
    """Return a purpose by its name."""
    return next(one for one in PURPOSES if one.name == name)


def role_lines(rights: Iterable[Right]) -> str:
    """Return the rules of a Role that give these rights, as YAML.

    Parameters
    ----------
    rights
        In any order.

    Returns
    -------
    str
        The items of ``rules``, to be put into a Role or ClusterRole as they are.
    """
    verbs: dict[tuple[str, str], set[str]] = {}
    for right in rights:
        verbs.setdefault((right.group, right.path), set()).add(right.verb)
    rules: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (group, path), found in sorted(verbs.items()):
        rules.setdefault((group, tuple(sorted(found))), []).append(path)
    return "".join(
        f"- apiGroups: {json.dumps([group])}\n"
        f"  resources: {json.dumps(paths)}\n"
        f"  verbs: {json.dumps(found)}\n"
        for (group, found), paths in rules.items()
    )
