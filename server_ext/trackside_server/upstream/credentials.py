"""What proves to the MLflow server who asks; it stays in this process and in no log.

As MLflow's clients do it, with the same variables: a bearer token, a user name with a password, or
on Kubernetes the token of the pod's service account, which rotates and is read again, with the
namespace as the workspace.
"""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from trackside_server.errors import InvalidInput

from .address import Address
from .errors import UpstreamMisconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping

Auth = Literal["auto", "none", "bearer", "basic", "kubernetes", "kubernetes-namespaced"]
AUTHS: Final = ("auto", "none", "bearer", "basic", "kubernetes", "kubernetes-namespaced")
WORKSPACE: Final = "X-MLFLOW-WORKSPACE"
SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
# How long a token from a file is used until the file is looked at again.
_FRESH: Final = 10.0
_MAX_TOKEN: Final = 64 * 1024


@dataclass
class Credentials:
    """Makes the headers that prove who asks.

    Attributes
    ----------
    authorization
        The whole header, when it does not change.
    token_file
        The file of a bearer token that may change.
    workspace
        The workspace of the server that is used.
    """

    authorization: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    workspace: str | None = None
    _read: tuple[float, str] | None = field(default=None, repr=False)

    async def headers(self) -> dict[str, str]:
        """Give the headers of a request that is sent now.

        Raises
        ------
        UpstreamMisconfigured
            The file of the token cannot be used.
        """
        found: dict[str, str] = {}
        authorization = self.authorization
        if self.token_file is not None:
            if self._read is None or time.monotonic() - self._read[0] > _FRESH:
                token = await asyncio.to_thread(_token_of, self.token_file)
                self._read = (time.monotonic(), token)
            authorization = f"Bearer {self._read[1]}"
        if authorization is not None:
            found["Authorization"] = authorization
        if self.workspace:
            found[WORKSPACE] = self.workspace
        return found

    def refused(self) -> None:
        """Read the token again before the next request: the server did not take this one."""
        self._read = None


def find(
    uri: str,
    auth: Auth,
    token_file: str,
    workspace: str,
    environment: Mapping[str, str],
) -> tuple[Address, Credentials]:
    """Read address and credentials from the settings and the variables of MLflow's clients.

    Parameters
    ----------
    uri
        ``Trackside.tracking_uri``.
    auth, token_file, workspace
        ``Trackside.tracking_auth``, ``tracking_token_file`` and ``tracking_workspace``.
    environment
        The variables of this process.

    Raises
    ------
    InvalidInput
        They contradict each other or lack something.
    """
    address, user, password = Address.parse(uri)
    if not is_about(environment, address):
        # They belong to another server, which alone may see them.
        environment = {}
    token = environment.get("MLFLOW_TRACKING_TOKEN") or None
    user = user or environment.get("MLFLOW_TRACKING_USERNAME") or None
    password = password or environment.get("MLFLOW_TRACKING_PASSWORD") or None
    asked = environment.get("MLFLOW_TRACKING_AUTH")
    if auth == "auto" and not token_file and asked in ("kubernetes", "kubernetes-namespaced"):
        auth = "kubernetes" if asked == "kubernetes" else "kubernetes-namespaced"
    place = workspace or environment.get("MLFLOW_WORKSPACE") or None
    if auth == "none":
        return address, Credentials(workspace=place)
    if auth in ("kubernetes", "kubernetes-namespaced"):
        file = Path(token_file).expanduser() if token_file else SERVICE_ACCOUNT / "token"
        if auth == "kubernetes-namespaced" and place is None:
            place = _namespace()
        return address, Credentials(token_file=file, workspace=place)
    if token_file and auth in ("auto", "bearer"):
        return address, Credentials(token_file=Path(token_file).expanduser(), workspace=place)
    # A name with a password goes before a token, as in MLflow's clients.
    if user and password and auth in ("auto", "basic"):
        encoded = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        return address, Credentials(f"Basic {encoded}", workspace=place)
    if token and auth in ("auto", "bearer"):
        return address, Credentials(f"Bearer {_clean(token)}", workspace=place)
    if auth == "basic":
        raise InvalidInput(
            "tracking_auth is 'basic', and there is no user name with a password.",
            hint="Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD before Jupyter starts.",
        )
    if auth == "bearer":
        raise InvalidInput(
            "tracking_auth is 'bearer', and there is no token.",
            hint="Set Trackside.tracking_token_file, or MLFLOW_TRACKING_TOKEN before Jupyter "
            "starts.",
        )
    return address, Credentials(workspace=place)


def is_about(environment: Mapping[str, str], address: Address) -> bool:
    """Whether the variables of MLflow's clients are for this server: they name it, or none."""
    named = environment.get("MLFLOW_TRACKING_URI")
    if not named:
        return True
    try:
        return Address.parse(named)[0] == address
    except InvalidInput:
        return False


def _namespace() -> str:
    try:
        return (SERVICE_ACCOUNT / "namespace").read_text(encoding="utf-8").strip()
    except OSError:
        raise InvalidInput(
            "tracking_auth is 'kubernetes-namespaced', and this pod's namespace is unknown.",
            hint="Set Trackside.tracking_workspace to the namespace.",
        ) from None


def _token_of(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(_MAX_TOKEN).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise UpstreamMisconfigured(
            f"The token for the MLflow server cannot be read from {file}: {why}.",
            hint="Set Trackside.tracking_token_file to a file that holds it.",
        ) from None
    if not text:
        raise UpstreamMisconfigured(
            f"The file {file} holds no token for the MLflow server.",
            hint="Write the token into it; it is read again within seconds.",
        )
    return _clean(text)


def _clean(token: str) -> str:
    if not token.isascii() or any(mark.isspace() or not mark.isprintable() for mark in token):
        raise UpstreamMisconfigured(
            "The token for the MLflow server holds characters that no header may carry.",
            hint="Write the bare token, in one line.",
        )
    return token
