"""Reads what is asked out of JSON; whatever is wrong is refused with a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from trackside_server.errors import InvalidInput
from trackside_server.tracking.entities import VIEW_TYPES, ViewType
from trackside_server.tracking.search import RUNS

from .entities import ACTIONS, Action, Change, Group, Key, Question, Shown, Span
from .export.picked import Picked

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_EXPERIMENTS: Final = 1000
MOST_COLUMNS: Final = 500
MOST_ROWS: Final = 500
MOST_RUNS: Final = 10_000
MOST_PICKED: Final = 100_000
_FURTHEST: Final = 2**53
_GROUPED: Final = ("status", "user_id", "run_name")
_EXPERIMENT: Final = "experiment"


def question(body: Mapping[str, Any]) -> Question:
    """Read which runs are meant."""
    parent = body.get("parent")
    if parent is not None and (not isinstance(parent, str) or not parent):
        raise InvalidInput("parent has to be the id of a run, or null for runs at the top.")
    view = body.get("view") or "ACTIVE_ONLY"
    if view not in VIEW_TYPES:
        raise InvalidInput(f"view has to be one of {', '.join(VIEW_TYPES)}.")
    return Question(
        experiments=experiments(body),
        filter=text(body, "filter"),
        order_by=texts(body, "order_by") or (),
        view=cast("ViewType", view),
        roots="parent" in body and parent is None,
        parent=parent,
        group=_group(body.get("group")),
    )


def experiments(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the ids of experiments."""
    found = texts(body, "experiment_ids", most=MOST_EXPERIMENTS)
    if not found:
        raise InvalidInput("experiment_ids has to name an experiment at least.")
    return tuple(dict.fromkeys(found))


def shown(body: Mapping[str, Any], *, everything: bool = False) -> Shown:
    """Read which columns are wanted; what is absent means all or none."""
    absent = None if everything else ()
    found = [texts(body, name) for name in ("metrics", "params", "tags")]
    return Shown(*(absent if columns is None else columns for columns in found))


def picked(body: Mapping[str, Any]) -> Picked:
    """Read which of the runs are wanted, where somebody picked some."""
    only = texts(body, "run_ids", most=MOST_PICKED)
    without = texts(body, "without", most=MOST_PICKED)
    return Picked(None if only is None else frozenset(only), frozenset(without or ()))


def span(body: Mapping[str, Any], *, limit: int = 100, most: int = MOST_ROWS) -> Span:
    """Read which part is wanted."""
    return Span(
        _integer(body, "offset", 0, low=0, high=_FURTHEST),
        _integer(body, "limit", limit, low=1, high=most),
    )


def key(written: object, what: str) -> Key:
    """Read a key like ``params.lr``."""
    if not isinstance(written, str) or not written:
        raise InvalidInput(f"{what} has to be a key such as params.lr.")
    if written in (_EXPERIMENT, "experiments", "attributes.experiment_id"):
        return Key(_EXPERIMENT)
    word, dot, name = written.partition(".")
    entity = RUNS.entities.get(word) if dot else None
    if entity in ("metric", "param", "tag") and name:
        return Key(entity, name)
    if entity == "attribute" and name in _GROUPED:
        return Key(entity, name)
    raise InvalidInput(
        f"{what} cannot be {written[:80]!r}: it is params.<name>, tags.<name>, "
        f"{', '.join(f'attributes.{known}' for known in _GROUPED)} or experiment."
    )


def grouping(written: object, what: str = "by") -> Key:
    """Read what runs are grouped by."""
    found = key(written, what)
    if found.entity == "metric":
        raise InvalidInput("Runs cannot be grouped by a metric: hardly two have the same value.")
    return found


def change(body: Mapping[str, Any]) -> Change:
    """Read what is to be done to many runs."""
    action = body.get("action")
    if action not in ACTIONS:
        raise InvalidInput(f"action has to be one of {', '.join(ACTIONS)}.")
    run_ids = texts(body, "run_ids", most=MOST_RUNS)
    if not run_ids:
        raise InvalidInput("run_ids has to name a run at least.")
    name = text(body, "key")
    if action in ("tag", "untag") and not name:
        raise InvalidInput("key has to be the name of the tag.")
    return Change(cast("Action", action), tuple(dict.fromkeys(run_ids)), name, text(body, "value"))


def text(body: Mapping[str, Any], name: str) -> str:
    """Read a text; what is absent or null is empty."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} has to be text.")
    return value


def texts(
    body: Mapping[str, Any], name: str, *, most: int = MOST_COLUMNS
) -> tuple[str, ...] | None:
    """Read a list of texts; None when it is absent."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInput(f"{name} has to be a list of texts.")
    if len(value) > most:
        raise InvalidInput(f"{name} holds at most {most:,} texts.")
    return tuple(value)


def integer(body: Mapping[str, Any], name: str, default: int, *, high: int) -> int:
    """Read how much is wanted."""
    return _integer(body, name, default, low=1, high=high)


def _integer(body: Mapping[str, Any], name: str, default: int, *, low: int, high: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InvalidInput(f"{name} has to be a whole number from {low} to {high}.")
    return value


def _group(written: object) -> Group | None:
    if written is None:
        return None
    if not isinstance(written, dict):
        raise InvalidInput("group has to be an object with by and value.")
    value = written.get("value")
    if value is not None and not isinstance(value, str):
        raise InvalidInput("The value of group has to be text or null.")
    return Group(grouping(written.get("by"), "The by of group"), value)
