"""Which rights the cluster grants: one question for all, and one for each that it left open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .memo import Memo
from .rights import PURPOSES, Purpose, Right, role_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .api import Api
    from .discovery import Served

__all__ = ["PURPOSES", "Permissions", "Purpose", "Right", "check", "role_lines"]

_REVIEWS = "/apis/authorization.k8s.io/v1"
_SECONDS = 60


class Permissions:
    """Remembers for a minute what may be done.

    Parameters
    ----------
    api
        The way to the cluster.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._memo: Memo[frozenset[Right]] = Memo(_SECONDS)

    def forget(self) -> None:
        """Ask anew the next time."""
        self._memo.forget()

    async def lacking(self, purpose: Purpose) -> tuple[Right, ...]:
        """Return what a purpose needs and may not."""
        wide = purpose.cluster_wide
        granted = await self._memo.get(wide, lambda: self._granted(wide=wide))
        return tuple(right for right in purpose.rights if right not in granted)

    async def missing(self, served: Served) -> list[tuple[Purpose, tuple[Right, ...]]]:
        """Return the purposes that exist on this cluster and lack rights, with these rights."""
        found = []
        for purpose in PURPOSES:
            if not purpose.group or served.has(purpose.group):
                lacking = await self.lacking(purpose)
                if lacking:
                    found.append((purpose, lacking))
        return found

    async def _granted(self, *, wide: bool) -> frozenset[Right]:
        rights = {
            right
            for purpose in PURPOSES
            if purpose.cluster_wide == wide
            for right in purpose.rights
        }
        answers = await check(self._api, None if wide else self._api.namespace, rights)
        return frozenset(right for right, granted in answers.items() if granted)


async def check(api: Api, namespace: str | None, rights: Iterable[Right]) -> dict[Right, bool]:
    """Ask which rights there are.

    Parameters
    ----------
    api
        The way to the cluster.
    namespace
        Where; None asks for all namespaces and for what lies in none.
    rights
        Which.

    Returns
    -------
    dict
        Whether each is granted.
    """
    review = await api.post(
        f"{_REVIEWS}/selfsubjectrulesreviews",
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": namespace or api.namespace},
        },
    )
    status = review.get("status") or {}
    rules = status.get("resourceRules") or []
    answers = {right: any(_covers(rule, right) for rule in rules) for right in rights}
    if namespace is None:
        # The rules hold what is granted in the namespace only, too: what they lack is not granted,
        # what they have may end at the namespace.
        doubtful = [right for right in answers if answers[right] or status.get("incomplete")]
    else:
        doubtful = [right for right in answers if not answers[right] and status.get("incomplete")]
    decided = await asyncio.gather(*(_allowed(api, namespace, right) for right in doubtful))
    return {**answers, **dict(zip(doubtful, decided, strict=True))}


async def _allowed(api: Api, namespace: str | None, right: Right) -> bool:
    attributes = {
        "verb": right.verb,
        "group": right.group,
        "resource": right.resource,
        "subresource": right.subresource,
        "namespace": namespace or "",
    }
    review = await api.post(
        f"{_REVIEWS}/selfsubjectaccessreviews",
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        },
    )
    return bool((review.get("status") or {}).get("allowed"))


def _covers(rule: Mapping[str, Any], right: Right) -> bool:
    """Whether a rule grants a right for objects of every name."""
    resources = rule.get("resources") or ()
    whole = right.path in resources or "*" in resources
    named = f"*/{right.subresource}" in resources if right.subresource else False
    return (
        not rule.get("resourceNames")
        and _has(rule.get("verbs"), right.verb)
        and _has(rule.get("apiGroups"), right.group)
        and (whole or named)
    )


def _has(allowed: list[str] | None, wanted: str) -> bool:
    return wanted in (allowed or ()) or "*" in (allowed or ())
