"""A whole cluster, as a test uses it."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from tests.cluster.hermetic import access, host, images, node
from tests.cluster.hermetic.certificates import Authority
from tests.cluster.hermetic.control_plane import ControlPlane
from tests.cluster.hermetic.controllers import Controllers
from tests.cluster.hermetic.paths import Missing
from tests.cluster.hermetic.processes import Processes
from tests.cluster.hermetic.waiting import until


class Cluster:
    """A real Kubernetes of one node with GPUs, which leaves nothing behind.

    Parameters
    ----------
    state
        A folder of its own. It is made if need be, and removed at the end.
    gpu_count
        How many GPUs the node has. Their number and names are as real as those of a data centre;
        there is nothing behind them.

    Attributes
    ----------
    server : str
        The URL of the API server.
    ca_file : Path
        The certificate authority that its certificate is checked with.
    kubeconfig : Path
        For an administrator.
    can_run_pods : bool
        Whether there is a node.
    why_not : str
        What keeps it from being there.
    image : str
        The image with Python. It is there: no policy but ``Always`` pulls it.
    kfp_image : str
        The one that `add_kfp_image` adds.
    node : str
        The name of the node.
    host_address : str
        Where pods reach what listens on this machine, if it listens there.
    place : Place
        What it has of this machine.
    """

    image = images.PYTHON
    bare_image = images.BARE
    kfp_image = images.KFP
    node = node.NAME

    def __init__(self, state: Path, gpu_count: int = 4) -> None:
        self._state = Path(state)
        self._gpu_count = gpu_count

    def start(self) -> Cluster:
        """Start the cluster, and wait until pods can be created and would be run.

        Raises
        ------
        Missing
            This machine has not what it is made of.
        NotStarted
            It did not come up.
        """
        if sys.platform != "linux":
            raise Missing("The tests' cluster runs on Linux alone.")
        self._state.mkdir(parents=True, exist_ok=True)
        self._state = self._state.resolve()
        self.why_not = host.why_no_pods(self._state)
        if not self.why_not and not images.ARCHIVE.exists():
            self.why_not = "The Python image was not made yet: run 'make .make/cluster'."
        self.can_run_pods = not self.why_not
        self._processes = Processes(self._state)
        self.place = self._processes.place
        self.host_address = self.place.gateway if self.can_run_pods else "127.0.0.1"
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End everything, and give the host back as it was."""
        self._processes.end()

    def kubectl(self, *args: str, input: str | None = None) -> str:
        """Run ``kubectl`` as an administrator, and return what it prints."""
        return self._plane.kubectl(*args, input=input)

    def stop_api_server(self) -> None:
        """End the API server as a crash does: connections are refused."""
        self._processes.kill("apiserver")

    def start_api_server(self) -> None:
        """Start the API server again, at the same address, and wait until it is ready."""
        self._plane.start_api_server()
        self._plane.wait_until_ready()
        # After some failures they try again more and more rarely. Fresh ones look at once.
        self._plane.restart_managers()

    def pause_api_server(self) -> None:
        """Let the API server hang: connections are made, and nothing is answered."""
        self._processes.signal("apiserver", signal.SIGSTOP)

    def resume_api_server(self) -> None:
        """Let the API server go on."""
        self._processes.signal("apiserver", signal.SIGCONT)
        self._plane.wait_until_ready()

    def stop_kubelet(self) -> None:
        """Stop the kubelet; containers run on, and nobody reports on them."""
        self._processes.stop("kubelet")

    def start_kubelet(self) -> None:
        """Start the kubelet again, and wait until its node is ready and has its GPUs."""
        self._node.start_kubelet()
        self._node.wait_until_ready()

    def start_controllers(self, *names: str) -> None:
        """Start controllers, unless they run, and wait until they do their work.

        Parameters
        ----------
        names
            Of ``jobset``, ``kueue`` and ``trainer``, which brings ``jobset`` with it. Trainer also
            gets its runtime ``torch-distributed``, with the cluster's Python image.
        """
        self._controllers.start(names)

    def add_kfp_image(self, packages: Path) -> None:
        """Give the node an image in which Python components run as they were compiled.

        Parameters
        ----------
        packages
            The folder that the SDK of KFP was installed to.
        """
        archive = self._state / "kfp.tar"
        images.make_kfp(archive, packages)
        self._node.add_image(archive)

    def compact(self) -> None:
        """Make everything that clients have seen so far too old to go on from: they get 410.

        The API server is restarted, because it remembers recent events itself.
        """
        # The present revision is one that nobody has seen yet.
        self.kubectl("create", "configmap", "compacted", "--namespace=kube-system")
        self.kubectl("delete", "configmap", "compacted", "--namespace=kube-system")
        self.stop_api_server()
        self._plane.compact()
        self.start_api_server()

    def _start(self) -> None:
        authority = Authority(self._state / "certificates")
        self.ca_file = authority.file
        self._plane = ControlPlane(self._state, self._processes, authority)
        self.server = self._plane.server
        self.kubeconfig = self._plane.kubeconfig
        self._node = node.Node(
            self._state, self._processes, self._plane, authority, self._gpu_count
        )
        self._controllers = Controllers(self._state, self._processes, self._plane, authority)
        self._plane.start()
        if self.can_run_pods:
            self._node.start_containerd()
        self._plane.wait_until_ready()
        self._plane.start_managers()
        if self.can_run_pods:
            self._node.start_dns()
            self._node.start_kubelet()
            self._node.start_gpus()
            self._node.wait_until_ready()
        until(self._has_service_account, "the service account of new pods")

    def _has_service_account(self) -> bool:
        try:
            return bool(self.kubectl("get", "serviceaccount", "default"))
        except access.CommandFailed:
            return False
