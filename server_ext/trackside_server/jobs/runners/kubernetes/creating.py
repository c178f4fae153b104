"""A job whose pods do not exist yet, and why they cannot be made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trackside_server.cluster.nodes import is_accelerator
from trackside_server.jobs.entities import Reason

from .containers import stage_of
from .objects import condition
from .phrases import MAKING, Stage, amounts, because, line, lower_first, trouble
from .pod_endings import failed, fetching, judge_pod
from .ranks import initializers

if TYPE_CHECKING:
    from .situation import Phase, Seen

_QUOTA = re.compile(r"exceeded quota: (\S+?), requested: (\S+?), used: (\S+?), limited: (\S+)")
_ACCOUNT = re.compile(r'serviceaccount "?(?:[^/\s"]+/)?([^"\s]+?)"? not found')
_HOOK = re.compile(r'admission webhook "([^"]+)" denied the request: ?(.*)', re.DOTALL)
_DENIED = re.compile(r'pods "[^"]*" is forbidden: (.*)', re.DOTALL)
_SECURITY = re.compile(r'violates PodSecurity "([^":]+)[^"]*": (.*)', re.DOTALL)


def without_pods(seen: Seen, now: int) -> tuple[Phase, Stage]:
    """Say why a job that is not held back has no pods that train.

    Parameters
    ----------
    seen
        All that is seen of it.
    now
        Milliseconds.
    """
    before = initializers(seen.pods)
    for pod in before:
        what = fetching(pod)
        if failed(pod):
            verdict = judge_pod(pod, seen.asked)
            return "starting", trouble(verdict.code, verdict.message)
        if pod.main.runs:
            return "starting", Stage(MAKING, Reason("PREPARING", f"Fetching the {what}."))
        if not pod.over:
            return "starting", stage_of(seen, pod, now)
    refused = [event for event in seen.events if event.reason == "FailedCreate"]
    last = max(refused, key=lambda event: event.last_at or 0, default=None)
    if last is not None:
        return _uncreated(last.message)
    return "starting", _being_created(seen)


def _being_created(seen: Seen) -> Stage:
    told = seen.job_set.conditions if seen.job_set is not None else ()
    again, ordered = condition(told, "RestartingJobSet"), condition(told, "StartupPolicyInProgress")
    if again is not None and again.holds:
        return trouble("RESTARTING", "One of its pods failed; the cluster makes all of them anew.")
    how = ", one kind after the other" if ordered is not None and ordered.holds else ""
    return Stage(MAKING, Reason("CREATING", f"The cluster is creating its pods{how}."))


def _uncreated(message: str) -> tuple[Phase, Stage]:
    quota = _QUOTA.search(message)
    if quota is not None:
        # A quota of the namespace is given back by itself, as a place in a queue is.
        return "waiting", _over_quota(*quota.groups())
    account = _ACCOUNT.search(message)
    if account is not None:
        said = f"Service account {account[1]} does not exist. Create it and the job goes on."
        return "starting", trouble("SERVICE_ACCOUNT_MISSING", said, stuck=True)
    policy = _HOOK.search(message)
    if policy is not None:
        cause = lower_first(line(policy[2])) or "it does not say why"
        said = f"The cluster's policy {policy[1]} refuses its pods: {cause}."
        return "starting", trouble("FORBIDDEN_BY_POLICY", said, stuck=True)
    if "failed calling webhook" in message:
        said = "A webhook of the cluster does not answer, so no pod can be made. It is tried again."
        return "starting", trouble("WEBHOOK_UNREACHABLE", said)
    security = _SECURITY.search(message)
    if security is not None:
        said = f"The namespace's level {security[1]} refuses its pods: {line(security[2])}."
        return "starting", trouble("FORBIDDEN_BY_POLICY", said, stuck=True)
    denied = _DENIED.search(message)
    if denied is not None:
        said = f"The cluster refuses its pods{because(denied[1])}."
        return "starting", trouble("FORBIDDEN", said, stuck=True)
    cause = because(message.removeprefix("Error creating: "))
    return "starting", trouble("PODS_NOT_CREATED", f"The cluster cannot create its pods{cause}.")


def _over_quota(name: str, requested: str, used: str, limited: str) -> Stage:
    asked, taken, most = (_per_resource(text) for text in (requested, used, limited))
    parts = [
        f"{taken.get(resource, '?')} of {most.get(resource, '?')} {_noun(resource)} are taken, "
        f"and the job needs {amount} more"
        for resource, amount in asked.items()
    ]
    said = f"Waiting for quota {name} of the namespace: {'; '.join(parts)}."
    return trouble("QUOTA_EXCEEDED", said)


def _per_resource(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(","))
    return {name: amounts(amount) for name, _, amount in pairs}


def _noun(resource: str) -> str:
    name = resource.removeprefix("requests.").removeprefix("limits.")
    return "GPUs" if is_accelerator(name) else {"cpu": "CPUs"}.get(name, name)
