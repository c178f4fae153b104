"""A cluster that is already there, such as a colleague's with real GPUs."""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path

import pytest
from tests.cluster.hermetic import access, images

GROUPS = {
    "jobset": "jobset.x-k8s.io/",
    "kueue": "kueue.x-k8s.io/",
    "trainer": "trainer.kubeflow.org/",
}


class ClusterElsewhere:
    """As much of :class:`Cluster` as one who did not start it can have.

    Parameters
    ----------
    kubeconfig
        A file that leads to it as an administrator.
    """

    # To be put there by whoever owns it, for example with `kind load` or a registry of its own.
    image = images.PYTHON
    bare_image = images.BARE
    kfp_image = images.KFP

    def __init__(self, kubeconfig: str) -> None:
        self.kubeconfig = Path(kubeconfig)
        view = ["config", "view", "--minify", "--flatten", "-o", "json"]
        found = json.loads(self.kubectl(*view))["clusters"][0]["cluster"]
        self.server = found["server"]
        self._folder = tempfile.TemporaryDirectory(prefix="trackside-cluster-")
        self.ca_file = Path(self._folder.name, "ca.crt")
        self.ca_file.write_bytes(base64.b64decode(found["certificate-authority-data"]))
        nodes = json.loads(self.kubectl("get", "nodes", "-o", "json"))["items"]
        self.can_run_pods = bool(nodes)
        self.why_not = "" if nodes else "The cluster that the tests run in has no nodes."
        self.node = nodes[0]["metadata"]["name"] if nodes else ""

    def close(self) -> None:
        """Remove what was written on this machine; the cluster stays as it is."""
        self._folder.cleanup()

    def kubectl(self, *args: str, input: str | None = None) -> str:
        """Run ``kubectl`` as an administrator, and return what it prints."""
        return access.kubectl(self.kubeconfig, *args, input=input)

    def add_kfp_image(self, packages: Path) -> None:
        """Do nothing: as the other images it is there, or put there by its owner."""

    def start_controllers(self, *names: str) -> None:
        """See that controllers are installed there; skip the test that needs one that is not."""
        served = self.kubectl("api-versions")
        for name in names:
            if GROUPS[name] not in served:
                pytest.skip(f"{name} is not installed in the cluster that the tests run in.")
