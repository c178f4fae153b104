"""Which cluster there is and as whom to ask it: this pod's service account, or a kubeconfig."""

from __future__ import annotations

import os
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.errors import ClusterUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_KEYS = ("authorization", "BearerToken")
_RENEW_SECONDS = 3.0
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class Wish(Struct, frozen=True):
    """What the user set about the cluster.

    Parameters
    ----------
    context
        A context of the kubeconfig; empty for the current one.
    namespace
        Where jobs go; empty for the namespace of the context or of this pod.
    """

    context: str = ""
    namespace: str = ""


@dataclass
class Access:
    """How to reach a cluster.

    Parameters
    ----------
    server
        The URL of its API server.
    namespace
        Where jobs go.
    context
        The context of the kubeconfig, None in a pod.
    tls
        Whom to believe, and as whom.
    proxy
        The proxy to go through.
    server_name
        The name in the server's certificate, where that differs from the host.
    load
        Reads the configuration anew.
    """

    server: str
    namespace: str
    context: str | None
    tls: ssl.SSLContext
    configuration: Any = field(repr=False)
    proxy: str | None = field(default=None, repr=False)
    server_name: str | None = None
    load: Callable[[], Any] | None = field(default=None, repr=False)
    _loaded_at: float = field(default=0.0, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def headers(self) -> Mapping[str, str]:
        """Return what says who asks; may read a file or run a credential plug-in.

        Raises
        ------
        ClusterUnavailable
            The credentials cannot be had.
        """
        with self._lock:
            return self._headers()

    def renew(self, refused: Mapping[str, str]) -> Mapping[str, str] | None:
        """Read the credentials anew, after the API server did not take them.

        A token may be replaced in its file, and a plug-in may have another one, long before the
        moment for which that was announced.

        Parameters
        ----------
        refused
            What was sent.

        Returns
        -------
        mapping or None
            What is to be sent instead; None where there is nothing else.

        Raises
        ------
        ClusterUnavailable
            The credentials cannot be had.
        """
        with self._lock:
            now = time.monotonic()
            # Of many requests that are refused at once, one asks.
            if self.load is not None and now - self._loaded_at > _RENEW_SECONDS:
                self._loaded_at = now
                try:
                    made = self.load()
                    if made.cert_file:
                        self.tls.load_cert_chain(made.cert_file, made.key_file or None)
                except Exception as error:  # whatever a plug-in raises
                    raise _unusable(error) from error
                self.configuration = made
            found = self._headers()
        return found if found != refused else None

    def _headers(self) -> Mapping[str, str]:
        try:
            # Which of the two it is depends on the version of the package.
            values = map(self.configuration.get_api_key_with_prefix, _KEYS)
            value = next((value for value in values if value), None)
        except Exception as error:  # whatever a plug-in raises
            raise _unusable(error) from error
        if value:
            return {"Authorization": value}
        basic = self.configuration.get_basic_auth_token() if self.configuration.username else ""
        return {"Authorization": basic} if basic else {}


def _unusable(error: Exception) -> ClusterUnavailable:
    return ClusterUnavailable(
        f"The credentials of the cluster cannot be had: {error}.",
        hint="Try `kubectl get pods` in a terminal; it uses the same ones.",
    )


def is_configured() -> bool:
    """Tell whether this server runs in a pod or finds a kubeconfig; costs next to nothing."""
    return bool(_kubeconfig()) or _in_pod()


def find(wish: Wish) -> Access | None:
    """Find the cluster; reads files, and imports what takes a moment to load.

    Parameters
    ----------
    wish
        What the user set.

    Returns
    -------
    Access or None
        None where there is no cluster.

    Raises
    ------
    ClusterUnavailable
        What is configured cannot be used.
    """
    path = _kubeconfig()
    if not path and not _in_pod():
        return None
    from kubernetes import client, config
    from yaml import YAMLError

    def load() -> Any:
        made = client.Configuration()
        if path:
            config.load_kube_config(path, wish.context or None, made)
        else:
            config.load_incluster_config(client_configuration=made)
        return made

    try:
        made = load()
        if path:
            contexts, active = config.list_kube_config_contexts(path)
            chosen = next((one for one in contexts if one["name"] == wish.context), active)
            name, namespace = chosen["name"], chosen["context"].get("namespace")
        else:
            name, namespace = None, _own_namespace()
    except (config.ConfigException, YAMLError, OSError, ValueError, TypeError, KeyError) as error:
        place = path or "this pod's service account"
        raise ClusterUnavailable(
            f"The cluster that {place} names cannot be used: {error}.",
            hint="Look at `kubectl config view`, or set Trackside.kube_context.",
        ) from error
    return Access(
        server=made.host.rstrip("/"),
        namespace=wish.namespace or namespace or "default",
        context=name,
        tls=_tls(made),
        configuration=made,
        proxy=made.proxy or None,
        server_name=getattr(made, "tls_server_name", None) or None,
        load=load,
    )


def _tls(made: Any) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=made.ssl_ca_cert or None)
        if made.cert_file:
            context.load_cert_chain(made.cert_file, made.key_file or None)
    except (OSError, ssl.SSLError) as error:
        raise ClusterUnavailable(
            f"The certificates of the cluster cannot be read: {error}.",
            hint="Look at `kubectl config view`.",
        ) from error
    if not made.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _kubeconfig() -> str:
    """Return the kubeconfig to read. In a pod only one that was set on purpose counts."""
    named = os.environ.get("KUBECONFIG", "")
    if any(Path(part).is_file() for part in named.split(os.pathsep) if part):
        return named
    usual = Path.home() / ".kube" / "config"
    return str(usual) if usual.is_file() and not _in_pod() else ""


def _in_pod() -> bool:
    return bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and (SERVICE_ACCOUNT / "token").is_file()


def _own_namespace() -> str | None:
    try:
        return (SERVICE_ACCOUNT / "namespace").read_text(encoding="utf-8").strip() or None
    except OSError:
        return None
