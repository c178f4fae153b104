"""Requests to the KFP server: after one that nobody answered, others do not wait for the same."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import InvalidInput
from trackside_server.outside.address import climbs
from trackside_server.outside.client import ERROR_BODY, Client, read_at_most
from trackside_server.outside.errors import ServerAway, ServerMisconfigured, ServerRefused
from trackside_server.outside.words import Words

from .errors import KfpFailed, KfpRefused, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import aiohttp

    from trackside_server.errors import TracksideError

WORDS: Final = Words(
    server="Kubeflow Pipelines server",
    address="Trackside.kfp_host",
    token_file="Trackside.kfp_token_file",  # noqa: S106 - the name of a setting
    certificates="Look at Trackside.kfp_ca_file.",
    authority="Set Trackside.kfp_ca_file to the authority that signed its certificate.",
    sign_in="It asks to sign in: set Trackside.kfp_cookie_file to a file with the cookie of a "
    "session, Trackside.kfp_token_file to one with a token, or Trackside.kfp_host to the address "
    "behind the sign-in page.",
)
API: Final = "/apis/v2beta1"
TIMEOUT: Final = 30.0
# Files are large, and compiled by the server before it answers.
UPLOAD: Final = 120.0
_ANSWER: Final = 64 * 1024 * 1024
_TEXT: Final = 8 * 1024 * 1024
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 15.0
_MOST_WORDS: Final = 1000


class KfpClient(Client):
    """The client of a KFP server.

    Attributes
    ----------
    trouble
        What keeps the server from being used; None where the last request was answered.
    heard
        Whether it ever answered.
    """

    words: Words = WORDS
    trouble: TracksideError | None = None
    heard: bool = False
    _failures: int = 0
    _closed_until: float = 0.0

    def error_of(self, content: bytes) -> tuple[str, str]:
        """Read the number of gRPC and the message out of an error."""
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            return "", ""
        if not isinstance(found, dict):
            return "", ""
        # The routes of uploads have a form of their own, without a number.
        words = found.get("message") or found.get("error_message") or found.get("error")
        code = found.get("code")
        return str(code) if isinstance(code, int) else "", str(words or "")[:_MOST_WORDS]

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        body: bytes | None = None,
        kind: str = "application/json",
        timeout: float = TIMEOUT,
        probing: bool = False,
    ) -> dict[str, Any]:
        """Ask for JSON.

        Parameters
        ----------
        method, path, query, body
            What is asked for; the path is that behind the version of the API.
        kind
            What the body is.
        timeout
            In seconds.
        probing
            Whether it is asked although the server was away a moment ago.

        Raises
        ------
        TracksideError
            It says no, or cannot be asked.
        """
        async with self.answer(
            method, path, query, body, kind=kind, timeout=timeout, probing=probing
        ) as answer:
            if answer.content_type == "text/html":
                # A page to sign in that no redirect leads to.
                raise self._noted(_sign_in(self))
            try:
                return await self.read_object(answer, _ANSWER)
            except ServerRefused as error:
                raise KfpFailed(
                    error.message, hint="Look at Trackside.kfp_host.", reason="KFP_FAILED"
                ) from None

    async def read_text(self, method: str, path: str) -> str:
        """Ask for a text.

        Parameters
        ----------
        method, path
            As in `ask`.
        """
        async with self.answer(method, path) as answer:
            if answer.content_type == "text/html":
                raise self._noted(_sign_in(self))
            try:
                return (await read_at_most(answer, _TEXT)).decode("utf-8", "replace")
            except ServerRefused as error:
                raise KfpFailed(error.message, reason="KFP_FAILED") from None

    @contextlib.asynccontextmanager
    async def answer(
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes | None = None,
        *,
        kind: str = "application/json",
        timeout: float = TIMEOUT,
        probing: bool = False,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and give the answer, which is no error.

        Parameters
        ----------
        method, path, query, body, kind, timeout, probing
            As in `ask`.
        """
        if climbs(path):
            raise InvalidInput("'.' and '..' are not allowed in an address of the KFP API.")
        if not probing:
            self._hold_back()
        headers: dict[str, str] = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = kind
        try:
            async with self._admitted(
                method, f"{API}{path}", query, headers, body, timeout
            ) as answer:
                if answer.status >= 400:
                    code, words = self.error_of(await read_at_most(answer, ERROR_BODY))
                    raise refusal(self, answer.status, code, words)
                self.trouble, self.heard, self._failures = None, True, 0
                yield answer
        except ServerAway as error:
            self._failures += 1
            wait = min(_FIRST_WAIT * 2 ** (self._failures - 1), _LONGEST_WAIT)
            self._closed_until = time.monotonic() + wait
            raise self._noted(error) from None
        except ServerMisconfigured as error:
            raise self._noted(error) from None
        except KfpRefused as error:
            # A right that is lacking for one thing says nothing of the others.
            if probing or error.message.endswith("credentials."):
                self._noted(error)
            raise

    @contextlib.asynccontextmanager
    async def _admitted(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Open a request, once more where the token was refused and another one is there by now."""
        before = await self.credentials.headers()
        async with contextlib.AsyncExitStack() as stack:
            for again in (True, False):
                answer = await stack.enter_async_context(
                    self.open(method, path, query, headers=headers, data=body, timeout=timeout)
                )
                stale = answer.status == 401 and again
                if not stale or await self.credentials.headers() == before:
                    break
                answer.release()
            yield answer

    def _hold_back(self) -> None:
        trouble = self.trouble
        if isinstance(trouble, ServerAway) and time.monotonic() < self._closed_until:
            raise ServerAway(trouble.message, hint=trouble.hint, reason=trouble.reason)

    def _noted(self, error: TracksideError) -> TracksideError:
        error.reason = "KFP_AWAY" if isinstance(error, ServerAway) else "KFP_REFUSED"
        self.trouble = error
        return error


def _sign_in(client: Client) -> ServerMisconfigured:
    return ServerMisconfigured(f"{client.called} answers with a page.", hint=client.words.sign_in)
