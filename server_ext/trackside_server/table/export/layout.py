"""The columns of a file, named as `mlflow.search_runs` names them, and the cells of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.table.entities import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trackside_server.table.entities import Row, Shown


class Layout(Struct, frozen=True):
    """The columns of a file.

    Attributes
    ----------
    metrics, params, tags
        The keys of those that users name.
    """

    metrics: Sequence[str]
    params: Sequence[str]
    tags: Sequence[str]

    @classmethod
    def of(cls, shown: Shown) -> Layout | None:
        """Give the columns that were asked for; None where only the rows tell them."""
        if shown.metrics is None or shown.params is None or shown.tags is None:
            return None
        return cls(shown.metrics, shown.params, shown.tags)

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [
            *COLUMNS,
            *(f"metrics.{key}" for key in self.metrics),
            *(f"params.{key}" for key in self.params),
            *(f"tags.{key}" for key in self.tags),
        ]

    def cells(self, row: Row) -> Iterator[Any]:
        """Give the values of a row; None for what it does not have."""
        for name in COLUMNS:
            yield row[name]
        for kind, keys in (("metrics", self.metrics), ("params", self.params), ("tags", self.tags)):
            values = row[kind]
            for key in keys:
                yield values.get(key)
