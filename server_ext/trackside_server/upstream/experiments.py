"""The experiments of the MLflow server, as KFP's clients ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from trackside_server.errors import AlreadyExists, NotFound
from trackside_server.outside.errors import ServerRefused
from trackside_server.pipelines.experiments import NOTE_TAG
from trackside_server.tracking.entities import Experiment, Page, Tag

from .wire import V2

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.tracking.entities import ViewType

    from .client import Client


class ServedExperiments:
    """The experiments that an MLflow server keeps.

    Parameters
    ----------
    client
        Asks it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, name: str, description: str) -> Experiment:
        """Create an experiment."""
        tags = [{"key": NOTE_TAG, "value": description}] if description else []
        try:
            made = await self._client.json(
                "POST", f"{V2}/experiments/create", {"name": name, "tags": tags}
            )
        except ServerRefused as error:
            if error.error_code == "RESOURCE_ALREADY_EXISTS":
                raise AlreadyExists(error.message) from None
            raise
        return await self.get(str(made.get("experiment_id") or ""))

    async def get(self, experiment_id: str) -> Experiment:
        """Give an experiment, deleted or not."""
        found = await self._asked("get", {"experiment_id": experiment_id})
        if found is None:
            raise NotFound(f"There is no experiment with id {experiment_id[:60]!r}.")
        return found

    async def of_name(self, name: str) -> Experiment | None:
        """Give the experiment of a name, deleted or not."""
        return await self._asked("get-by-name", {"experiment_name": name})

    async def search(
        self, filter_text: str, order_by: Sequence[str], view: ViewType, size: int, token: str
    ) -> Page[Experiment]:
        """Find experiments by MLflow's grammar."""
        found = await self._client.json(
            "POST",
            f"{V2}/experiments/search",
            {
                "filter": filter_text,
                "order_by": list(order_by),
                "view_type": view,
                "max_results": size,
                **({"page_token": token} if token else {}),
            },
        )
        items = tuple(experiment_of(one) for one in found.get("experiments") or ())
        return Page(items, found.get("next_page_token") or None)

    async def set_deleted(self, experiment_id: str, *, deleted: bool) -> None:
        """Put an experiment into the trash with its runs, or take it out."""
        if (await self.get(experiment_id)).deleted != deleted:
            verb = "delete" if deleted else "restore"
            path = f"{V2}/experiments/{verb}"
            await self._client.json("POST", path, {"experiment_id": experiment_id})

    async def _asked(self, verb: str, question: Mapping[str, str]) -> Experiment | None:
        try:
            found = await self._client.json(
                "GET", f"{V2}/experiments/{verb}", query=urlencode(question)
            )
        except ServerRefused as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise
        return experiment_of(found.get("experiment") or {})


def experiment_of(found: Mapping[str, Any]) -> Experiment:
    """Read an experiment as the server writes it."""
    return Experiment(
        experiment_id=str(found.get("experiment_id") or ""),
        name=str(found.get("name") or ""),
        artifact_location=str(found.get("artifact_location") or ""),
        deleted=found.get("lifecycle_stage") == "deleted",
        created_at=int(found.get("creation_time") or 0),
        updated_at=int(found.get("last_update_time") or 0),
        revision=0,
        tags=[Tag(str(one.get("key")), str(one.get("value"))) for one in found.get("tags") or ()],
    )
