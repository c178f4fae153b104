"""From what is seen of an attempt to what the scheduler and the views are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.jobs.ledger import now_ms
from trackside_server.jobs.runners.base import AttemptStatus
from trackside_server.structs import replace

if TYPE_CHECKING:
    from trackside_server.jobs.verdict import Verdict

    from .situation import Rank, Situation
    from .tracked import Tracked

_UNREAD: Final = "Its pod was removed before a server read what it printed, so there is no log."


def status_of(tracked: Tracked, situation: Situation) -> AttemptStatus:
    """Return how an attempt is.

    Parameters
    ----------
    tracked
        The attempt.
    situation
        What the cluster says of it.
    """
    return AttemptStatus(
        phase=situation.phase,
        started_at=situation.started_at,
        ended_at=situation.ended_at,
        exit_code=situation.exit_code,
        signal=situation.signal,
        reason=situation.reason,
        verdict=_verdict(tracked, situation),
        cluster=facts_of(tracked, situation),
    )


def _verdict(tracked: Tracked, situation: Situation) -> Verdict | None:
    """Return how it ended, and that nobody will know what it printed, where that is so."""
    verdict = situation.verdict
    if verdict is None or "recurring" not in tracked.facts or tracked.pods:
        return verdict
    return replace(verdict, message=f"{verdict.message} {_UNREAD}")


def facts_of(tracked: Tracked, situation: Situation) -> dict[str, Any]:
    """Return what views show of where an attempt is."""
    told = tracked.told
    seen = tracked.object
    return {
        **tracked.facts,
        "uid": seen.uid if seen is not None else tracked.facts.get("uid"),
        "lane": (told.lane if told is not None else None) or tracked.facts["lane"],
        "lost": list(told.lost) if told is not None else [],
        "ranks": [_rank(rank) for rank in situation.ranks],
    }


def usage_of(tracked: Tracked) -> dict[str, Any]:
    """Return what an attempt, and those before it, held so far; and the account of that."""
    usage = tracked.account.usage(now_ms(), nodes=tracked.facts["nodes"])
    return {
        "gpu_seconds": round(usage.gpu_seconds, 1),
        "idle_gpu_seconds": round(usage.idle_gpu_seconds, 1),
        "run_seconds": round(usage.run_seconds, 1),
        "idle_seconds": round(usage.idle_seconds, 1),
        "account": tracked.account.to_json(),
    }


def _rank(rank: Rank) -> dict[str, Any]:
    return {
        "rank": rank.rank,
        "pod": rank.pod,
        "node": rank.node,
        "state": rank.state,
        "restarts": rank.restarts,
        "started_at": rank.started_at,
        "ended_at": rank.ended_at,
        "exit_code": rank.exit_code,
        "reason": rank.reason.message if rank.reason is not None else None,
    }
