"""The words for why a node did not run, or did not run well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .state import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .naming import Name

TERMINATED: Final = Reason("TERMINATED", "The run was terminated.")
CONDITION_FALSE: Final = Reason("CONDITION_FALSE", "Its condition is false.")
_NAMED: Final = 3
_LONG: Final = 5000
_LONGEST: Final = 500


class UnresolvedError(Exception):
    """What a node needs cannot be found out; it fails for this reason.

    Parameters
    ----------
    code
        For programs.
    message
        A sentence for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.reason = Reason(code, message)


def internal(error: BaseException) -> Reason:
    """Say that it is a mistake of ours, and what is known of it."""
    what = f"{type(error).__name__}: {error}"[:_LONGEST]
    return Reason(
        "INTERNAL", f"Trackside could not go on with it: {what}. The log of the server has more."
    )


def upstream_failed(task: Name) -> Reason:
    """Say that a task was not run, as one before it failed."""
    return Reason("UPSTREAM_FAILED", f"Not run: {task.within}, which it waits for, failed.")


def upstream_canceled(task: Name) -> Reason:
    """Say that a task was not run, as one before it was stopped."""
    return Reason("UPSTREAM_CANCELED", f"Not run: {task.within}, which it waits for, was canceled.")


def upstream_skipped(task: Name) -> Reason:
    """Say that a task was not run, as one before it was not."""
    return Reason("UPSTREAM_SKIPPED", f"Not run: {task.within}, which it waits for, was skipped.")


def task_failed(name: Name, reason: Reason) -> Reason:
    """Say by which task a graph failed and why; of a graph in it, what that says already."""
    if reason.code == "TASK_FAILED":
        return reason
    return Reason("TASK_FAILED", f"{name.first} failed: {reason.message}"[:_LONG])


def tasks_failed(names: Sequence[Name], of: int) -> Reason:
    """Say which tasks a graph failed by."""
    listed = _listed([name.within for name in names])
    return Reason("TASK_FAILED", f"{len(names)} of {of} tasks failed: {listed}.")


def iterations_failed(indices: Sequence[int], of: int) -> Reason:
    """Say which repetitions a loop failed by, as they are shown: counted from 0."""
    names = [str(index) for index in indices]
    if len(names) == 1:
        return Reason("ITERATION_FAILED", f"1 of {of} iterations failed: iteration {names[0]}.")
    return Reason("ITERATION_FAILED", f"{len(names)} of {of} iterations failed: {_listed(names)}.")


def task_canceled(name: Name) -> Reason:
    """Say which task was stopped, so that its graph did not come to its end."""
    return Reason("TASK_CANCELED", f"{name.first} was canceled.")


def iteration_canceled(index: int) -> Reason:
    """Say which repetition was stopped, so that its loop did not come to its end."""
    return Reason("ITERATION_CANCELED", f"Iteration {index} was canceled.")


def _listed(names: Sequence[str]) -> str:
    if len(names) <= _NAMED:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
