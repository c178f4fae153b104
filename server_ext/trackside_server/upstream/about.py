"""What the MLflow server is and can do: asked once, remembered for a while."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from trackside_server.errors import TracksideError
from trackside_server.outside.client import read_at_most
from trackside_server.outside.errors import ServerRefused

if TYPE_CHECKING:
    from .client import Client

_REMEMBERED: Final = 300.0
# A server that was away is asked sooner.
_AGAIN: Final = 10.0
_TIMEOUT: Final = 10.0
_VERSION: Final = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
OLDEST: Final = (2, 9)

# What came with which version; an older server has none of it.
_FEATURES: Final = (
    ((2, 14), "traces"),
    ((3, 0), "logged models"),
    ((3, 2), "assessments of traces"),
    ((3, 4), "spans by OpenTelemetry"),
)


class Facts(Struct, frozen=True):
    """What is known of the server.

    Attributes
    ----------
    version
        As it tells it; empty when it does not.
    info
        What its ``server-info`` says.
    """

    version: str = ""
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> tuple[int, int] | None:
        """Major and minor version, None when they are not known."""
        found = _VERSION.match(self.version)
        return (int(found[1]), int(found[2])) if found else None

    @property
    def lacks(self) -> list[str]:
        """What a server of this version cannot do."""
        number = self.number
        return [] if number is None else [name for since, name in _FEATURES if number < since]

    @property
    def is_too_old(self) -> bool:
        """Whether it is older than what Trackside knows to work with."""
        number = self.number
        return number is not None and number < OLDEST


class About:
    """Finds out about one server.

    Parameters
    ----------
    client
        Asks it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._facts: Facts | None = None
        self._problem: TracksideError | None = None
        self._until = 0.0
        self._asking: asyncio.Task[None] | None = None

    @property
    def known(self) -> Facts | None:
        """What is known so far; never waits, and sees to it that old knowledge is renewed."""
        if time.monotonic() >= self._until:
            self._ask()
        return self._facts

    def begin(self) -> None:
        """Ask, without anybody waiting for it."""
        self._ask()

    async def facts(self) -> Facts:
        """Wait for what is to be known; an empty one when the server does not tell."""
        if self._facts is None and time.monotonic() >= self._until:
            await asyncio.shield(self._ask())
        return self._facts or Facts()

    def look_again(self) -> None:
        """Ask anew at the next occasion: the server was away, and may be another one now."""
        self._until = 0.0

    async def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def describe(self, waiting: int) -> dict[str, Any]:
        """Tell the front end where its runs are and what can be done with them.

        Parameters
        ----------
        waiting
            How many changes of jobs wait to be told to the server.
        """
        facts = self.known
        problem = self._client.problem or self._problem
        host = self._client.address.shown
        version = facts.version if facts else ""
        state, sentence = "ok", ""
        if problem is not None:
            state = "unreachable" if problem.status == 503 else "refused"
            sentence = problem.message
            if problem.hint:
                sentence += f" {problem.hint}"
        elif facts is None:
            state = "connecting"
        elif facts.is_too_old:
            sentence = (
                f"MLflow {version} at {host} is older than 2.9, so parts of Trackside may fail. "
                "Upgrade it."
            )
        elif facts.lacks:
            sentence = f"MLflow {version} at {host}: no {_list(facts.lacks)}."
        return {
            "kind": "upstream",
            "host": host,
            "version": version or None,
            "state": state,
            "sentence": sentence,
            "lacks": facts.lacks if facts else [],
            "waiting": waiting,
        }

    def missing(self, path: str) -> str:
        """Say why the server may not know a path."""
        facts = self._facts
        name = f"MLflow {facts.version}" if facts and facts.version else "The MLflow server"
        text = f"{name} at {self._client.address.shown} does not know {path[:200]}."
        needed = "3.0" if "/logged-models" in path else "2.14" if "/traces" in path else ""
        return f"{text} It takes MLflow {needed} or newer." if needed else text

    def _ask(self) -> asyncio.Task[None]:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._find_out())
        return self._asking

    async def _find_out(self) -> None:
        try:
            version = await self._text("/version")
            found = _VERSION.match(version)
            info: dict[str, Any] = {}
            if found and (int(found[1]), int(found[2])) >= (3, 0):
                info = await self._info()
            self._facts = Facts(version if found else "", info)
            self._problem = None
            self._until = time.monotonic() + _REMEMBERED
        except TracksideError as error:
            self._problem = error
            self._until = time.monotonic() + _AGAIN

    async def _text(self, path: str) -> str:
        async with self._client.open("GET", path, timeout=_TIMEOUT) as answer:
            if answer.status in (401, 403) or answer.status >= 500:
                raise await self._client.refusal(answer)
            text = await read_at_most(answer, 64 * 1024)
        return text.decode("utf-8", "replace").strip() if answer.status == 200 else ""

    async def _info(self) -> dict[str, Any]:
        try:
            return await self._client.json("GET", "/api/3.0/mlflow/server-info", timeout=_TIMEOUT)
        except ServerRefused:
            return {}


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
