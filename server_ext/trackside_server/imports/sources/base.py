"""What every source of an import offers. All of it blocks, so it is used on a thread."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import IO, TYPE_CHECKING, TypeVar

from trackside_server.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from typing import TypeAlias

    from trackside_server.imports.records import (
        ExperimentRecord,
        ModelRecord,
        Points,
        RegisteredRecord,
        RunRecord,
        TraceRecord,
    )

BATCH = 4096
"""How many points come at once: as many as are kept together, in some ten milliseconds."""

if TYPE_CHECKING:
    # Takes the kind and the id of something that cannot be read, and a sentence that says why.
    Complain: TypeAlias = Callable[[str, str, str], None]


T = TypeVar("T")
Item = TypeVar("Item")

MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a record raises when somebody wrote something else into it than MLflow does."""


class SourceFailed(InvalidInput):
    """The source cannot be read, at all or any longer."""


class Unreadable(Exception):
    """One thing in the source cannot be read; the sentence says why."""


def each(
    kind: str,
    items: Iterable[Item],
    read: Callable[[Item], T],
    name: Callable[[Item], object],
    complain: Complain,
) -> Iterator[T]:
    """Read things one by one; one that is damaged is told of, and the rest comes.

    Parameters
    ----------
    kind
        What they are.
    items
        What each is read from.
    read
        Makes a record of one.
    name
        Gives the id by which one is told of.
    complain
        Told which cannot be read.
    """
    for item in items:
        try:
            record = read(item)
        except (Unreadable, OSError, *MALFORMED) as error:  # noqa: PERF203
            try:
                known_by = str(name(item))
            except MALFORMED:
                known_by = "?"
            if not isinstance(error, Unreadable):
                words = damaged(kind, known_by, error)
            elif known_by in str(error):
                words = str(error)
            else:
                words = f"{kind.capitalize()} {known_by[:100]} was left out: {error}"
            complain(kind, known_by, words)
        else:
            yield record


def damaged(kind: str, identifier: str, error: Exception) -> str:
    """Say that something is damaged, and how it showed."""
    return (
        f"{kind.capitalize()} {identifier[:100]} is damaged, and was left out: "
        f"{type(error).__name__}: {str(error)[:200]}."
    )


class Files(ABC):
    """The files of a run, a model or a trace."""

    @abstractmethod
    def walk(self) -> Iterator[tuple[str, int | None]]:
        """Give the path of each file, relative and with slashes, and its size where known.

        Raises
        ------
        Unreadable
            The files are where they cannot be read.
        """

    @abstractmethod
    def open(self, path: str) -> AbstractContextManager[IO[bytes]]:
        """Open one of the files."""


class Source(ABC):
    """Something that MLflow wrote, or that serves what MLflow wrote.

    Attributes
    ----------
    shown
        How the user knows it, without secrets.
    identity
        The same for the same source, whatever it is called by.
    """

    shown: str
    identity: str
    complain: Complain

    @abstractmethod
    def totals(self) -> Mapping[str, int]:
        """Count what there is, by kind, where counting is cheap."""

    @abstractmethod
    def experiments(self) -> Iterator[ExperimentRecord]:
        """Give all experiments, deleted ones too."""

    @abstractmethod
    def runs(self, experiment: str) -> Iterator[RunRecord]:
        """Give all runs of an experiment, deleted ones too."""

    @abstractmethod
    def points(
        self, run: RunRecord, experiment: str, keys: Collection[str], bookmark: str | None
    ) -> Iterator[tuple[Points, str]]:
        """Give the points of some metrics in batches, each with where to go on after it.

        The order is the same each time, so that a bookmark of an earlier reading holds.
        """

    @abstractmethod
    def models(self, experiment: str) -> Iterator[ModelRecord]:
        """Give the logged models of an experiment, deleted ones too where they can be seen."""

    @abstractmethod
    def registered(self) -> Iterator[RegisteredRecord]:
        """Give the registered models, prompts among them."""

    @abstractmethod
    def traces(self, experiment: str) -> Iterator[TraceRecord]:
        """Give the traces of an experiment."""

    @abstractmethod
    def files(self, kind: str, identifier: str, experiment: str, uri: str) -> Files:
        """Give the files of a ``run``, ``model`` or ``trace``.

        Raises
        ------
        Unreadable
            They are where they cannot be read.
        """

    def local_folder(self, kind: str, identifier: str, experiment: str, uri: str) -> str | None:
        """Give the folder of this machine that the files are in, if it is one that may be read."""
        del kind, identifier, experiment, uri
        return None

    @abstractmethod
    def close(self) -> None:
        """Let go of what is open."""
