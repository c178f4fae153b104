"""JobSet, Kueue and Kubeflow Trainer, which come when a test asks for them.

They run as processes and not as pods, so that their images need not be made. Each sees a folder
as the root of the file system: they look for certificates at fixed places.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.cluster.hermetic import images, manifests
from tests.cluster.hermetic.control_plane import LOCAL
from tests.cluster.hermetic.paths import built, need
from tests.cluster.hermetic.waiting import free_ports, is_healthy, until

if TYPE_CHECKING:
    from tests.cluster.hermetic.certificates import Authority
    from tests.cluster.hermetic.control_plane import ControlPlane
    from tests.cluster.hermetic.processes import Processes

# In the order in which they are started: Trainer makes JobSets.
NEEDS = {"jobset": (), "kueue": (), "trainer": ("jobset",)}

# Where they look for the certificate of what they serve, each as `tls.crt` and `tls.key`.
CERTIFICATES = (
    "tmp/k8s-webhook-server/serving-certs",
    "tmp/k8s-metrics-server/serving-certs",
    "etc/kueue/metrics/certs",
    "visibility",
)

_VISIBILITY = "visibility-server"


class Ports(NamedTuple):
    """Where a controller listens."""

    webhook: int
    health: int
    more: int


class Controllers:
    """The controllers of one cluster.

    Parameters
    ----------
    state
        The folder of the cluster.
    processes
        By which they are started.
    plane
        What they talk to.
    authority
        Signs their certificates.
    """

    def __init__(
        self, state: Path, processes: Processes, plane: ControlPlane, authority: Authority
    ) -> None:
        self._root = state / "controllers"
        self._processes = processes
        self._plane = plane
        self._authority = authority
        self._ports: dict[str, Ports] = {}
        self._running: set[str] = set()

    def start(self, names: Iterable[str]) -> None:
        """Start controllers that do not run yet, and wait until they do their work."""
        wanted = {needed for name in names for needed in (name, *NEEDS[name])} - self._running
        chosen = [name for name in NEEDS if name in wanted]
        if not chosen:
            return
        self._make_root()
        bundle = self._authority.file.read_bytes()
        for name in chosen:
            self._ports[name] = Ports(*free_ports(3))
            manifests.apply_kinds(self._plane.kubectl, name, self._ports[name].webhook, bundle)
        # Kueue supports the kinds of Trainer if they are there when it starts.
        if "trainer" in chosen and "kueue" in self._running:
            self._processes.kill("kueue")
            self._launch("kueue")
        for name in chosen:
            self._write(name)
            self._launch(name)
        self._running.update(chosen)
        for name in self._running:
            until(lambda name=name: self._is_ready(name), f"{name} to be ready")
        for name in chosen:
            # Before they listened, they would have turned everything away.
            manifests.apply_webhooks(self._plane.kubectl, name, self._ports[name].webhook, bundle)
        if "kueue" in chosen:
            self._serve_visibility()
        if "trainer" in chosen:
            manifests.apply_torch_runtime(self._plane.kubectl, images.PYTHON)

    def _make_root(self) -> None:
        if self._root.exists():
            return
        names = (*LOCAL, f"{_VISIBILITY}.kueue-system.svc")
        pair = self._authority.issue("controllers", "system:masters", hosts=names)
        for place in CERTIFICATES:
            folder = self._root / place
            folder.mkdir(parents=True)
            shutil.copy(pair.certificate, folder / "tls.crt")
            shutil.copy(pair.key, folder / "tls.key")
        shutil.copy(self._plane.kubeconfig_of("controllers", pair), self._root / "kubeconfig")

    def _write(self, name: str) -> None:
        """Write the configuration of a controller into its folder, beside the program."""
        ports = self._ports[name]
        config = {
            "kind": "Configuration",
            "webhook": {"host": "127.0.0.1", "port": ports.webhook},
            "health": {"healthProbeBindAddress": f"127.0.0.1:{ports.health}"},
            "metrics": {"bindAddress": "0"},
            "leaderElection": {"leaderElect": False},
            **_SPECIAL[name],
        }
        if name == "kueue":
            config["visibilityServer"] = {"bindAddress": "127.0.0.1", "bindPort": ports.more}
        (self._root / f"{name}.json").write_text(json.dumps(config))
        shutil.copy(built(name), self._root / name)

    def _launch(self, name: str) -> None:
        flags = [f"--config=/{name}.json", "--kubeconfig=/kubeconfig"]
        self._processes.start(name, [need("chroot"), str(self._root), f"/{name}", *flags])

    def _is_ready(self, name: str) -> bool:
        self._processes.check(name)
        return is_healthy(self._ports[name].health, "/readyz")

    def _serve_visibility(self) -> None:
        """Let the API server pass questions for places in line on to Kueue."""
        manifests.apply(
            self._plane.kubectl,
            *manifests.aggregated(
                "visibility.kueue.x-k8s.io",
                "v1beta2",
                ("kueue-system", _VISIBILITY),
                self._ports["kueue"].more,
                self._authority.file.read_bytes(),
            ),
        )
        name = "apiservice/v1beta2.visibility.kueue.x-k8s.io"
        self._plane.kubectl("wait", name, "--for=condition=Available", "--timeout=200s")


_SPECIAL = {
    "jobset": {
        "apiVersion": "config.jobset.x-k8s.io/v1alpha1",
        "internalCertManagement": {"enable": False},
    },
    "kueue": {
        "apiVersion": "config.kueue.x-k8s.io/v1beta2",
        "internalCertManagement": {"enable": False},
        "integrations": {
            "frameworks": [
                "batch/job",
                "jobset.x-k8s.io/jobset",
                "trainer.kubeflow.org/trainjob",
            ]
        },
    },
    "trainer": {
        "apiVersion": "config.trainer.kubeflow.org/v1alpha1",
        "certManagement": {"enable": False},
    },
}
