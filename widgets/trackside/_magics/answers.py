"""Tables that answer a magic: DataFrames to work with, drawn as live views where that can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside import _frames
from trackside._client import get_client
from trackside._display import bundle, frontend, pictures
from trackside._experiment import Experiment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def runs(
    experiment: str | None = None,
    filter: str = "",  # noqa: A002  (the word of the protocol and of every other door)
    *,
    order_by: Sequence[str] = (),
    max_results: int | None = None,
) -> Any:
    """Return the runs that `trackside.runs` finds, as a table that shows itself live.

    The runs of one experiment are its table, in which new ones appear. With a limit or an order, or
    of several experiments, it holds those that were found.
    """
    limit = {} if max_results is None else {"max_results": max_results}
    frame = _frames.runs(experiment, filter, order_by=order_by, **limit)
    if frontend.notebook() is None or not len(frame):
        return frame
    if experiment is not None and max_results is None and not order_by:
        found = Experiment.from_json(_frames.find_experiment(get_client(), experiment))
        return _shown(frame, lambda: pictures.of_experiment(found, filter))
    run_ids = list(frame["run_id"])
    return _shown(frame, lambda: pictures.of_runs(run_ids))


def _shown(frame: Any, draw: Callable[[], bundle.Bundle]) -> Any:
    """Let this one table show itself as something else, until it has other rows or columns."""
    shape, columns = len(frame), list(frame.columns)

    def mimebundle(**_: object) -> dict[str, Any]:
        if (len(frame), list(frame.columns)) != (shape, columns):
            return {}
        # In plain text it is what its own columns say.
        return {**draw(), "text/plain": repr(frame)}

    # On the object, so that what is computed from it (head, a selection) is an ordinary DataFrame.
    object.__setattr__(frame, "_repr_mimebundle_", mimebundle)
    return frame
