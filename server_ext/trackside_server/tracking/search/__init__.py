"""MLflow's search grammar: text → tokens → syntax tree → SQL with parameters.

Nothing of the user's text ever becomes SQL text: the tree decides which of our own fragments are
joined, and every name and value travels as a parameter.
"""

from __future__ import annotations

from .fields import EXPERIMENTS, LOGGED_MODELS, RUNS, Schema
from .parser import And, Comparison, Field, Order, parse_filter, parse_order

__all__ = [
    "EXPERIMENTS",
    "LOGGED_MODELS",
    "RUNS",
    "And",
    "Comparison",
    "Field",
    "Order",
    "Schema",
    "parse_filter",
    "parse_order",
]
