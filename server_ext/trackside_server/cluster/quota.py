"""The limits of the namespace, and which of them a new job would exceed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from .amounts import amount, bare, in_use, label
from .nodes import is_accelerator
from .quantities import Number, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .api import Api


class Limit(Struct, frozen=True):
    """One resource of a quota.

    Parameters
    ----------
    quota, resource
        Which.
    used, hard
        How much is in use and how much may be; bytes for memory and storage.
    scoped
        Whether the quota counts only pods of some sort.
    """

    quota: str
    resource: str
    used: Number
    hard: Number
    scoped: bool = False

    @property
    def label(self) -> str:
        """How people call the resource."""
        return label(self.resource)


class Bound(Struct, frozen=True):
    """What a LimitRange allows for one container or pod.

    Parameters
    ----------
    name
        Of the LimitRange.
    kind
        ``Container`` or ``Pod``.
    low, high
        The least and the most, by resource.
    default
        The limits that a container gets that states none.
    """

    name: str
    kind: str
    low: Mapping[str, Number]
    high: Mapping[str, Number]
    default: Mapping[str, Number]


async def read_limits(api: Api) -> list[Limit]:
    """Ask for the quotas of the namespace."""
    items = api.items(f"/api/v1/namespaces/{api.namespace}/resourcequotas")
    return [limit async for item in items for limit in quota_limits(item)]


async def read_bounds(api: Api) -> list[Bound]:
    """Ask for the limit ranges of the namespace."""
    items = api.items(f"/api/v1/namespaces/{api.namespace}/limitranges")
    return [bound async for item in items for bound in range_bounds(item)]


def quota_limits(quota: Mapping[str, Any]) -> list[Limit]:
    """Read a ResourceQuota."""
    spec, status = quota.get("spec") or {}, quota.get("status") or {}
    used = status.get("used") or {}
    return [
        Limit(
            quota["metadata"]["name"],
            resource,
            parse_quantity(used.get(resource, "0")),
            parse_quantity(hard),
            scoped=bool(spec.get("scopes") or spec.get("scopeSelector")),
        )
        for resource, hard in sorted((status.get("hard") or spec.get("hard") or {}).items())
    ]


def range_bounds(limit_range: Mapping[str, Any]) -> list[Bound]:
    """Read a LimitRange."""

    def numbers(item: Mapping[str, Any], name: str) -> dict[str, Number]:
        return {key: parse_quantity(text) for key, text in (item.get(name) or {}).items()}

    return [
        Bound(
            limit_range["metadata"]["name"],
            item["type"],
            numbers(item, "min"),
            numbers(item, "max"),
            numbers(item, "default"),
        )
        for item in (limit_range.get("spec") or {}).get("limits") or ()
    ]


def asked(
    requests: Mapping[str, Number], limits: Mapping[str, Number], pods: int
) -> dict[str, Number]:
    """Return what a job counts for in a quota, by the quota's names of resources.

    Parameters
    ----------
    requests, limits
        Of one container.
    pods
        How many pods with one such container.
    """
    counted: dict[str, Number] = {"pods": pods, "count/pods": pods, "count/jobs.batch": 1}
    for resource, number in requests.items():
        counted[f"requests.{resource}"] = number * pods
        if not is_accelerator(resource):
            counted[resource] = number * pods
    for resource, number in limits.items():
        counted[f"limits.{resource}"] = number * pods
    return counted


def exceeded(limits: Iterable[Limit], wanted: Mapping[str, Number]) -> list[str]:
    """Say which quotas a new job would exceed.

    Parameters
    ----------
    limits
        The namespace's. Those that count only pods of some sort are left to the API server.
    wanted
        What the job counts for, see `asked`.

    Returns
    -------
    list of str
        A sentence for each.
    """
    sentences = []
    for limit in limits:
        number = wanted.get(limit.resource, 0)
        if not limit.scoped and number > 0 and limit.used + number > limit.hard:
            sentences.append(
                f"The namespace's quota {limit.quota} allows {amount(limit.resource, limit.hard)}"
                f" and {in_use(limit.resource, limit.used)};"
                f" the job asks for {bare(limit.resource, number)}."
            )
    return sentences


def out_of_bounds(bounds: Iterable[Bound], limits: Mapping[str, Number]) -> list[str]:
    """Say which limit ranges a container with these limits would not keep."""
    sentences = []
    for bound in bounds:
        if bound.kind not in ("Container", "Pod"):
            continue
        for resource, number in limits.items():
            most, least = bound.high.get(resource), bound.low.get(resource)
            for word, edge, broken in (
                ("most", most, most is not None and number > most),
                ("least", least, least is not None and number < least),
            ):
                if broken and edge is not None:
                    sentences.append(
                        f"The namespace's limit range {bound.name} allows at {word} "
                        f"{amount(resource, edge)} in one {bound.kind.lower()}; "
                        f"the job asks for {bare(resource, number)}."
                    )
    return sentences
