"""What every target of an export takes. All of it blocks, so it is used on a thread."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trackside_server.imports.records import (
        ExperimentRecord,
        ModelRecord,
        Points,
        RegisteredRecord,
        RunRecord,
        TraceRecord,
    )
    from trackside_server.imports.sources.base import Files
    from trackside_server.imports.tally import Outcome


class Left(Exception):
    """Something is left as it is at the target; the sentence says why."""


class Target(ABC):
    """Where MLflow will read it."""

    @abstractmethod
    def experiment(self, record: ExperimentRecord) -> tuple[str, Outcome]:
        """Take an experiment, into the one of the same name; give its id there."""

    @abstractmethod
    def run(
        self,
        record: RunRecord,
        experiment: str,
        points: Callable[[], Iterator[Points]],
        files: Files | None,
    ) -> Outcome:
        """Take a run with its points and files.

        Raises
        ------
        Left
            Another run has its place.
        """

    @abstractmethod
    def model(self, record: ModelRecord, experiment: str, files: Files | None) -> Outcome:
        """Take a logged model with its files."""

    @abstractmethod
    def trace(self, record: TraceRecord, experiment: str, files: Files | None) -> Outcome:
        """Take a trace."""

    @abstractmethod
    def registered(self, record: RegisteredRecord) -> Outcome:
        """Take a registered model with its versions, after what those are made of."""

    @abstractmethod
    def save(self) -> None:
        """Write down what was taken, so that the next export knows it."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what is open."""
