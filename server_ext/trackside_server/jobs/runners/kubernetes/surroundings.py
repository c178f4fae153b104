"""What a job takes over from the notebook's pod, and what is that pod's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from trackside_server.structs import Discreet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Set by the cluster, the hub or Kubeflow for this very pod, or by Trackside for this server.
_OWN_ENV = ("KUBERNETES_", "JUPYTER", "JPY_", "NB_PREFIX", "TRACKSIDE_", "MLFLOW_RUN_ID")
_OWN_MOUNTS = ("/var/run/secrets/kubernetes.io", "/dev/shm", "/etc/trackside", "/trackside")  # noqa: S108
_SHARED = frozenset({"ReadWriteMany", "ReadOnlyMany"})
_BY_REFERENCE = ("configMap", "secret", "projected", "downwardAPI", "nfs", "csi", "hostPath")
_SIDECARS = ("istio", "linkerd")


class Volume(Struct, frozen=True):
    """A volume of the notebook's pod that its container has mounted.

    Parameters
    ----------
    name, claim
        The volume, and its PersistentVolumeClaim if it is one.
    modes
        The access modes of the claim.
    paths
        Where it is mounted.
    """

    name: str
    claim: str | None
    modes: tuple[str, ...]
    paths: tuple[str, ...]

    @property
    def is_shared(self) -> bool:
        """Whether pods on other nodes see it too."""
        return self.claim is None or bool(_SHARED & set(self.modes))


class Surroundings(Discreet, Struct, frozen=True):
    """The notebook's pod as a job sees it; empty outside of a cluster.

    Parameters
    ----------
    pod, node, address
        Its name, node and IP address.
    image
        What it runs, by digest where that is known.
    env, env_from
        Its variables; secrets only by reference.
    secret_env
        Variables whose values look like secrets: they travel in a Secret of the job.
    volumes, mounts
        What goes along.
    left
        What does not, because it can be mounted on one node only.
    unseen
        Where all that is mounted which does not go along.
    tolerations, node_selector, pull_secrets, service_account, security, labels
        As in the pod.
    """

    secret_fields = ("secret_env",)

    pod: str = ""
    node: str = ""
    address: str = ""
    image: str = ""
    env: tuple[Mapping[str, Any], ...] = ()
    env_from: tuple[Mapping[str, Any], ...] = ()
    secret_env: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[Mapping[str, Any], ...] = ()
    mounts: tuple[Mapping[str, Any], ...] = ()
    left: tuple[Volume, ...] = ()
    unseen: tuple[str, ...] = ()
    tolerations: tuple[Mapping[str, Any], ...] = ()
    node_selector: Mapping[str, str] = field(default_factory=dict)
    pull_secrets: tuple[Mapping[str, Any], ...] = ()
    service_account: str = ""
    security: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def shared_path(self, path: str) -> str | None:
        """Return the path under which a folder of this pod is seen in the job's, if it is."""
        return path if self.place(path) is not None else None

    def place(self, path: str) -> tuple[str, str] | None:
        """Return the volume that a path of this pod lies on, and where there, if a job sees it."""
        mounts = [(str(one.get("mountPath", "")).rstrip("/"), one) for one in self.mounts]
        # What stays here may be mounted into what goes along.
        mounts += [(place.rstrip("/"), {}) for place in self.unseen]
        found = [
            (base, mount)
            for base, mount in mounts
            if base and (path == base or path.startswith(base + "/"))
        ]
        base, mount = max(found, key=lambda place: len(place[0]), default=("", {}))
        name = str(mount.get("name"))
        if not self._is_data(name) or mount.get("subPathExpr"):
            return None
        parts = (str(mount.get("subPath") or "").strip("/"), path[len(base) :].strip("/"))
        return name, "/".join(part for part in parts if part)

    def _is_data(self, name: str) -> bool:
        volume = next((one for one in self.volumes if one.get("name") == name), {})
        # A path of the node is there on the job's node too, but may hold something else.
        return "persistentVolumeClaim" in volume or "nfs" in volume


def read(
    pod: Mapping[str, Any],
    container: Mapping[str, Any],
    modes: Mapping[str, Sequence[str]],
    is_secret: Any,
    defaults: Sequence[Mapping[str, Any]] = (),
) -> Surroundings:
    """Take from the notebook's pod what a job shares with it.

    Parameters
    ----------
    pod
        The pod as the API server gives it.
    container
        The one of its containers that runs the server.
    modes
        The access modes of each PersistentVolumeClaim of the namespace.
    is_secret
        Tells from a name and a value whether the value is a secret.
    defaults
        Kubeflow's PodDefaults of the namespace: labels that one of them selects go along.
    """
    meta, spec, status = pod["metadata"], pod["spec"], pod.get("status") or {}
    env, secret_env = _env(container, is_secret)
    volumes, mounts, left = _volumes(spec, container, modes)
    return Surroundings(
        pod=meta["name"],
        node=spec.get("nodeName") or "",
        address=status.get("podIP") or "",
        image=_image(container, status),
        env=env,
        env_from=tuple(container.get("envFrom") or ()),
        secret_env=secret_env,
        volumes=volumes,
        mounts=mounts,
        left=left,
        unseen=_unseen(container, mounts),
        tolerations=tuple(
            one
            for one in spec.get("tolerations") or ()
            if not str(one.get("key", "")).startswith("node.kubernetes.io/")
        ),
        node_selector=spec.get("nodeSelector") or {},
        pull_secrets=tuple(spec.get("imagePullSecrets") or ()),
        service_account=spec.get("serviceAccountName") or "",
        security={
            key: value
            for key, value in (spec.get("securityContext") or {}).items()
            if key != "fsGroupChangePolicy"
        },
        labels=_default_labels(meta.get("labels") or {}, defaults),
    )


def _image(container: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    asked = str(container.get("image") or "")
    for one in status.get("containerStatuses") or ():
        if one.get("name") != container.get("name"):
            continue
        _, _, digest = str(one.get("imageID") or "").rpartition("@")
        known = str(one.get("imageID") or "").rpartition("://")[2]
        # A local image has a digest that no registry knows: its id names no repository.
        if digest.startswith("sha256:") and "/" in known.partition("@")[0]:
            repository = asked.partition("@")[0]
            tail = repository.rpartition("/")[2]
            return f"{repository[: len(repository) - len(tail)]}{tail.partition(':')[0]}@{digest}"
    return asked


def _env(
    container: Mapping[str, Any], is_secret: Any
) -> tuple[tuple[Mapping[str, Any], ...], dict[str, str]]:
    kept: list[Mapping[str, Any]] = []
    secrets: dict[str, str] = {}
    for one in container.get("env") or ():
        name, value = str(one.get("name")), one.get("value")
        if name.startswith(_OWN_ENV):
            continue
        if isinstance(value, str) and is_secret(name, value):
            secrets[name] = value
        else:
            kept.append(one)
    return tuple(kept), secrets


def _volumes(
    spec: Mapping[str, Any], container: Mapping[str, Any], modes: Mapping[str, Sequence[str]]
) -> tuple[tuple[Mapping[str, Any], ...], tuple[Mapping[str, Any], ...], tuple[Volume, ...]]:
    by_name = {one["name"]: one for one in spec.get("volumes") or ()}
    volumes: dict[str, Mapping[str, Any]] = {}
    mounts: list[Mapping[str, Any]] = []
    left: dict[str, Volume] = {}
    for mount in container.get("volumeMounts") or ():
        volume = by_name.get(mount.get("name"))
        path = str(mount.get("mountPath"))
        if volume is None or _is_own(path) or volume["name"].startswith(_SIDECARS):
            continue
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if claim is not None:
            name = volume["name"]
            paths = (*left[name].paths, path) if name in left else (path,)
            found = Volume(name, claim, tuple(modes.get(claim, ())), paths)
            if not found.is_shared:
                left[name] = found
                continue
        elif not any(kind in volume for kind in _BY_REFERENCE):
            # An emptyDir is this pod's scratch; the job has its own.
            continue
        volumes[volume["name"]] = volume
        mounts.append(mount)
    return tuple(volumes.values()), tuple(mounts), tuple(left.values())


def _unseen(container: Mapping[str, Any], mounts: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    kept = {str(one.get("mountPath")) for one in mounts}
    places = [str(one.get("mountPath")) for one in container.get("volumeMounts") or ()]
    return tuple(place for place in places if place not in kept)


def _is_own(path: str) -> bool:
    return any(path == own or path.startswith(f"{own}/") for own in _OWN_MOUNTS)


def _default_labels(
    labels: Mapping[str, str], defaults: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    kept: dict[str, str] = {}
    for default in defaults:
        selector = ((default.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
        if selector and all(labels.get(key) == value for key, value in selector.items()):
            kept.update(selector)
    return kept
