"""Completions for the lines of the magics: options, and names that the server knows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from trackside._arguments import MAGIC, MAGICS
from trackside._client import get_client
from trackside._pipeline_options import ACTIONS
from trackside._pipelines.places import PLACES, TASKS
from trackside._schedule_options import ACTIONS as ON_SCHEDULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trackside._option import Command, Option

_FRESH = 5.0
_TIMEOUT = 2.0
_asked: dict[str, tuple[float, list[str]]] = {}


def matcher() -> Any:
    """Return what IPython asks for completions; Python names are out of place beside ours."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher()  # type: ignore[untyped-decorator]
    def trackside_matcher(context: Any) -> dict[str, Any]:
        typed = context.text_until_cursor.lstrip()
        token = context.token
        found = [text for text in complete(typed, token) or () if text.startswith(token)]
        completions = [SimpleCompletion(text, type="magic") for text in found]
        return {"completions": completions, "suppress": bool(found)}

    return trackside_matcher


def complete(line: str, token: str) -> list[str] | None:
    """Return what may stand at the end of the line of a magic.

    Parameters
    ----------
    line
        The line up to the cursor.
    token
        What the completion will replace.
    """
    name, *typed = line.split() or [""]
    command = next((c for c in MAGICS if name == ("%%" if c.cell else "%") + c.name), None)
    if command is None or line.endswith(name):
        return None
    before = typed if line[-1:].isspace() else typed[:-1]
    options = command.at(MAGIC)
    pending = next((o for o in options if before and before[-1] in o.names and o.metavar), None)
    if pending is not None:
        return _values(command, pending)
    if token.startswith("-"):
        return _flags(command, before)
    positional = next((o for o in options if o.positional), None)
    return _values(command, positional) if positional is not None else _flags(command, before)


def _flags(command: Command, before: Iterable[str]) -> list[str]:
    used = set(before)
    return [
        option.names[0]
        for option in command.at(MAGIC)
        if not option.positional
        and (option.shape in ("many", "pairs") or used.isdisjoint(option.names))
    ]


def _values(command: Command, option: Option) -> list[str] | None:
    own = f"{command.name} {option.keyword}"
    key = own if own in _SOURCES else option.keyword
    find = _SOURCES.get(key)
    return _remembered(key, find) if find else None


def _remembered(key: str, find: Callable[[], list[str]]) -> list[str]:
    """Ask the server at most once in a few seconds: one key press makes several requests."""
    asked, found = _asked.get(key, (0.0, []))
    if time.monotonic() - asked > _FRESH or not asked:
        try:
            found = find()
        except Exception:  # noqa: BLE001  (a completion that fails must not be seen)
            found = []
        _asked[key] = (time.monotonic(), found)
    return found


def _jobs() -> list[str]:
    answer = get_client().api("GET", "jobs", query={"limit": 50}, timeout=_TIMEOUT)
    return [str(job["name"]) for job in answer["jobs"]]


def _experiments() -> list[str]:
    body = {"max_results": 100}
    answer = get_client().mlflow(
        "POST", "experiments/search", body, repeatable=True, timeout=_TIMEOUT
    )
    return [str(item["name"]) for item in answer.get("experiments", ())]


def _models() -> list[str]:
    query = {"max_results": 100}
    answer = get_client().mlflow("GET", "registered-models/search", query=query, timeout=_TIMEOUT)
    return [str(item["name"]) for item in answer.get("registered_models", ())]


def _runners() -> list[str]:
    info = get_client().api("GET", "info", timeout=_TIMEOUT)
    return [str(runner["name"]) for runner in info["runners"]]


def _of_cluster(part: str, name: str) -> Callable[[], list[str]]:
    """Return what lists the names in one part of what the server says of the cluster."""

    def find() -> list[str]:
        answer = get_client().api("GET", "cluster", timeout=_TIMEOUT)
        return [str(item[name]) for item in answer[part]]

    return find


def _states() -> list[str]:
    return ["queued", "starting", "running", "succeeded", "failed", "canceled"]


def _actions() -> list[str]:
    return list(ACTIONS)


def _schedules() -> list[str]:
    answer = get_client().api("GET", "recurring", query={"page_size": 50}, timeout=_TIMEOUT)
    return [str(one["display_name"]) for one in answer["recurring"]]


def _actions_on_schedules() -> list[str]:
    return list(ON_SCHEDULES)


def _places() -> list[str]:
    return [*PLACES, *TASKS]


_SOURCES: dict[str, Callable[[], list[str]]] = {
    "action": _actions,
    "schedules action": _actions_on_schedules,
    "names": _schedules,
    "job": _jobs,
    "jobs": _jobs,
    "runs": _jobs,
    "base": _jobs,
    "experiment": _experiments,
    "model": _models,
    "on": _runners,
    "pipeline on": _places,
    "gpus": _of_cluster("gpus", "type"),
    "queue": _of_cluster("queues", "name"),
    "runtime": _of_cluster("runtimes", "name"),
    "state": _states,
}
