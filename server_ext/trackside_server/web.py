"""The base of every handler: who asks, what they may touch, JSON in and out, one error mapping.

A request is let in by one of two doors:

- Jupyter's own: whatever identity provider the server has (token, password, hub, none), with XSRF
  and origin checks as everywhere in Jupyter, and the server's authorizer asked for the resource
  ``trackside``.
- A Trackside token in the ``Authorization`` header (see ``identity.py``). It was handed to a kernel
  or job by this server and is its own authorization: all of Trackside for a kernel, one run for a
  job. It is never a cookie, so the checks against forged browser requests do not apply to it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from jupyter_server.auth.identity import (
    IdentityProvider,
    LegacyIdentityProvider,
    PasswordIdentityProvider,
    User,
)
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import ensure_async
from tornado import web
from tornado.websocket import WebSocketHandler

from .errors import (
    Forbidden,
    InternalError,
    InvalidInput,
    NotFound,
    TooLarge,
    TracksideError,
    Unavailable,
    from_sqlite,
)
from .identity import Principal, Tokens, account_name, is_ours

if TYPE_CHECKING:
    from jupyter_server.auth import Authorizer

RESOURCE = "trackside"
MAX_BODY = 32 * 1024 * 1024
# A chain of nested runs longer than this is a mistake (or a circle), not a search.
_MAX_NESTING = 50
_AUTHORIZATION = re.compile(r"(?:token|bearer)\s+(\S+)\s*$", re.IGNORECASE)

# With one token or password for everybody, Jupyter makes names up: the account's name says more.
_NAMELESS = (IdentityProvider, PasswordIdentityProvider, LegacyIdentityProvider)

ParentRun = Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True)
class Core:
    """What every handler needs; built once by the app and injected.

    Attributes
    ----------
    tokens
        Resolves the tokens of kernels and jobs.
    parent_run
        Returns the id of the run that a run is nested in, None at the top or when there is no such
        run.
    """

    tokens: Tokens
    parent_run: ParentRun


class _TokenIdentity:
    """Stands in for Jupyter's identity provider in a request with a Trackside token."""

    def __init__(self, provider: IdentityProvider, user: User) -> None:
        self._provider = provider
        self._user = user

    def get_user(self, handler: web.RequestHandler) -> User:  # noqa: ARG002
        return self._user

    def is_token_authenticated(self, handler: web.RequestHandler) -> bool:  # noqa: ARG002
        return True

    def should_check_origin(self, handler: web.RequestHandler) -> bool:  # noqa: ARG002
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)


class _TokenAuthorizer:
    """Stands in for the server's authorizer: the scope of a token is checked by the handlers."""

    def is_authorized(
        self, handler: JupyterHandler, user: User, action: str, resource: str
    ) -> bool:
        del handler, user, action
        return resource == RESOURCE


class TokenDoor(JupyterHandler):
    """Lets Trackside tokens in, and leaves everybody else to Jupyter."""

    auth_resource = RESOURCE
    # Whether a job may use this handler at all; `require_run` then narrows it to the job's run.
    job_access: ClassVar[bool] = False

    core: Core
    principal: Principal | None = None

    def initialize(self, core: Core) -> None:
        """Take the collaborators that the app injects."""
        self.core = core

    @property
    def identity_provider(self) -> IdentityProvider:
        """Jupyter's identity provider, or for a Trackside token its stand-in."""
        provider = super().identity_provider
        if self.principal is None:
            return provider
        name = self.principal.job_id or "kernel"
        return cast("IdentityProvider", _TokenIdentity(provider, User(username=name, name=name)))

    @property
    def authorizer(self) -> Authorizer:
        """The server's authorizer, or for a Trackside token its stand-in."""
        if self.principal is None:
            return super().authorizer
        return cast("Authorizer", _TokenAuthorizer())

    def check_xsrf_cookie(self) -> None:
        """Check for forged requests, unless a token that browsers do not send came along."""
        # Asked here and not of Jupyter, because JupyterHub replaces Jupyter's method.
        if self.principal is None:
            super().check_xsrf_cookie()

    async def prepare(self, **kwargs: Any) -> None:
        """Find out who asks."""
        match = _AUTHORIZATION.match(self.request.headers.get("Authorization", ""))
        if match and is_ours(match[1]) and self.request.method != "OPTIONS":
            self.principal = await self.core.tokens.resolve(match[1])
            if self.principal is None:
                # Not left to Jupyter: where it lets anybody in, an ended job would become a user.
                raise Forbidden(
                    "This Trackside token is not valid: its job ended or the store was replaced.",
                    hint="Start a new kernel or terminal, or run the job again.",
                )
            if self.principal.kind == "job" and not self.job_access:
                raise Forbidden("A job may write to its own run and do nothing else in Trackside.")
        await super().prepare(**kwargs)

    @property
    def actor(self) -> str:
        """The name of whoever asks, for what is written down about them."""
        user = self.current_user
        provider = super().identity_provider
        if self.principal is None and user and type(provider) not in _NAMELESS:
            return str(user.username)
        return account_name()

    async def require_run(self, run_id: str) -> None:
        """Refuse a job that asks for a run other than its own and those nested below it.

        Raises
        ------
        Forbidden
            The request came from a job whose run this is not.
        """
        if self.principal is None or self.principal.kind != "job":
            return
        current: str | None = run_id
        for _ in range(_MAX_NESTING):
            if current is None:
                break
            if current == self.principal.run_id:
                return
            current = await self.core.parent_run(current)
        raise Forbidden(f"This job may only use its own run, and {run_id} is another one.")

    def require_experiment(self, experiment_id: str) -> None:
        """Refuse a job that asks for an experiment other than its own."""
        principal = self.principal
        if (
            principal is not None
            and principal.kind == "job"
            and experiment_id != principal.experiment_id
        ):
            raise Forbidden(
                f"This job may only use its own experiment, and {experiment_id} is another one."
            )

    @property
    def _known(self) -> bool:
        # Asked of Jupyter's own attribute: `current_user` fails before it was determined.
        return getattr(self, "_jupyter_current_user", None) is not None

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log a bug with its traceback, and what the user is told anyway only for debugging."""
        if isinstance(from_sqlite(value), TracksideError):
            self.log.debug("%s %s: %s", self.request.method, self.request.path, value)
        else:
            super().log_exception(typ, value, tb)


class TracksideHandler(TokenDoor, APIHandler):
    """Base of the REST handlers.

    Every verb carries ``@web.authenticated`` and ``@authorized``; it raises domain errors and never
    writes one itself.
    """

    # An open panel is no activity: it must not keep an idle server, and its GPU, alive.
    _track_activity = False
    max_body: ClassVar[int] = MAX_BODY

    def json_object(self) -> dict[str, Any]:
        """Return the JSON object in the body, an empty one for an empty body."""
        body = self.request.body
        if len(body) > self.max_body:
            raise TooLarge(
                f"The request is larger than {self.max_body // 1024 // 1024} MiB.",
                hint="Send it in smaller parts.",
            )
        if not body.strip():
            return {}
        try:
            value = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"The request body is not valid JSON: {error}.") from error
        if not isinstance(value, dict):
            raise InvalidInput("The request body has to be a JSON object.")
        return value

    def integer(self, name: str, default: int, *, low: int = 0, high: int = 2**53) -> int:
        """Return a whole number from the query string, within bounds."""
        text = self.get_query_argument(name, None)
        if text is None:
            return default
        try:
            value = int(text)
        except ValueError:
            raise InvalidInput(f"{name} has to be a whole number, not {text[:50]!r}.") from None
        if not low <= value <= high:
            raise InvalidInput(f"{name} has to lie between {low} and {high}.")
        return value

    def reply(self, value: Any, status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(dumps(value))

    def error_body(self, error: TracksideError, status: int) -> dict[str, Any]:
        """Return the JSON of an error; the MLflow routes have a form of their own."""
        del status
        return {
            "message": error.message,
            "code": error.code,
            "reason": error.reason,
            "hint": error.hint,
        }

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the JSON of an error."""
        raised = kwargs.get("exc_info", (None, None, None))[1]
        error = as_error(raised, status_code)
        status = raised.status_code if isinstance(raised, web.HTTPError) else error.status
        if isinstance(raised, web.HTTPError) and status == Forbidden.status and not self._known:
            error = Forbidden(
                "This Jupyter server does not know who asks.",
                hint="Sign in again, or send the server's token.",
            )
        if status == Unavailable.status:
            self.set_header("Retry-After", "1")
        self.set_status(status)
        self.finish(dumps(self.error_body(error, status)))


class MLflowHandler(TracksideHandler):
    """Base of the handlers that speak MLflow's protocol: its form of errors."""

    def error_body(self, error: TracksideError, status: int) -> dict[str, Any]:
        """Return the JSON of an error as MLflow's clients read it."""
        del status
        message = f"{error.message} {error.hint}" if error.hint else error.message
        return {"error_code": error.code, "message": message}


class TracksideSocket(WebSocketMixin, WebSocketHandler, TokenDoor):
    """Base of the WebSocket handlers.

    A subclass decorates its ``get`` with ``@ws_authenticated``, awaits `admit` there, and then lets
    ``WebSocketHandler`` upgrade the connection.
    """

    async def admit(self) -> None:
        """Ask the authorizer, before the connection is upgraded."""
        user = self.current_user
        allowed = user is not None and await ensure_async(
            self.authorizer.is_authorized(self, user, "execute", RESOURCE)
        )
        if not allowed:
            raise web.HTTPError(403)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer a refused upgrade with the JSON of an error."""
        raised = kwargs.get("exc_info", (None, None, None))[1]
        error = as_error(raised, status_code)
        self.set_status(error.status if isinstance(raised, TracksideError) else status_code)
        self.set_header("Content-Type", "application/json")
        self.finish(dumps({"message": error.message, "code": error.code}))


class NotFoundHandler(TracksideHandler):
    """Answers the paths below ``/trackside/api`` that nothing else does, in JSON."""

    job_access = True

    async def prepare(self, **kwargs: Any) -> None:
        """Refuse before any method is looked up, but only to those who may know."""
        await super().prepare(**kwargs)
        if self.current_user is None:
            raise web.HTTPError(403)
        raise NotFound(
            "Trackside has no such address.", hint="openapi.json lists those that it has."
        )


class UnavailableHandler(APIHandler):
    """Answers everything below ``/trackside`` when the store could not be opened."""

    _track_activity = False

    def initialize(self, error: TracksideError) -> None:
        """Take the reason."""
        self.error = error

    async def prepare(self, **kwargs: Any) -> None:
        """Say what is wrong, to those who may know."""
        await super().prepare(**kwargs)
        if self.current_user is None:
            raise web.HTTPError(403)
        error = self.error
        self.set_status(error.status)
        # Both forms of error in one body, for there is one sentence and nothing else to say.
        self.finish(
            dumps(
                {
                    "message": error.message,
                    "code": error.code,
                    "reason": error.reason,
                    "hint": error.hint,
                    "error_code": error.code,
                }
            )
        )


def as_error(raised: BaseException | None, status: int = 500) -> TracksideError:
    """Return the domain error that tells the user about any exception."""
    known = from_sqlite(raised) if raised is not None else None
    if isinstance(known, TracksideError):
        return known
    if isinstance(raised, web.HTTPError):
        status = raised.status_code
        text = raised.log_message or raised.reason
    else:
        text = None
    if status == 403:
        return Forbidden(text or "Forbidden.")
    if status == 404:
        return NotFound(text or "Not found.")
    if status == 405:
        return InvalidInput("This address does not take such a request.", reason="405")
    if 400 <= status < 500:
        return InvalidInput(text or "The request cannot be understood.", reason=str(status))
    return InternalError(
        "Something went wrong inside Trackside.",
        hint="The Jupyter server's log has the details.",
    )


def dumps(value: Any) -> str:
    """Return JSON that every browser reads: NaN and infinities become strings, as in MLflow."""
    try:
        return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
