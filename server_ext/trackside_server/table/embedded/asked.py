"""A question that the store understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from trackside_server.table.asking import check
from trackside_server.tracking.search import And, Comparison, Field
from trackside_server.tracking.storage.searching import Scope
from trackside_server.tracking.validation import experiment_id

if TYPE_CHECKING:
    from trackside_server.table.entities import Group, Question
    from trackside_server.tracking.entities import ViewType
    from trackside_server.tracking.search import Node, Order


class Asked(Struct, frozen=True):
    """Which runs are meant, and in which order: the key under which the answer is remembered.

    Attributes
    ----------
    experiments
        Numbers of experiments.
    view
        Whether deleted runs count.
    tree
        The filter.
    orders
        The order, before the newest come first.
    """

    experiments: tuple[int, ...]
    view: ViewType
    tree: Node
    orders: tuple[Order, ...]

    @property
    def scope(self) -> Scope:
        """Where to look."""
        return Scope(self.experiments, self.view)


def understand(question: Question) -> Asked:
    """Read the filter and the order of a question.

    Raises
    ------
    InvalidSearch
        One of them cannot be understood; it says which, and where.
    """
    tree, orders = check(question)
    numbers = [experiment_id(value) for value in question.experiments]
    group = question.group
    if group is not None and group.by.entity == "experiment":
        numbers = [number for number in numbers if str(number) == group.value]
    elif group is not None:
        tree = And((tree, _member(group)))
    return Asked(tuple(numbers), question.view, tree, orders)


def _member(group: Group) -> Comparison:
    field = Field(group.by.entity, group.by.name)
    if group.value is None:
        return Comparison(field, "IS NULL", None)
    return Comparison(field, "=", group.value)
