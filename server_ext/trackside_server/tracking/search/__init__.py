"""MLflow's search grammar, and more: text → tokens → syntax tree → SQL with parameters.

Nothing of the user's text ever becomes SQL text: the tree decides which of our own fragments are
joined, and every name and value travels as a parameter. A domain says in a `Schema` what can be
searched; the parser and the compiler are the same for all.
"""

from __future__ import annotations

from .fields import Attribute, Keyed, Schema
from .lexer import InvalidSearch
from .parser import check_orders, parse_filter, parse_order, parse_orders
from .schemas import EXPERIMENTS, LOGGED_MODELS, RUNS, RUNS_BY_VALUE
from .tree import And, Comparison, Field, Node, Not, Or, Order

__all__ = [
    "EXPERIMENTS",
    "LOGGED_MODELS",
    "RUNS",
    "RUNS_BY_VALUE",
    "And",
    "Attribute",
    "Comparison",
    "Field",
    "InvalidSearch",
    "Keyed",
    "Node",
    "Not",
    "Or",
    "Order",
    "Schema",
    "check_orders",
    "parse_filter",
    "parse_order",
    "parse_orders",
]
