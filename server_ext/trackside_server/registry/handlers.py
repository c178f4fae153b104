"""The routes that MLflow lacks: promoting with a reason, and the history of promotions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput
from trackside_server.web import TracksideHandler

from . import serialise, validation
from .entities import Excerpt, Mover

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.web import Core

    from .entities import ModelVersion, Promotion

_MOST = 1000


class PromotionSource(Protocol):
    """What moves aliases and versions and knows the history: `Promotions` says what each does."""

    async def set_alias(
        self, name: str, alias: str, version: str | None, mover: Mover
    ) -> Promotion | None:
        """Give an alias to a version, or take it away."""

    async def set_stage(
        self, name: str, version: str, stage: str, mover: Mover, *, archive_existing: bool
    ) -> tuple[Mapping[str, Any] | ModelVersion, Sequence[Promotion]]:
        """Move a version to a stage of MLflow's."""

    async def place(
        self, name: str, version: str, stage: str, mover: Mover, *, archive_existing: bool
    ) -> Sequence[Promotion]:
        """Move a version to a column of the board."""

    async def take_back(self, name: str, move: int, mover: Mover) -> Sequence[Promotion]:
        """Take a move back."""

    async def history(self, name: str, excerpt: Excerpt) -> Sequence[Promotion]:
        """Give who moved what, the newest move first."""

    async def holders(
        self, name: str, time: int
    ) -> tuple[Mapping[str, int], Mapping[str, Sequence[int]]]:
        """Give which versions had which aliases and stages at a moment."""

    async def covers(self, name: str) -> int | None:
        """Give since when moves are written down, None when all of them were."""


class RegistryHandler(TracksideHandler):
    """Base of these handlers."""

    def initialize(self, core: Core, registry: PromotionSource) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.registry = registry

    def wanted(self, name: str) -> str:
        """Return a parameter of the query that has to be there."""
        value = self.get_query_argument(name, "")
        if not value:
            raise InvalidInput(f"{name} is missing.")
        return value

    def mover(self, body: dict[str, Any]) -> Mover:
        """Return who moves something, and why."""
        return Mover(self.actor, validation.reason(_text(body, "reason") or ""))


class HistoryHandler(RegistryHandler):
    """``/trackside/api/v1/registry/history``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List who moved which alias or version of a model, the newest move first."""
        limit = self.integer("limit", 100, low=1, high=_MOST)
        name = self.wanted("name")
        found = await self.registry.history(name, self._excerpt(limit + 1))
        shown = found[:limit]
        self.reply(
            {
                "promotions": [serialise.promotion(line) for line in shown],
                "before": shown[-1].number if len(found) > limit else None,
                "since": await self.registry.covers(name),
            }
        )

    def _excerpt(self, limit: int) -> Excerpt:
        kind = self.get_query_argument("kind", None)
        if kind not in (None, "alias", "stage"):
            raise InvalidInput("kind has to be one of alias, stage.")
        alias = self.get_query_argument("alias", None)
        version = self.get_query_argument("version", None)
        return Excerpt(
            kind="alias" if alias else kind,
            subject=alias,
            version=None if version is None else validation.version(version),
            before=self.integer("before", 2**53),
            limit=limit,
        )


class HoldersHandler(RegistryHandler):
    """``/trackside/api/v1/registry/holders``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Tell which versions had which aliases and stages at a moment."""
        now = time.time_ns() // 1_000_000
        aliases, stages = await self.registry.holders(
            self.wanted("name"), self.integer("time", now)
        )
        self.reply(
            {
                "aliases": {alias: str(number) for alias, number in aliases.items()},
                "stages": {stage: [str(number) for number in at] for stage, at in stages.items()},
            }
        )


class AliasHandler(RegistryHandler):
    """``/trackside/api/v1/registry/aliases``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Give an alias to a version, or take it away, and say why."""
        body = self.json_object()
        _only(body, "name", "alias", "version", "reason")
        line = await self.registry.set_alias(
            _needed(body, "name"), _needed(body, "alias"), _text(body, "version"), self.mover(body)
        )
        self.reply({"promotion": None if line is None else serialise.promotion(line)})


class StageHandler(RegistryHandler):
    """``/trackside/api/v1/registry/stages``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Move a version to a stage, and say why."""
        body = self.json_object()
        _only(body, "name", "version", "stage", "archive_existing_versions", "reason")
        version, lines = await self.registry.set_stage(
            _needed(body, "name"),
            _needed(body, "version"),
            _needed(body, "stage"),
            self.mover(body),
            archive_existing=_flag(body, "archive_existing_versions"),
        )
        self.reply(
            {
                "model_version": version
                if isinstance(version, Mapping)
                else serialise.version(version),
                "promotions": [serialise.promotion(line) for line in lines],
            }
        )


class BoardHandler(RegistryHandler):
    """``/trackside/api/v1/registry/board``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Move a version to a column of the board, and say why."""
        body = self.json_object()
        _only(body, "name", "version", "stage", "archive_existing_versions", "reason")
        lines = await self.registry.place(
            _needed(body, "name"),
            _needed(body, "version"),
            _needed(body, "stage"),
            self.mover(body),
            archive_existing=_flag(body, "archive_existing_versions"),
        )
        self.reply({"promotions": [serialise.promotion(line) for line in lines]})


class BackHandler(RegistryHandler):
    """``/trackside/api/v1/registry/back``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Take a move back, as a new line of the history."""
        body = self.json_object()
        _only(body, "name", "move", "reason")
        move = body.get("move")
        if not isinstance(move, int) or isinstance(move, bool) or not 1 <= move < 2**53:
            raise InvalidInput("move has to be the number of a move, as the history tells it.")
        lines = await self.registry.take_back(_needed(body, "name"), move, self.mover(body))
        self.reply({"promotions": [serialise.promotion(line) for line in lines]})


def routes(core: Core, registry: PromotionSource) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes of this module."""
    given = {"core": core, "registry": registry}
    base = "/trackside/api/v1/registry"
    return [
        (f"{base}/history", HistoryHandler, given),
        (f"{base}/holders", HoldersHandler, given),
        (f"{base}/aliases", AliasHandler, given),
        (f"{base}/stages", StageHandler, given),
        (f"{base}/board", BoardHandler, given),
        (f"{base}/back", BackHandler, given),
    ]


def _only(body: dict[str, Any], *names: str) -> None:
    unknown = sorted(body.keys() - set(names))
    if unknown:
        raise InvalidInput(f"{unknown[0][:80]!r} is not known here; known are {', '.join(names)}.")


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"{name} has to be a text.")
    return value


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} has to be true or false.")
    return value


def _needed(body: dict[str, Any], name: str) -> str:
    value = _text(body, name)
    if not value:
        raise InvalidInput(f"{name} is missing.")
    return value
