"""Experiments, as objects that show themselves and as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trackside import _frames, _tables
from trackside._client import get_client
from trackside._pages import pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Experiment:
    """An experiment: as the value of a cell it is the table of its runs.

    Attributes
    ----------
    id, name
        Who it is.
    tags
        What was written to it, as text.
    """

    id: str
    name: str
    tags: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Experiment:
        """Read the ``experiment`` object of the protocol."""
        tags = {item["key"]: item.get("value", "") for item in data.get("tags") or ()}
        return cls(data["experiment_id"], data["name"], tags)

    def runs(
        self,
        filter: str = "",  # noqa: A002  (the word of the protocol and of every other door)
        *,
        order_by: str | Sequence[str] | None = None,
        max_results: int = 100,
    ) -> Any:
        """Return runs of the experiment: see `trackside.runs`."""
        return _frames.runs(self.id, filter, order_by=order_by, max_results=max_results)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from trackside._display import experiment_mimebundle

        return experiment_mimebundle(self)


def experiment(name: str) -> Experiment:
    """Return an experiment, which shows itself as the table of its runs.

    Parameters
    ----------
    name
        Its name or id.

    Raises
    ------
    TracksideError
        When there is no such experiment.
    """
    return Experiment.from_json(_frames.find_experiment(get_client(), name))


def experiments(*, max_results: int = 100) -> Any:
    """Return experiments, the one that was used last first.

    Parameters
    ----------
    max_results
        At most so many.

    Returns
    -------
    pandas.DataFrame or Table
        A DataFrame where pandas is installed, else a list of dictionaries that shows as a table.
        Columns: ``name created used experiment_id``.
    """
    return _tables.frame(experiment_rows(max_results=max_results), EXPERIMENT_COLUMNS)


EXPERIMENT_COLUMNS = ("name", "created", "used", "experiment_id")


def experiment_rows(*, max_results: int = 100) -> list[dict[str, Any]]:
    """Return the rows of `experiments`."""
    query = {"order_by": ["last_update_time DESC"]}
    found = pages(get_client(), "experiments/search", "experiments", query, max_results)
    return [
        {
            "name": item["name"],
            "created": _tables.moment_or_none(item.get("creation_time")),
            "used": _tables.moment_or_none(item.get("last_update_time")),
            "experiment_id": item["experiment_id"],
        }
        for item in found
    ]
