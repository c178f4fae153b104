"""Asks the MLflow server about registered models, and moves their aliases and stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.outside.errors import ServerRefused
from trackside_server.registry.board import Standing

from .wire import V2

if TYPE_CHECKING:
    from trackside_server.registry.entities import Step

    from .client import Client

_PAGE: Final = 1000
# Of a model with more versions than that, only the newest ones are watched for stages.
_PAGES: Final = 20
_TIMEOUT: Final = 20.0


class Models:
    """The registry of one MLflow server.

    Parameters
    ----------
    client
        Asks it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def standing(self, name: str) -> Standing | None:
        """Give where the versions of a model stand, None when there is no such model."""
        try:
            found = await self._ask("GET", "registered-models/get", {"name": name})
        except NotFound:
            return None
        model = found.get("registered_model") or {}
        aliases = {
            str(item.get("alias")): str(item.get("version")) for item in model.get("aliases") or ()
        }
        return Standing(aliases, await self._stages(name))

    async def apply(self, name: str, step: Step) -> None:
        """Do one step of a move."""
        if step.kind == "stage":
            await self.to_stage(name, step.subject, step.new)
        elif step.new:
            body = {"name": name, "alias": step.subject, "version": step.new}
            await self._ask("POST", "registered-models/alias", body)
        else:
            body = {"name": name, "alias": step.subject}
            await self._ask("DELETE", "registered-models/alias", body)

    async def to_stage(
        self, name: str, version: str, stage: str, *, archive: bool = False
    ) -> dict[str, Any]:
        """Move a version to a stage of MLflow's; give it as the server writes it."""
        body = {
            "name": name,
            "version": version,
            "stage": stage,
            "archive_existing_versions": archive,
        }
        found = await self._ask("POST", "model-versions/transition-stage", body)
        return dict(found.get("model_version") or {})

    async def _stages(self, name: str) -> dict[str, str]:
        stages: dict[str, str] = {}
        token = ""
        for _ in range(_PAGES):
            asked = {"filter": _named(name), "max_results": _PAGE, "page_token": token}
            found = await self._ask("GET", "model-versions/search", asked)
            for item in found.get("model_versions") or ():
                if item.get("name") == name:
                    stages[str(item.get("version"))] = str(item.get("current_stage") or "None")
            token = found.get("next_page_token") or ""
            if not token:
                break
        return stages

    async def _ask(self, method: str, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        query, body = "", None
        if method == "GET":
            query = urlencode({key: value for key, value in fields.items() if value != ""})
        else:
            body = fields
        try:
            return await self._client.json(
                method, f"{V2}/{path}", body, query=query, timeout=_TIMEOUT
            )
        except ServerRefused as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                raise NotFound(error.message) from None
            if error.status_code == 400:
                raise InvalidInput(error.message) from None
            raise


def _named(name: str) -> str:
    """Write the filter for a name; one with both kinds of quotes has a pattern that fits it."""
    if "'" not in name:
        return f"name = '{name}'"
    if '"' not in name:
        return f'name = "{name}"'
    return "name LIKE '{}'".format(name.replace("'", "_"))
