"""The things that a comparison knows: small immutable records, free of HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.tracking.entities import Run

Goal = Literal["min", "max"]
GOALS: tuple[Goal, ...] = ("min", "max")

FEWEST = 2
MOST = 20
"""How many runs are compared at once."""


class Text(Struct, frozen=True):
    """A text that is kept with a run, as far as it was read."""

    text: str
    whole: bool = True


class File(Struct, frozen=True):
    """A file that travelled with a run.

    Attributes
    ----------
    digest
        Of its content: what is equal in two runs is not read.
    bundle
        Where it lies.
    """

    path: str
    size: int
    digest: str
    bundle: str


class Evidence(Struct, frozen=True):
    """A run with all that is known of where it came from.

    Attributes
    ----------
    run
        What was logged.
    experiment_name
        The name of its experiment; empty when that cannot be told.
    cell
        The code as executed.
    changes
        The difference of the repository to its commit.
    environment
        What the job wrote about Python, the machine and the packages.
    files
        What travelled with its job, by path; None when nothing is known of that.
    """

    run: Run
    experiment_name: str = ""
    cell: Text | None = None
    changes: Text | None = None
    environment: Mapping[str, Any] | None = None
    files: Mapping[str, File] | None = None


class Objective(Struct, frozen=True):
    """What is called better.

    Attributes
    ----------
    metric
        The metric.
    goal
        Whether less of it is better, or more.
    assumed
        Whether nobody said so.
    by_name
        Whether the goal follows from the name of the metric; a guess otherwise.
    """

    metric: str
    goal: Goal
    assumed: bool = True
    by_name: bool = True


class Candidate(Struct, frozen=True):
    """Something in which the runs differ, and which may have to do with the result.

    Attributes
    ----------
    kind
        ``param``, ``code``, ``package``, ``environment`` or ``dataset``.
    key
        Its name.
    values
        Its value in each run; None where it is absent.
    readable
        Whether the values can be shown; those of code are digests.
    """

    kind: str
    key: str
    values: Sequence[str | None]
    readable: bool = True


class Ranked(Struct, frozen=True):
    """What one difference has to do with the result.

    Attributes
    ----------
    kind, key
        As in `Candidate`.
    measure
        ``pair``: there are two runs, so nothing is measured. ``rank``: the rank correlation of a
        number with the result. ``group``: how far the groups of equal values lie apart.
    runs
        How many runs it was seen in.
    score
        Between 0 (nothing to see) and 1 (perfectly); None for a pair.
    chance
        How often chance alone would look like this or better.
    strength
        ``pair``, ``clear`` (not by chance, however many differences were looked at), ``hint`` or
        ``none``.
    better, worse
        The values that go with the better and the worse result, or ``higher`` and ``lower``.
    together
        Other differences that divide the runs in the same way, so that they cannot be told apart.
    text
        All that in a sentence.
    """

    kind: str
    key: str
    measure: Literal["pair", "rank", "group"]
    runs: int
    score: float | None
    chance: float | None
    strength: Literal["pair", "clear", "hint", "none"]
    better: str | None
    worse: str | None
    together: Sequence[str] = field(default_factory=tuple)
    text: str = ""
