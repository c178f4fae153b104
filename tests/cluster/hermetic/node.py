"""The one node: containerd, the network of its pods, and the kubelet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cluster.hermetic import access, gpus, images
from tests.cluster.hermetic.control_plane import LOCAL
from tests.cluster.hermetic.paths import CNI_PLUGINS, SEARCH, built, need
from tests.cluster.hermetic.supervisor import NODE
from tests.cluster.hermetic.waiting import free_ports, is_healthy, until

if TYPE_CHECKING:
    from tests.cluster.hermetic.certificates import Authority
    from tests.cluster.hermetic.control_plane import ControlPlane
    from tests.cluster.hermetic.host import Place
    from tests.cluster.hermetic.processes import Processes

# The API server reaches the kubelet by the name of the node, which has to lead to this machine.
NAME = "localhost"
DOMAIN = "cluster.local"

# Below /run, which the cluster has of its own: a socket's path may not be long.
_SOCKET = "/run/containerd/containerd.sock"

_CONTAINERD = """
version = 2
root = "{root}"
state = "/run/containerd"

[grpc]
  address = "{socket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  disable_tcp_service = true
  stream_server_address = "127.0.0.1"
  # Some machines withhold the right to protect processes from the out-of-memory killer.
  restrict_oom_score_adj = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{plugins}"
    conf_dir = "{network}"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
"""


class Node:
    """What runs pods.

    Parameters
    ----------
    state
        The folder of the cluster.
    processes
        By which its processes are started.
    plane
        Where it registers.
    authority
        Signs the kubelet's certificates.
    gpu_count
        How many GPUs it has.
    """

    def __init__(
        self,
        state: Path,
        processes: Processes,
        plane: ControlPlane,
        authority: Authority,
        gpu_count: int,
    ) -> None:
        self._state = state
        self._processes = processes
        self._place = processes.place
        self._plane = plane
        self._authority = authority
        self._gpu_count = gpu_count
        self._starts = 0
        self._port, self._health_port = free_ports(2)

    def start_containerd(self) -> None:
        """Start containerd and give it the images, without waiting for that."""
        network = self._state / "network"
        network.mkdir()
        (network / "10-trackside.conflist").write_text(json.dumps(_network(self._place)))
        config = self._state / "containerd.toml"
        config.write_text(
            _CONTAINERD.format(
                root=self._state / NODE / "containerd",
                socket=_SOCKET,
                pause=images.PAUSE,
                plugins=CNI_PLUGINS,
                network=network,
            )
        )
        self._processes.start(
            "containerd",
            [need("containerd"), f"--config={config}"],
            # It looks for its shim and for runc there.
            env={"PATH": SEARCH},
        )
        pause = self._state / "pause.tar"
        images.make_pause(pause)
        bare = self._state / "bare.tar"
        images.make_bare(bare)
        self._import("images", pause, bare, images.ARCHIVE)

    def start_kubelet(self) -> None:
        """Start the kubelet, once the images are there, and the plug-in that gives it GPUs."""
        self._processes.finish("images")
        config = self._state / "kubelet.json"
        config.write_text(json.dumps(self._config()))
        pair = self._authority.issue(f"system:node:{NAME}", "system:nodes")
        kubeconfig = self._plane.kubeconfig_of("kubelet", pair)
        root = self._state / NODE / "kubelet"
        flags = [
            f"--config={config}",
            f"--kubeconfig={kubeconfig}",
            f"--root-dir={root}",
            f"--cert-dir={root / 'pki'}",
            f"--hostname-override={NAME}",
            f"--node-labels={gpus.labels(self._gpu_count)}",
        ]
        self._starts += 1
        self._processes.start("kubelet", [built("kube"), "kubelet", *flags], env={"PATH": SEARCH})

    def add_image(self, archive: Path) -> None:
        """Give containerd one more image."""
        name = f"image-{archive.stem}"
        self._import(name, archive)
        self._processes.finish(name)

    def start_gpus(self) -> None:
        """Start the plug-in that gives the kubelet GPUs, also when that comes back."""
        self._processes.start("gpu", [built("gpu"), str(self._gpu_count)])

    def start_dns(self) -> None:
        """Start the cluster's DNS, where pods look for it."""
        config = self._state / "Corefile"
        config.write_text(
            f"{DOMAIN}:53 {{\n"
            f"  bind {self._place.gateway}\n"
            "  errors\n"
            f"  kubernetes {DOMAIN} {{\n"
            f"    kubeconfig {self._plane.kubeconfig}\n"
            "  }\n"
            "}\n"
        )
        self._processes.start("dns", [built("dns"), f"-conf={config}"])

    def wait_until_ready(self) -> None:
        """Wait until the kubelet that was started last does its work."""
        until(self._is_ready, f"the node, with {self._gpu_count} GPUs")

    def _import(self, name: str, *archives: Path) -> None:
        ctr = f"{need('ctr')} --address {_SOCKET} --connect-timeout 60s --namespace k8s.io"
        script = (
            # containerd may just have been started, and listens in a moment.
            f"until {ctr} version >/dev/null 2>&1; do sleep 0.1; done; "
            f'for archive in "$@"; do {ctr} images import "$archive"; done'
        )
        self._processes.start(name, ["/bin/sh", "-euc", script, name, *map(str, archives)])

    def _is_ready(self) -> bool:
        for name in ("containerd", "kubelet", "gpu", "dns"):
            self._processes.check(name)
        # What the API server says of a node may still be what a kubelet before told it.
        if self._processes.log("gpu").count("registered") < self._starts:
            return False
        if not is_healthy(self._health_port, "/healthz"):
            return False
        try:
            found = json.loads(self._plane.kubectl("get", "node", NAME, "-o", "json"))
        except access.CommandFailed:
            return False
        status = found["status"]
        conditions = {known["type"]: known["status"] for known in status.get("conditions", [])}
        # A node that became ready still turns pods away until a controller has seen that.
        return (
            conditions.get("Ready") == "True"
            and not found["spec"].get("taints")
            and int(status.get("allocatable", {}).get(gpus.RESOURCE, 0)) == self._gpu_count
        )

    def _config(self) -> dict:
        pair = self._authority.issue("kubelet-serving", hosts=LOCAL)
        volumes = self._state / NODE / "volume-plugins"
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": "127.0.0.1",
            "port": self._port,
            "healthzBindAddress": "127.0.0.1",
            "healthzPort": self._health_port,
            "readOnlyPort": 0,
            "tlsCertFile": str(pair.certificate),
            "tlsPrivateKeyFile": str(pair.key),
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": False},
                "x509": {"clientCAFile": str(self._authority.file)},
            },
            "authorization": {"mode": "AlwaysAllow"},
            "containerRuntimeEndpoint": f"unix://{_SOCKET}",
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{self._place.cgroup}",
            "failCgroupV1": False,
            "failSwapOn": False,
            "enforceNodeAllocatable": [],
            "makeIPTablesUtilChains": False,
            "resolvConf": "",
            "clusterDomain": DOMAIN,
            "clusterDNS": [self._place.gateway],
            "podLogsDir": str(self._state / NODE / "pod-logs"),
            "volumePluginDir": str(volumes),
            # A disk that is fairly full, as those of laptops are, is no reason to turn pods away.
            "evictionHard": {"memory.available": "50Mi", "nodefs.available": "100Mi"},
            # What was imported could not be pulled again.
            "imageGCHighThresholdPercent": 100,
            "imageGCLowThresholdPercent": 99,
        }


def _network(place: Place) -> dict:
    return {
        "cniVersion": "0.4.0",
        "name": "trackside",
        "plugins": [
            {
                "type": "bridge",
                "bridge": place.bridge,
                # The bridge has its address already. A plug-in that gave it one would also turn
                # forwarding on, for the whole machine.
                "isGateway": False,
                "ipMasq": False,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": place.subnet, "gateway": place.gateway}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    "dataDir": "/run/cni",
                },
            },
            {"type": "loopback"},
        ],
    }
