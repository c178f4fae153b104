"""A namespace with a user in it who may do what Trackside's Role permits, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from tests.cluster.hermetic import access
from tests.cluster.hermetic.paths import ROOT
from tests.cluster.hermetic.waiting import until

if TYPE_CHECKING:
    from typing_extensions import Self

USER = "notebook"
ROLE = ROOT / "deploy" / "namespace-role.yaml"


class AnyCluster(Protocol):
    """What a namespace has to know of its cluster."""

    server: str
    ca_file: Path

    def kubectl(self, *args: str, input: str | None = None) -> str:
        """Run ``kubectl`` as an administrator."""


class Namespace:
    """A namespace that is deleted with all that it holds when it is left.

    Parameters
    ----------
    cluster
        Where it is made.
    name
        Its name, which must be free.
    folder
        Where the kubeconfig file of its user is written.

    Attributes
    ----------
    name : str
        The name of the namespace.
    token : str
        That of the service account ``notebook``, good for a day.
    kubeconfig : Path
        A file that leads into this namespace as that service account.
    """

    def __init__(self, cluster: AnyCluster, name: str, folder: Path) -> None:
        self.name = name
        self._cluster = cluster
        cluster.kubectl("create", "namespace", name)
        self.admin("create", "serviceaccount", USER)
        if ROLE.exists():
            self.admin("apply", "-f", str(ROLE))
            self.admin(
                "create",
                "rolebinding",
                "trackside",
                "--role=trackside",
                f"--serviceaccount={name}:{USER}",
            )
        self.token = self.admin("create", "token", USER, "--duration=24h").strip()
        self.kubeconfig = access.with_token(
            folder / f"{name}.kubeconfig",
            cluster.server,
            cluster.ca_file.read_bytes(),
            self.token,
            name,
        )
        # Pods can be created once they would have an identity.
        until(self._has_service_account, f"the service account of pods in {name}")

    def kubectl(self, *args: str, input: str | None = None) -> str:
        """Run ``kubectl`` as the user of the namespace."""
        return access.kubectl(self.kubeconfig, *args, input=input)

    def admin(self, *args: str, input: str | None = None) -> str:
        """Run ``kubectl`` as an administrator, in this namespace."""
        return self._cluster.kubectl(f"--namespace={self.name}", *args, input=input)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Its pods end at once, so that the next test finds their GPUs free.
        self.admin("delete", "pods", "--all", "--force", "--grace-period=0", "--wait=false")
        self._cluster.kubectl("delete", "namespace", self.name, "--wait=false")

    def _has_service_account(self) -> bool:
        found = json.loads(self.admin("get", "serviceaccounts", "-o", "json"))
        return "default" in {item["metadata"]["name"] for item in found["items"]}
