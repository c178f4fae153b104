"""The settings that name an MLflow server, and what is made of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from traitlets import Enum, Unicode
from traitlets.config import Configurable

from trackside_server.outside.client import Trust

from .client import Client
from .credentials import AUTHS, find, is_about

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .credentials import Auth

# What must not be inherited by kernels and jobs: it proves to the MLflow server who asks.
_SECRETS = ("MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
# Belongs to connections that only this server makes.
_CONNECTION = (
    "MLFLOW_TRACKING_AUTH",
    "MLFLOW_TRACKING_URI",
    "MLFLOW_TRACKING_SERVER_CERT_PATH",
    "MLFLOW_TRACKING_CLIENT_CERT_PATH",
    "MLFLOW_TRACKING_INSECURE_TLS",
)


class UpstreamSettings(Configurable):
    """The part of the extension's settings about an outside MLflow server."""

    tracking_uri = Unicode(
        "",
        help="""The address of an MLflow server (2.9 or newer) that keeps the runs, such as
        `https://mlflow.example.org/team`.

        Empty (the default) means the store of this server. Runs, models and artifacts then are
        those of the MLflow server; jobs, logs and bundles stay here.""",
    ).tag(config=True)

    tracking_auth = Enum(
        AUTHS,
        default_value="auto",
        help="""How this server proves to the MLflow server who it is.

        `auto` (the default) uses what is there, as MLflow's clients do: the token in
        `tracking_token_file`, MLFLOW_TRACKING_USERNAME with MLFLOW_TRACKING_PASSWORD, or
        MLFLOW_TRACKING_TOKEN. `kubernetes` sends the token of the pod's service account,
        `kubernetes-namespaced` its namespace as the workspace, too. Secrets are read from files
        and variables only, and kernels and jobs do not inherit them.""",
    ).tag(config=True)

    tracking_token_file = Unicode(
        "",
        help="""A file with the bearer token for the MLflow server.

        It is read again within seconds when it changes, as tokens of Kubernetes do.""",
    ).tag(config=True)

    tracking_workspace = Unicode(
        "",
        help="""The workspace of the MLflow server that is used, for servers that have workspaces.

        Empty (the default) means MLFLOW_WORKSPACE; with `kubernetes-namespaced`, the namespace
        of the pod.""",
    ).tag(config=True)

    tracking_ca_file = Unicode(
        "",
        help="""A file with the certificates of the authorities that vouch for the MLflow server.

        Empty (the default) means MLFLOW_TRACKING_SERVER_CERT_PATH, else those of the system.""",
    ).tag(config=True)

    def upstream_client(self, environment: Mapping[str, str] = os.environ) -> Client | None:
        """Make the client of the MLflow server; None when none is set.

        Raises
        ------
        TracksideError
            The settings contradict each other or lack something.
        """
        if not self.tracking_uri.strip():
            return None
        address, credentials = find(
            self.tracking_uri,
            cast("Auth", self.tracking_auth),
            self.tracking_token_file,
            self.tracking_workspace,
            environment,
        )
        trust = Trust(
            self.tracking_ca_file or environment.get("MLFLOW_TRACKING_SERVER_CERT_PATH", ""),
            environment.get("MLFLOW_TRACKING_CLIENT_CERT_PATH", ""),
            environment.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() == "true",
        )
        return Client(address, credentials, trust=trust)


def hide_credentials(client: Client) -> dict[str, str]:
    """Take what proves to the MLflow server who asks out of what kernels and jobs inherit.

    Parameters
    ----------
    client
        The server's; variables that are about another server stay.

    Returns
    -------
    dict
        What was taken, to be put back.
    """
    taken: dict[str, str] = {}
    if not is_about(os.environ, client.address):
        return taken
    for name in (*_SECRETS, *_CONNECTION):
        value = os.environ.pop(name, None)
        if value is not None:
            taken[name] = value
    return taken
