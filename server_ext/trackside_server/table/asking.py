"""Reads filters and orders, and says of one that cannot be understood where that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.tracking.search import RUNS, InvalidSearch, parse_filter, parse_order
from trackside_server.tracking.search.parser import check_orders

if TYPE_CHECKING:
    from trackside_server.tracking.search import Node, Order

    from .entities import Question


def check(question: Question) -> tuple[Node, tuple[Order, ...]]:
    """Read the filter and the order of a question.

    Raises
    ------
    InvalidSearch
        One of them cannot be understood; it says which, and where.
    """
    where = "filter"
    try:
        tree = parse_filter(question.filter, RUNS)
        check_orders(len(question.order_by))
        orders = []
        for number, text in enumerate(question.order_by):
            where = f"order_by[{number}]"
            orders.append(parse_order(text, RUNS))
    except InvalidSearch as error:
        error.where = where
        raise
    return tree, tuple(orders)
