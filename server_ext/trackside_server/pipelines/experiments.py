"""KFP's experiments: they are those of tracking, with the same ids and names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from trackside_server.errors import NotFound
from trackside_server.tracking.entities import Tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.tracking.entities import Experiment, Page, ViewType
    from trackside_server.tracking.service import Tracking

_MOST_DIGITS: Final = 18
NOTE_TAG: Final = "mlflow.note.content"
"""What MLflow calls the description of an experiment."""


class Experiments(Protocol):
    """Keeps the experiments: the store of this server, or an MLflow server."""

    async def create(self, name: str, description: str) -> Experiment:
        """Create an experiment.

        Raises
        ------
        AlreadyExists
            There is one of this name.
        """

    async def get(self, experiment_id: str) -> Experiment:
        """Give an experiment, deleted or not.

        Raises
        ------
        NotFound
            There is none of this id.
        """

    async def of_name(self, name: str) -> Experiment | None:
        """Give the experiment of a name, deleted or not."""

    async def search(
        self, filter_text: str, order_by: Sequence[str], view: ViewType, size: int, token: str
    ) -> Page[Experiment]:
        """Find experiments by MLflow's grammar."""

    async def set_deleted(self, experiment_id: str, *, deleted: bool) -> None:
        """Put an experiment into the trash with its runs, or take it out."""


class StoredExperiments:
    """The experiments of this server's own store.

    Parameters
    ----------
    tracking
        Keeps them.
    """

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking

    async def create(self, name: str, description: str) -> Experiment:
        """Create an experiment."""
        tags = [Tag(NOTE_TAG, description)] if description else []
        return await self.get(await self._tracking.create_experiment(name, tags=tags))

    async def get(self, experiment_id: str) -> Experiment:
        """Give an experiment, deleted or not."""
        if not experiment_id.isdecimal() or len(experiment_id) > _MOST_DIGITS:
            raise NotFound(f"There is no experiment with id {experiment_id[:60]!r}.")
        return await self._tracking.get_experiment(experiment_id)

    async def of_name(self, name: str) -> Experiment | None:
        """Give the experiment of a name, deleted or not."""
        try:
            return await self._tracking.get_experiment_by_name(name)
        except NotFound:
            return None

    async def search(
        self, filter_text: str, order_by: Sequence[str], view: ViewType, size: int, token: str
    ) -> Page[Experiment]:
        """Find experiments by MLflow's grammar."""
        return await self._tracking.search_experiments(
            filter_text=filter_text,
            order_by=order_by,
            view=view,
            max_results=size,
            page_token=token or None,
        )

    async def set_deleted(self, experiment_id: str, *, deleted: bool) -> None:
        """Put an experiment into the trash with its runs, or take it out."""
        if (await self.get(experiment_id)).deleted == deleted:
            return
        if deleted:
            await self._tracking.delete_experiment(experiment_id)
        else:
            await self._tracking.restore_experiment(experiment_id)
