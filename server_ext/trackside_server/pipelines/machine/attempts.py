"""How an attempt ended, and whether there is another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.structs import replace

from . import endings
from .events import Canceled, Due, Failed, Succeeded

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.model import Retry

    from .draft import Draft
    from .state import Node


def take(draft: Draft, event: Succeeded | Failed | Canceled | Due) -> None:
    """Take in what is told of an attempt; what is told of another one than the last is stale.

    Parameters
    ----------
    draft
        The run.
    event
        What happened.
    """
    node = draft.find(event.path)
    if node is None or node.kind not in ("container", "importer") or node.attempt != event.attempt:
        return
    if isinstance(event, Due):
        if node.state == "WAITING" and node.due is not None and event.at >= node.due:
            again = replace(node, state="RUNNING", attempt=node.attempt + 1, reason=None, due=None)
            draft.put(again)
    elif node.state not in ("RUNNING", "CANCELING"):
        return
    elif isinstance(event, Succeeded):
        made = replace(node, outputs=event.outputs, cached_from=event.cached_from)
        endings.end(draft, made, "SUCCEEDED" if event.cached_from is None else "CACHED")
    elif isinstance(event, Canceled) or node.state == "CANCELING":
        endings.end(draft, node, "CANCELED", node.reason or event.reason)
    else:
        _fail(draft, node, event)


def wait_before(retry: Retry, failures: int) -> float:
    """Say how many seconds to wait before the next attempt.

    Parameters
    ----------
    retry
        What the author asked for.
    failures
        How many attempts have failed.

    Returns
    -------
    float
        The first wait, times the factor for each failure more, up to the longest.
    """
    try:
        wait = retry.first_wait * retry.factor ** (failures - 1)
    except OverflowError:
        wait = retry.longest_wait
    return max(0.0, min(wait, retry.longest_wait))


def _fail(draft: Draft, node: Node, event: Failed) -> None:
    task = draft.spot(node).task
    retry = None if task is None else task.retry
    failures = node.attempt - node.floor
    if retry is None or event.final or failures > retry.count:
        endings.end(draft, node, "FAILED", event.reason)
        return
    due = draft.now + wait_before(retry, failures)
    draft.put(replace(node, state="WAITING", reason=event.reason, due=due))
