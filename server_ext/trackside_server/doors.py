"""Who asks, and what they may touch.

A request is let in by one of two doors:

- Jupyter's own: whatever identity provider the server has (token, password, hub, none), with XSRF
  and origin checks as everywhere in Jupyter, and the server's authorizer asked for the resource
  ``trackside``.
- A Trackside token in the ``Authorization`` header (see ``identity.py``). It was handed to a kernel
  or job by this server and is its own authorization: all of Trackside for a kernel, one run for a
  job. It is never a cookie, so the checks against forged browser requests do not apply to it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from jupyter_server.auth.identity import (
    IdentityProvider,
    LegacyIdentityProvider,
    PasswordIdentityProvider,
    User,
)
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import ensure_async
from msgspec import Struct
from tornado import web

from .errors import Forbidden, TracksideError, from_sqlite
from .identity import Principal, Tokens, account_name, is_ours

if TYPE_CHECKING:
    from jupyter_server.auth import Authorizer

RESOURCE = "trackside"
# A chain of nested runs longer than this is a mistake (or a circle), not a search.
_MAX_NESTING = 50
_AUTHORIZATION = re.compile(r"(?:token|bearer)\s+(\S+)\s*$", re.IGNORECASE)

# With one token or password for everybody, Jupyter makes names up: the account's name says more.
_NAMELESS = (IdentityProvider, PasswordIdentityProvider, LegacyIdentityProvider)

ParentRun = Callable[[str], Awaitable[str | None]]


class Core(Struct, frozen=True):
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

    async def require_run(self, principal: Principal | None, run_id: str) -> None:
        """Refuse a job that asks for a run other than its own and those nested below it."""
        if principal is None or principal.kind != "job":
            return
        current: str | None = run_id
        for _ in range(_MAX_NESTING):
            if current is None:
                break
            if current == principal.run_id:
                return
            current = await self.parent_run(current)
        raise Forbidden(f"This job may only use its own run, and {run_id} is another one.")


def require_experiment(principal: Principal | None, experiment_id: str) -> None:
    """Refuse a job that asks for an experiment other than its own."""
    if (
        principal is not None
        and principal.kind == "job"
        and experiment_id != principal.experiment_id
    ):
        raise Forbidden(
            f"This job may only use its own experiment, and {experiment_id} is another one."
        )


def bearer(authorization: str) -> str | None:
    """Give the token of an ``Authorization`` header; None when it holds none."""
    match = _AUTHORIZATION.match(authorization)
    return match[1] if match else None


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
        token = bearer(self.request.headers.get("Authorization", ""))
        if token and is_ours(token) and self.request.method != "OPTIONS":
            self.principal = await self.core.tokens.resolve(token)
            if self.principal is None:
                # Not left to Jupyter: where it lets anybody in, an ended job would become a user.
                raise Forbidden(
                    "This Trackside token is not valid: its job ended or the store was replaced.",
                    hint="Start a new kernel or terminal, or run the job again.",
                )
            if self.principal.kind == "job" and not self.job_access:
                raise Forbidden(
                    "A job may write to its own run and do nothing else in Trackside.",
                    hint="Leave out what starts or looks for other jobs where TRACKSIDE_JOB_ID is "
                    "set.",
                )
        await super().prepare(**kwargs)

    async def admit(self, action: str) -> None:
        """Ask the authorizer where its decorator would come too late: a body is on its way."""
        user = self.current_user
        if user is None or not await ensure_async(
            self.authorizer.is_authorized(self, user, action, RESOURCE)
        ):
            raise web.HTTPError(403)

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
        await self.core.require_run(self.principal, run_id)

    def require_experiment(self, experiment_id: str) -> None:
        """Refuse a job that asks for an experiment other than its own."""
        require_experiment(self.principal, experiment_id)

    @property
    def _known(self) -> bool:
        # Asked of Jupyter's own attribute: `current_user` fails before it was determined.
        return getattr(self, "_jupyter_current_user", None) is not None

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer with an error; an answer that has begun is broken off, or it would look whole."""
        if not self._headers_written:
            super().send_error(status_code, **kwargs)
        elif not self._finished:
            if self.request.connection is not None:
                self.request.connection.stream.close()  # type: ignore[attr-defined]
            self.finish()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log a bug with its traceback, and what the user is told anyway only for debugging."""
        if isinstance(from_sqlite(value), TracksideError):
            self.log.debug("%s %s: %s", self.request.method, self.request.path, value)
        else:
            super().log_exception(typ, value, tb)
