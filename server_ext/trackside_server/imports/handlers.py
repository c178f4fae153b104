"""The routes of imports and exports: parse, call, answer. Never open to jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput
from trackside_server.web import Core, TracksideHandler

from .settings import ARTIFACTS, Chosen, Wanted

if TYPE_CHECKING:
    from .service import Transfers
    from .storage import Direction, Transfer

_MAX_WAIT = 30
_MAX_TEXT = 4000
_SECRETS = ("token", "username", "password")
_KNOWN = {
    "import": {"source", "artifacts", "artifact_root", "prefix", "experiments", "dry_run"},
    "export": {"to", "artifacts", "experiments", "runs", "models"},
}


class TransferHandler(TracksideHandler):
    """Base of these handlers."""

    max_body = 256 * 1024

    def initialize(  # type: ignore[override]
        self, core: Core, transfers: Transfers, direction: Direction
    ) -> None:
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.transfers = transfers
        self.direction = direction


class TransferListHandler(TransferHandler):
    """``/trackside/api/v1/imports``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List imports, the newest first."""
        limit = self.integer("limit", 20, low=1, high=200)
        offset = self.integer("offset", 0, high=10**9)
        found = await self.transfers.page(self.direction, limit, offset)
        self.reply({f"{self.direction}s": [_told(item) for item in found]})

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Begin an import."""
        body = self.json_object()
        unknown = sorted(body.keys() - _KNOWN[self.direction] - set(_SECRETS))
        if unknown:
            raise InvalidInput(f"An {self.direction} has no {unknown[0][:50]!r}.")
        place = _text(body, "source" if self.direction == "import" else "to")
        if not place:
            raise InvalidInput(
                f"It is missing where to {self.direction} "
                f"{'from: source' if self.direction == 'import' else 'to: to'}.",
                hint="Name an mlruns folder, a database or an MLflow server.",
            )
        wanted = _wanted(body) if self.direction == "import" else _chosen(body)
        secrets = {name: text for name in _SECRETS if (text := _text(body, name))}
        made, fresh = await self.transfers.begin(
            self.direction, place, wanted, secrets=secrets, actor=self.actor
        )
        base = self.request.path.rstrip("/")
        self.set_header("Location", f"{base}/{made.id}")
        self.reply(_told(made), 201 if fresh else 200)


class TransferOneHandler(TransferHandler):
    """``/trackside/api/v1/imports/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, identifier: str) -> None:
        """Return an import, at once or when there is news."""
        wait = self.integer("wait", 0, high=_MAX_WAIT)
        found = await self.transfers.wait(identifier, wait)
        problems = await self.transfers.problems(identifier, 20, 0)
        self.reply({**_told(found), "first_problems": problems})


class TransferProblemsHandler(TransferHandler):
    """``/trackside/api/v1/imports/{id}/problems``."""

    @web.authenticated
    @authorized
    async def get(self, identifier: str) -> None:
        """Return what could not be taken, and why."""
        limit = self.integer("limit", 100, low=1, high=1000)
        offset = self.integer("offset", 0, high=10**9)
        self.reply({"problems": await self.transfers.problems(identifier, limit, offset)})


class TransferCancelHandler(TransferHandler):
    """``/trackside/api/v1/imports/{id}/cancel``."""

    @web.authenticated
    @authorized
    async def post(self, identifier: str) -> None:
        """Stop an import."""
        self.json_object()
        self.reply(_told(await self.transfers.cancel(identifier)))


def routes(core: Core, transfers: Transfers) -> list[tuple[str, type, Any]]:
    """Return the routes of this module."""
    return [
        route
        for direction in ("import", "export")
        for route in _routes(
            rf"/trackside/api/v1/{direction}s",
            {"core": core, "transfers": transfers, "direction": direction},
        )
    ]


def _routes(base: str, collaborators: dict[str, Any]) -> list[tuple[str, type, Any]]:
    return [
        (base, TransferListHandler, collaborators),
        (base + r"/([\w-]+)", TransferOneHandler, collaborators),
        (base + r"/([\w-]+)/problems", TransferProblemsHandler, collaborators),
        (base + r"/([\w-]+)/cancel", TransferCancelHandler, collaborators),
    ]


def _told(found: Transfer) -> dict[str, Any]:
    return {
        "id": found.id,
        "source" if found.direction == "import" else "to": found.place,
        **found.options,
        "state": found.state,
        "message": found.message,
        "progress": found.progress or _NOTHING,
        "user": found.actor,
        "created_at": found.created_at,
        "started_at": found.started_at,
        "ended_at": found.ended_at,
    }


_NOTHING = {
    "doing": "",
    "counts": {},
    "totals": {},
    "points": 0,
    "files": 0,
    "bytes": 0,
    "problems": 0,
}


def _wanted(body: dict[str, Any]) -> Wanted:
    return Wanted(
        artifacts=_artifacts(body),
        artifact_root=_text(body, "artifact_root"),
        prefix=_text(body, "prefix") or "",
        experiments=_texts(body, "experiments"),
        dry_run=_switch(body, "dry_run"),
    )


def _chosen(body: dict[str, Any]) -> Chosen:
    artifacts = _artifacts(body)
    if artifacts == "reference":
        raise InvalidInput("An export copies artifacts or leaves them out.")
    return Chosen(
        artifacts=artifacts,
        experiments=_texts(body, "experiments"),
        runs=_texts(body, "runs"),
        models=_texts(body, "models"),
    )


def _artifacts(body: dict[str, Any]) -> Any:
    value = body.get("artifacts", "copy")
    if value not in ARTIFACTS:
        raise InvalidInput(f"artifacts has to be one of {', '.join(ARTIFACTS)}.")
    return value


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _MAX_TEXT or "\0" in value:
        raise InvalidInput(f"{name} has to be a text of at most {_MAX_TEXT} characters.")
    return value.strip() or None


def _texts(body: dict[str, Any], name: str) -> tuple[str, ...]:
    value = body.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInput(f"{name} has to be a list of texts.")
    return tuple(value)


def _switch(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} has to be true or false.")
    return value
