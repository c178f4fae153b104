"""What a caller may touch: a user everything, a job its own run and what hangs below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.doors import require_experiment
from trackside_server.errors import Forbidden

from .entities import PARENT_TAG
from .paths import safe_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackside_server.doors import Core
    from trackside_server.identity import Principal

    from .entities import Metric, Tag
    from .service import Tracking


class Reach:
    """The reach of one request.

    Parameters
    ----------
    principal
        Who asks; None for a user of Jupyter.
    core
        Knows which run hangs below which.
    tracking
        Knows what belongs to whom.
    """

    def __init__(self, principal: Principal | None, core: Core, tracking: Tracking) -> None:
        self._principal = principal
        self._core = core
        self._tracking = tracking
        self.is_job = principal is not None and principal.kind == "job"
        self.run_id = principal.run_id if principal is not None and self.is_job else None
        self.experiment_id = (
            principal.experiment_id if principal is not None and self.is_job else None
        )

    async def run(self, run_id: str) -> None:
        """Refuse a run outside of the job's tree."""
        await self._core.require_run(self._principal, run_id)

    def experiment(self, experiment_id: str) -> None:
        """Refuse an experiment that is not the job's own."""
        require_experiment(self._principal, experiment_id)

    async def model(self, model_id: str) -> None:
        """Refuse a logged model that no run of the job's tree made."""
        if not self.is_job:
            return
        source = await self._tracking.model_source_run(model_id)
        if source is None:
            raise Forbidden("This job may only use models that its own run logged.")
        await self.run(source)

    async def models_of(self, points: Iterable[Metric]) -> None:
        """Refuse points that are measured on models of others."""
        if self.is_job:
            for model_id in {point.model_id for point in points if point.model_id}:
                await self.model(model_id)

    async def tags(self, tags: Iterable[Tag]) -> None:
        """Refuse tags that would hang a run of the job below a foreign one."""
        if self.is_job:
            for tag in tags:
                if tag.key == PARENT_TAG:
                    await self.run(tag.value)

    def keeps_parent(self, key: str) -> None:
        """Refuse to cut a run of the job off its tree."""
        if self.is_job and key == PARENT_TAG:
            raise Forbidden("A job may not move its runs out of its own run.")

    async def files(self, path: str) -> str | None:
        """Refuse files that belong to no run or model of the job.

        Parameters
        ----------
        path
            Below the artifact root, as the client sent it.

        Returns
        -------
        str or None
            The run whose artifacts these are, if any.
        """
        owner = await self._tracking.artifact_owner(safe_path(path))
        if self.is_job:
            if owner is None or owner.run_id is None:
                raise Forbidden("This job may only use the artifacts of its own run and models.")
            await self.run(owner.run_id)
        return owner.id if owner is not None and owner.kind == "run" else None
