"""What this domain knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    import sqlite3

Kind = Literal["experiment", "run", "model"]

KEEP_TAG = "trackside.keep"
"""A run, or an experiment, with this tag is deleted for ever by name and force alone."""

DEFAULT_EXPERIMENT = 0

Sources = Callable[["sqlite3.Connection", Sequence[str], Sequence[str]], Mapping[str, str]]
"""Says of which runs and logged models versions of registered models were made."""


class Trashed(Struct, frozen=True):
    """One thing in the trash.

    Attributes
    ----------
    kind
        What it is.
    id
        Its id.
    name
        Its name.
    experiment_id
        The experiment that it belongs to.
    deleted_at
        When it came into the trash, in milliseconds.
    kept
        Why emptying the trash leaves it, in a sentence; None when it does not.
    """

    kind: Kind
    id: str
    name: str
    experiment_id: str
    deleted_at: int
    kept: str | None = None


class Deleted(Struct):
    """What a deletion did.

    Attributes
    ----------
    experiments, runs, models
        How many are gone.
    kept
        How many were left because something speaks for them.
    """

    experiments: int = 0
    runs: int = 0
    models: int = 0
    kept: int = 0

    def add(self, other: Deleted) -> None:
        """Count another deletion in."""
        self.experiments += other.experiments
        self.runs += other.runs
        self.models += other.models
        self.kept += other.kept

    @property
    def any(self) -> bool:
        """Whether anything is gone."""
        return bool(self.experiments or self.runs or self.models)


class Wanted(Struct, frozen=True):
    """What somebody wants deleted for ever, by id.

    Attributes
    ----------
    experiments, runs, models
        The ids.
    force
        Whether things go that are not in the trash, are marked to be kept or were registered.
    """

    experiments: Sequence[str] = ()
    runs: Sequence[str] = ()
    models: Sequence[str] = ()
    force: bool = False


class Summary(Struct, frozen=True):
    """The trash as a whole.

    Attributes
    ----------
    experiments, runs, models
        How many are in it.
    pending
        How many runs and folders are out of sight already and still being removed.
    reusable
        Bytes of the database file that are free for what is written next.
    """

    experiments: int
    runs: int
    models: int
    pending: int
    reusable: int
    items: Sequence[Trashed] = field(default_factory=tuple)
    next_page_token: str | None = None
