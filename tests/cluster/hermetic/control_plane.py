"""etcd, the API server, the controller manager and the scheduler."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cluster.hermetic import access
from tests.cluster.hermetic.paths import built, need
from tests.cluster.hermetic.waiting import free_ports, until

if TYPE_CHECKING:
    from tests.cluster.hermetic.certificates import Authority, Pair
    from tests.cluster.hermetic.processes import Processes

MANAGERS = ("controller-manager", "scheduler")
LOCAL = ("localhost", "127.0.0.1")
SERVICES = "10.96.0.0/16"


class ControlPlane:
    """The part of the cluster that needs no root: everything but what runs pods.

    Parameters
    ----------
    state
        The folder of the cluster.
    processes
        By which its processes are started.
    authority
        Signs the certificates.
    """

    def __init__(self, state: Path, processes: Processes, authority: Authority) -> None:
        self._state = state
        self._processes = processes
        self._authority = authority
        self._api_port, self._etcd_port, self._peer_port = free_ports(3)
        self._serving = authority.issue("kube-apiserver", hosts=LOCAL)
        self._tokens = authority.signing_key()
        self._admin = authority.issue("admin", "system:masters")
        self.server = f"https://127.0.0.1:{self._api_port}"
        self.kubeconfig = self.kubeconfig_of("admin", self._admin)

    def kubectl(self, *args: str, input: str | None = None) -> str:
        """Run ``kubectl`` as an administrator, and return what it prints."""
        return access.kubectl(self.kubeconfig, *args, input=input)

    def kubeconfig_of(self, name: str, pair: Pair) -> Path:
        """Write the kubeconfig file of a part of the cluster, and return where it is."""
        path = self._state / f"{name}.kubeconfig"
        return access.with_certificate(path, self.server, self._authority.file, pair)

    def start(self) -> None:
        """Start etcd and, without waiting for it, the API server."""
        self._start_etcd()
        self.start_api_server()

    def start_managers(self) -> None:
        """Start the controller manager and the scheduler; the API server must be ready."""
        for name in MANAGERS:
            # Its controllers share one identity instead of a service account each, which would take
            # seconds more to come up, so that one needs the rights of them all.
            group = "system:masters" if name == "controller-manager" else ""
            pair = self._authority.issue(f"system:kube-{name}", group)
            flags = [
                f"--kubeconfig={self.kubeconfig_of(name, pair)}",
                "--leader-elect=false",
                "--secure-port=0",
            ]
            if name == "controller-manager":
                flags += [
                    f"--root-ca-file={self._authority.file}",
                    f"--service-account-private-key-file={self._tokens.key}",
                    "--use-service-account-credentials=false",
                    # Of nodes that a test makes nobody else says that they are well.
                    "--node-monitor-grace-period=5m",
                ]
            self._processes.start(name, [built("kube"), name, *flags])

    def restart_managers(self) -> None:
        """Let the controller manager and the scheduler begin anew."""
        for name in MANAGERS:
            self._processes.kill(name)
        self.start_managers()

    def wait_until_ready(self) -> None:
        """Wait until the API server says that it is ready."""
        until(self._is_ready, "an API server that is ready")

    def start_api_server(self) -> None:
        """Start the API server, at the port that it had before."""
        etcd = self._authority.issue("etcd-client")
        kubelet = self._authority.issue("kube-apiserver-kubelet-client", "system:masters")
        front = self._authority.issue("front-proxy-client")
        ca = self._authority.file
        flags = [
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self._api_port}",
            f"--tls-cert-file={self._serving.certificate}",
            f"--tls-private-key-file={self._serving.key}",
            f"--client-ca-file={ca}",
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true",
            f"--etcd-servers=https://127.0.0.1:{self._etcd_port}",
            f"--etcd-cafile={ca}",
            f"--etcd-certfile={etcd.certificate}",
            f"--etcd-keyfile={etcd.key}",
            "--endpoint-reconciler-type=none",
            f"--service-cluster-ip-range={SERVICES}",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={self._tokens.certificate}",
            f"--service-account-signing-key-file={self._tokens.key}",
            "--kubelet-preferred-address-types=Hostname,InternalIP",
            f"--kubelet-certificate-authority={ca}",
            f"--kubelet-client-certificate={kubelet.certificate}",
            f"--kubelet-client-key={kubelet.key}",
            f"--requestheader-client-ca-file={ca}",
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            f"--proxy-client-cert-file={front.certificate}",
            f"--proxy-client-key-file={front.key}",
            "--profiling=false",
        ]
        self._processes.start("apiserver", [built("kube"), "apiserver", *flags])

    def compact(self) -> None:
        """Let etcd forget every revision before the present one."""
        # The API server itself writes all the time, so this is one that it has moved on from soon.
        found = self._etcd("/v3/kv/range", key=base64.b64encode(b"/").decode())
        revision = found["header"]["revision"]
        self._etcd("/v3/kv/compaction", revision=revision, physical=True)

    def _start_etcd(self) -> None:
        pair = self._authority.issue("etcd", hosts=LOCAL)
        client, peer = (f"https://127.0.0.1:{port}" for port in (self._etcd_port, self._peer_port))
        flags = [
            f"--data-dir={self._state / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            f"--trusted-ca-file={self._authority.file}",
            f"--cert-file={pair.certificate}",
            f"--key-file={pair.key}",
            "--client-cert-auth",
            f"--peer-trusted-ca-file={self._authority.file}",
            f"--peer-cert-file={pair.certificate}",
            f"--peer-key-file={pair.key}",
            "--peer-client-cert-auth",
            # What a crash of the machine loses, the end of the tests would remove anyway.
            "--unsafe-no-fsync",
        ]
        self._processes.start("etcd", [need("etcd"), *flags])

    def _is_ready(self) -> bool:
        for name in ("etcd", "apiserver"):
            self._processes.check(name)
        try:
            return self._request(self._api_port, "GET", "/readyz")[0] == http.HTTPStatus.OK
        except OSError:
            return False

    def _etcd(self, path: str, **body: object) -> dict:
        status, answer = self._request(self._etcd_port, "POST", path, json.dumps(body))
        if status != http.HTTPStatus.OK:
            raise OSError(f"etcd answered {status}: {answer.decode()}")
        return json.loads(answer)

    def _request(
        self, port: int, method: str, path: str, body: str | None = None
    ) -> tuple[int, bytes]:
        context = ssl.create_default_context(cafile=self._authority.file)
        context.load_cert_chain(self._admin.certificate, self._admin.key)
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=context)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
