"""What a table needs of whoever keeps the runs: the embedded store, or an MLflow server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from .entities import (
        Change,
        Done,
        Groups,
        Key,
        Keys,
        Question,
        Row,
        Shown,
        Span,
        Values,
        Window,
    )


class Source(Protocol):
    """Whoever keeps the runs."""

    place: str
    """Tells the runs of one source from those of another; empty for the store."""

    async def window(self, question: Question, shown: Shown, span: Span) -> Window:
        """Give a part of the table.

        Raises
        ------
        InvalidInput
            The filter or the order cannot be understood.
        """

    def batches(self, question: Question, shown: Shown) -> AsyncGenerator[Sequence[Row], None]:
        """Give the whole table as it is now, some rows at a time."""

    async def groups(
        self, question: Question, by: Key, metrics: Sequence[str], span: Span
    ) -> Groups:
        """Give a part of the groups that runs fall into."""

    async def keys(self, experiments: Sequence[str], prefix: str, limit: int) -> Keys:
        """Give the names that runs use."""

    async def values(self, experiments: Sequence[str], key: Key, prefix: str, limit: int) -> Values:
        """Give the values that runs have under a key."""

    async def change(self, change: Change) -> Done:
        """Change runs, each on its own."""
