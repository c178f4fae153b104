"""What the API server's refusal of a job means, in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trackside_server.jobs.entities import Reason
from trackside_server.jobs.verdict import Verdict

if TYPE_CHECKING:
    from trackside_server.cluster.errors import ApiError
    from trackside_server.jobs.entities import Job

_FORBIDDEN = 403
_MAY_NOT = re.compile(
    r'cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)" in API group "(?P<group>[^"]*)"'
)
_WEBHOOK = re.compile(
    r'admission webhook "(?P<name>[^"]+)" denied the request: (?P<why>.*)', re.DOTALL
)
# Trainer's words, and Kueue's, whichever of them is asked first.
_RUNTIME = re.compile(
    r"""["'](?P<name>[^"']+)["'] not found(?:: specified \w+ must be created before|\.?$)"""
)
_QUOTA = re.compile(r"exceeded quota: (?P<quota>[^,]+), requested: (?P<asked>[^,]+).*")


def lacks_right(error: ApiError) -> bool:
    """Tell whether it is refused because of who asks."""
    return error.status == _FORBIDDEN and _MAY_NOT.search(error.message) is not None


def refusal(error: ApiError, job: Job) -> Verdict:
    """Say why a job was refused when it was to be made.

    Parameters
    ----------
    error
        The answer.
    job
        The job.
    """
    message = error.message.strip().rstrip(".")
    if found := _QUOTA.search(message):
        return Verdict(
            "failed",
            "QUOTA_EXCEEDED",
            f"The namespace's quota {found['quota']} does not allow it: the job asks for "
            f"{found['asked']}. Ask for less, or wait until others have ended.",
            retry=True,
        )
    if "untime" in message and (found := _RUNTIME.search(message)):
        return Verdict(
            "failed",
            "RUNTIME_NOT_SUPPORTED",
            f"There is no training runtime {found['name']!r} in this namespace or for all of them.",
        )
    if found := _WEBHOOK.search(message):
        return Verdict(
            "failed",
            "REFUSED",
            f"A rule of the cluster ({found['name']}) refuses the job: {found['why'].strip()}.",
        )
    if error.status == _FORBIDDEN:
        if found := _MAY_NOT.search(message):
            group = f" of {found['group']}" if found["group"] else ""
            return Verdict(
                "failed",
                "FORBIDDEN",
                f"You may not {found['verb']} {found['resource']}{group} in this namespace. The "
                "panel's Cluster section shows the Role to ask for.",
            )
        return Verdict("failed", "FORBIDDEN", f"The cluster forbids it: {message}.")
    return Verdict(
        "failed", "LAUNCH_FAILED", f"The cluster refuses {job.name}: {message or error.status}."
    )


def refusal_to_delete(error: ApiError) -> Reason:
    """Say why a job that somebody wants to stop goes on.

    Parameters
    ----------
    error
        The answer.
    """
    message = error.message.strip().rstrip(".")
    if error.status != _FORBIDDEN:
        told = message or error.status
        return Reason("NOT_STOPPED", f"The cluster does not let the job be stopped: {told}.")
    found = _MAY_NOT.search(message)
    if found is None:
        return Reason("FORBIDDEN", f"The cluster forbids to stop the job: {message or 'no'}.")
    what = ".".join(part for part in (found["resource"], found["group"]) if part)
    return Reason(
        "FORBIDDEN",
        f"You may not {found['verb']} {what} in this namespace, so the job cannot be stopped: the "
        "panel's Cluster section shows the Role to ask for.",
    )
