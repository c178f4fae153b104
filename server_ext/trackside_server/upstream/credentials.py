"""What proves to the MLflow server who asks.

As MLflow's clients do it, with the same variables: a bearer token, a user name with a password, or
on Kubernetes the token of the pod's service account, which rotates and is read again, with the
namespace as the workspace.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from trackside_server.errors import InvalidInput
from trackside_server.outside.address import Address
from trackside_server.outside.credentials import Credentials, bare

from .words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

Auth = Literal["auto", "none", "bearer", "basic", "kubernetes", "kubernetes-namespaced"]
AUTHS: Final = ("auto", "none", "bearer", "basic", "kubernetes", "kubernetes-namespaced")
WORKSPACE: Final = "X-MLFLOW-WORKSPACE"
SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


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
        return address, Credentials(WORDS, fixed=_of_workspace(place))
    if auth in ("kubernetes", "kubernetes-namespaced"):
        file = Path(token_file).expanduser() if token_file else SERVICE_ACCOUNT / "token"
        if auth == "kubernetes-namespaced" and place is None:
            place = _namespace()
        return address, Credentials(WORDS, token_file=file, fixed=_of_workspace(place))
    if token_file and auth in ("auto", "bearer"):
        file = Path(token_file).expanduser()
        return address, Credentials(WORDS, token_file=file, fixed=_of_workspace(place))
    # A name with a password goes before a token, as in MLflow's clients.
    if user and password and auth in ("auto", "basic"):
        encoded = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        return address, Credentials(WORDS, f"Basic {encoded}", fixed=_of_workspace(place))
    if token and auth in ("auto", "bearer"):
        authorization = f"Bearer {bare(token, WORDS)}"
        return address, Credentials(WORDS, authorization, fixed=_of_workspace(place))
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
    return address, Credentials(WORDS, fixed=_of_workspace(place))


def is_about(environment: Mapping[str, str], address: Address) -> bool:
    """Whether the variables of MLflow's clients are for this server: they name it, or none."""
    named = environment.get("MLFLOW_TRACKING_URI")
    if not named:
        return True
    try:
        return Address.parse(named)[0] == address
    except InvalidInput:
        return False


def _of_workspace(name: str | None) -> dict[str, str]:
    return {WORKSPACE: name} if name else {}


def _namespace() -> str:
    try:
        return (SERVICE_ACCOUNT / "namespace").read_text(encoding="utf-8").strip()
    except OSError:
        raise InvalidInput(
            "tracking_auth is 'kubernetes-namespaced', and this pod's namespace is unknown.",
            hint="Set Trackside.tracking_workspace to the namespace.",
        ) from None
