"""What this domain knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.tracking.entities import ViewType

Row = dict[str, Any]
"""One run as it is answered."""

Action = Literal["tag", "untag", "delete", "restore", "purge"]
ACTIONS: tuple[Action, ...] = ("tag", "untag", "delete", "restore", "purge")

COLUMNS: tuple[str, ...] = (
    "run_id",
    "run_name",
    "experiment_id",
    "status",
    "start_time",
    "end_time",
    "user_id",
    "lifecycle_stage",
    "parent_run_id",
)
"""What every row has besides metrics, params and tags."""


class Key(Struct, frozen=True):
    """What runs are grouped by, or whose values are asked for.

    Attributes
    ----------
    entity
        ``metric``, ``param``, ``tag``, ``attribute`` or ``experiment``.
    name
        The name; of an attribute the canonical one, of the experiment nothing.
    """

    entity: str
    name: str = ""


class Group(Struct, frozen=True):
    """One group of runs: those with a value, or those without any."""

    by: Key
    value: str | None


class Question(Struct, frozen=True):
    """Which runs are meant, and in which order.

    Attributes
    ----------
    experiments
        Ids, each once.
    filter, order_by
        In MLflow's grammar.
    view
        Whether deleted runs count.
    roots
        Only runs whose parent is not among those that are meant.
    parent
        Only the runs right below this one.
    group
        Only the runs of one group.
    """

    experiments: tuple[str, ...]
    filter: str = ""
    order_by: tuple[str, ...] = ()
    view: ViewType = "ACTIVE_ONLY"
    roots: bool = False
    parent: str | None = None
    group: Group | None = None


class Shown(Struct, frozen=True):
    """The metrics, params and tags of a row; None for all that it has."""

    metrics: tuple[str, ...] | None = ()
    params: tuple[str, ...] | None = ()
    tags: tuple[str, ...] | None = ()


EVERYTHING = Shown(None, None, None)


class Span(Struct, frozen=True):
    """Which part of a list is wanted."""

    offset: int
    limit: int


class Window(Struct, frozen=True):
    """A part of a table.

    Attributes
    ----------
    total
        How many rows the table has; None when nobody knows.
    offset
        The place of the first row.
    has_more
        Whether there are rows behind the last one.
    rows
        The rows.
    """

    total: int | None
    offset: int
    has_more: bool
    rows: Sequence[Row]


class Groups(Struct, frozen=True):
    """A part of a list of groups.

    Attributes
    ----------
    total
        How many groups there are; None when nobody knows.
    truncated
        Whether they come from a part of the runs only.
    groups
        Each with ``value``, ``count`` and ``metrics``.
    """

    total: int | None
    truncated: bool
    groups: Sequence[Mapping[str, Any]]


class Keys(Struct, frozen=True):
    """The names that runs use."""

    metrics: Sequence[str]
    params: Sequence[str]
    tags: Sequence[str]
    truncated: bool


class Values(Struct, frozen=True):
    """The values of one key, the most frequent first.

    Attributes
    ----------
    values
        Each with ``value`` and ``count``, which is None when nobody counted all.
    truncated
        Whether there may be more.
    """

    values: Sequence[Mapping[str, Any]]
    truncated: bool


class Change(Struct, frozen=True):
    """What is to be done to many runs."""

    action: Action
    run_ids: Sequence[str]
    key: str = ""
    value: str = ""


class Done(Struct):
    """What became of a change.

    Attributes
    ----------
    run_ids
        The runs that are not as they were before.
    failed
        Run ids, each with the sentence that says why.
    """

    run_ids: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
