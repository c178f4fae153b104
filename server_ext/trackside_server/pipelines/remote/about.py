"""How the KFP server stands, and which generation of the API it speaks; asked now and then."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, Literal

from trackside_server.errors import NotFound, TracksideError
from trackside_server.outside.errors import ServerAway

from .errors import KfpFailed, KfpRefused, NoSuchRoute

if TYPE_CHECKING:
    from .client import KfpClient
    from .links import Links

_REMEMBERED: Final = 60.0
# A server in trouble is asked sooner.
_AGAIN: Final = 5.0
_TIMEOUT: Final = 10.0
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"


class About:
    """Finds out about the server.

    Parameters
    ----------
    client
        Asks it.
    links
        Where its pages are.
    namespace
        The one that is used there; empty where it has one user.
    """

    def __init__(self, client: KfpClient, links: Links, namespace: str) -> None:
        self._client = client
        self._links = links
        self._namespace = namespace
        self._until = 0.0
        self._asking: asyncio.Task[None] | None = None
        self.api: Literal["", "2", "3"] = ""
        """The generation: that of KFP 3 tells of tasks; empty while it is not known."""

    async def describe(self, *, again: bool = False) -> dict[str, Any]:
        """Tell the front end; never waits for the server, unless it is to be asked again now."""
        if again:
            self._until = 0.0
        if time.monotonic() >= self._until:
            asking = self._ask()
            if again:
                await asyncio.shield(asking)
        trouble = self._client.trouble
        state, message = "OK" if self._client.heard else "UNKNOWN", ""
        if trouble is not None:
            state = "AWAY" if isinstance(trouble, ServerAway | KfpFailed) else "REFUSED"
            message = f"{trouble.message} {trouble.hint}" if trouble.hint else trouble.message
        return {
            "configured": True,
            "host": self._client.address.shown,
            "ui": self._links.ui,
            "state": state,
            "message": message,
            "api": self.api,
            "namespace": self._namespace,
        }

    def begin(self) -> None:
        """Ask, without anybody waiting for it."""
        self._ask()

    async def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def _ask(self) -> asyncio.Task[None]:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._find_out())
        return self._asking

    async def _find_out(self) -> None:
        try:
            health = await self._health()
            self.api = await self._generation()
            if health.get("multi_user") is True and not self._namespace:
                raise KfpRefused(
                    f"{self._client.called} has several users, each with a namespace.",
                    hint="Set Trackside.kfp_namespace to yours.",
                    reason="KFP_REFUSED",
                )
        except TracksideError as error:
            self._client.trouble = error
        trouble = self._client.trouble
        self._until = time.monotonic() + (_REMEMBERED if trouble is None else _AGAIN)

    async def _health(self) -> dict[str, Any]:
        try:
            return await self._client.ask("GET", "/healthz", timeout=_TIMEOUT, probing=True)
        except NotFound:
            raise KfpRefused(
                f"{self._client.called} has no API of Kubeflow Pipelines at this address.",
                hint="Set Trackside.kfp_host to what kfp.Client takes as its host.",
                reason="KFP_REFUSED",
            ) from None

    async def _generation(self) -> Literal["2", "3"]:
        path = f"/runs/{_NOBODY}/tasks"
        try:
            await self._client.ask("GET", path, query="page_size=1", timeout=_TIMEOUT, probing=True)
        except NoSuchRoute:
            return "2"
        except NotFound:
            # It knows the address, and misses the run.
            return "3"
        return "3"
