"""What a job takes over from the pod of its notebook, and what it does not."""

from __future__ import annotations

import pytest

from trackside_server.jobs.runners.kubernetes.surroundings import Surroundings, read
from trackside_server.jobs.service import is_secret

IMAGE = "registry.example:5000/team/notebook:v3"
DIGEST = "sha256:" + "1" * 64


def found(container=None, spec=None, *, labels=None, modes=None, defaults=(), status=None):
    """Read a pod that is made of what a case is about."""
    chosen = {"name": "notebook", "image": IMAGE, **(container or {})}
    pod = {
        "metadata": {"name": "my-notebook-0", "labels": labels or {}},
        "spec": {"containers": [chosen], "nodeName": "node-1", **(spec or {})},
        "status": status or {},
    }
    return read(pod, chosen, modes or {}, is_secret, defaults)


def test_an_image_is_taken_by_the_digest_that_its_registry_knows() -> None:
    def image(asked, known):
        status = {"containerStatuses": [{"name": "notebook", "imageID": known}]}
        return found({"image": asked}, status=status).image

    repository = "registry.example:5000/team/notebook"
    assert image(IMAGE, f"{repository}@{DIGEST}") == f"{repository}@{DIGEST}"
    assert image(IMAGE, f"docker-pullable://{repository}@{DIGEST}") == f"{repository}@{DIGEST}"
    assert image("train", f"docker.io/library/train@{DIGEST}") == f"train@{DIGEST}"
    # One that was put on the node by hand has an id that nobody else knows.
    assert image(IMAGE, DIGEST) == IMAGE
    assert image(IMAGE, "") == IMAGE
    assert image(IMAGE, f"docker://{DIGEST}") == IMAGE


def test_variables_go_along_but_for_those_of_this_very_pod() -> None:
    password = {"secretKeyRef": {"name": "db", "key": "password"}}
    env = [
        {"name": "PLAIN", "value": "1"},
        {"name": "DB_PASSWORD", "valueFrom": password},
        {"name": "OPENAI_API_KEY", "value": "sk-0815-long-enough-to-be-one"},
        {"name": "KUBERNETES_SERVICE_HOST", "value": "10.0.0.1"},
        {"name": "JUPYTERHUB_API_TOKEN", "value": "hub-token"},
        {"name": "JUPYTER_TOKEN", "value": "token"},
        {"name": "JPY_API_TOKEN", "value": "token"},
        {"name": "NB_PREFIX", "value": "/notebook/team/me"},
        {"name": "TRACKSIDE_TOKEN", "value": "tsk_token"},
        {"name": "EMPTY"},
    ]
    home = found({"env": env, "envFrom": [{"secretRef": {"name": "team"}}]})
    assert [one["name"] for one in home.env] == ["PLAIN", "DB_PASSWORD", "EMPTY"]
    assert home.secret_env == {"OPENAI_API_KEY": "sk-0815-long-enough-to-be-one"}
    assert home.env_from == ({"secretRef": {"name": "team"}},)


def claim(name):
    return {"name": name, "persistentVolumeClaim": {"claimName": name}}


def mount(name, path, **more):
    return {"name": name, "mountPath": path, **more}


def test_volumes_that_several_nodes_can_mount_go_along() -> None:
    volumes = [
        claim("shared"),
        claim("own"),
        claim("unknown"),
        {"name": "config", "configMap": {"name": "config"}},
        {"name": "host", "hostPath": {"path": "/mnt"}},
        {"name": "scratch", "emptyDir": {}},
        {"name": "istio-envoy", "configMap": {"name": "istio"}},
        {"name": "kube-api-access-x", "projected": {"sources": []}},
        claim("unused"),
    ]
    mounts = [
        mount("shared", "/data", subPath="team", readOnly=True),
        mount("own", "/home/me"),
        mount("unknown", "/else"),
        mount("config", "/etc/app"),
        mount("host", "/mnt"),
        mount("scratch", "/scratch"),
        mount("istio-envoy", "/etc/istio"),
        mount("kube-api-access-x", "/var/run/secrets/kubernetes.io/serviceaccount"),
    ]
    modes = {"shared": ["ReadWriteMany"], "own": ["ReadWriteOnce"], "unused": ["ReadWriteMany"]}
    home = found({"volumeMounts": mounts}, {"volumes": volumes}, modes=modes)
    assert [one["name"] for one in home.volumes] == ["shared", "config", "host"]
    assert home.mounts == (mounts[0], mounts[3], mounts[4])
    left = [(one.claim, one.modes, one.paths) for one in home.left]
    assert left == [("own", ("ReadWriteOnce",), ("/home/me",)), ("unknown", (), ("/else",))]


def test_a_volume_that_is_mounted_twice_goes_along_once_or_stays_with_both_paths() -> None:
    mounts = [
        mount("own", "/home/me"),
        mount("own", "/data"),
        mount("all", "/a"),
        mount("all", "/b"),
    ]
    modes = {"own": ["ReadWriteOnce"], "all": ["ReadOnlyMany"]}
    home = found({"volumeMounts": mounts}, {"volumes": [claim("own"), claim("all")]}, modes=modes)
    assert [one["name"] for one in home.volumes] == ["all"]
    assert [one["mountPath"] for one in home.mounts] == ["/a", "/b"]
    (left,) = home.left
    assert left.paths == ("/home/me", "/data")


def test_folders_that_only_begin_like_ours_go_along() -> None:
    mounts = [
        mount("all", "/trackside-data"),
        mount("all", "/etc/trackside.d"),
        mount("all", "/trackside"),
        mount("all", "/trackside/work"),
        mount("all", "/dev/shm"),
    ]
    modes = {"all": ["ReadWriteMany"]}
    home = found({"volumeMounts": mounts}, {"volumes": [claim("all")]}, modes=modes)
    assert [one["mountPath"] for one in home.mounts] == ["/trackside-data", "/etc/trackside.d"]


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/home/me/trackside/bundles/b", "/home/me/trackside/bundles/b"),
        ("/home/me", "/home/me"),
        ("/home/meander/b", None),
        # The node of the job may hold something else there.
        ("/host/b", None),
        ("/etc/app/b", None),
        ("/elsewhere", None),
    ],
)
def test_a_folder_is_found_again_where_all_nodes_see_the_same(path, seen) -> None:
    home = Surroundings(
        volumes=(
            claim("files"),
            {"name": "host", "hostPath": {"path": "/mnt"}},
            {"name": "config", "configMap": {"name": "config"}},
        ),
        mounts=(mount("files", "/home/me/"), mount("host", "/host"), mount("config", "/etc/app")),
    )
    assert home.shared_path(path) == seen


def test_a_folder_in_a_volume_that_stays_is_not_found_below_one_that_goes_along() -> None:
    mounts = [
        mount("all", "/home"),
        mount("own", "/home/me"),
        mount("scratch", "/home/you/tmp"),
        mount("more", "/home/me/data/"),
    ]
    volumes = [claim("all"), claim("own"), claim("more"), {"name": "scratch", "emptyDir": {}}]
    modes = {"all": ["ReadWriteMany"], "own": ["ReadWriteOnce"], "more": ["ReadWriteMany"]}
    home = found({"volumeMounts": mounts}, {"volumes": volumes}, modes=modes)
    for path in ("/home/me/bundles/b", "/home/me", "/home/you/tmp/b"):
        assert home.shared_path(path) is None
    for path in ("/home/you/b", "/home/meander", "/home/me/data/b"):
        assert home.shared_path(path) == path


def test_the_place_and_the_rights_go_along_but_not_what_the_cluster_adds() -> None:
    home = found(
        spec={
            "tolerations": [
                {"key": "gpu", "operator": "Exists"},
                {"key": "node.kubernetes.io/not-ready", "operator": "Exists"},
            ],
            "nodeSelector": {"pool": "a"},
            "imagePullSecrets": [{"name": "registry"}],
            "serviceAccountName": "editor",
            "securityContext": {"fsGroup": 100, "fsGroupChangePolicy": "Always"},
        },
        status={"podIP": "10.1.2.3"},
    )
    assert home.tolerations == ({"key": "gpu", "operator": "Exists"},)
    assert home.node_selector == {"pool": "a"}
    assert home.pull_secrets == ({"name": "registry"},)
    assert home.service_account == "editor"
    assert home.security == {"fsGroup": 100}
    assert (home.pod, home.node, home.address) == ("my-notebook-0", "node-1", "10.1.2.3")


def test_labels_go_along_that_a_poddefault_selects() -> None:
    def default(**labels):
        return {"spec": {"selector": {"matchLabels": labels}}}

    labels = {"access-mlflow": "true", "team": "a", "notebook-name": "my-notebook"}
    defaults = [default(**{"access-mlflow": "true"}), default(team="b"), default(), {"spec": {}}]
    assert found(labels=labels, defaults=defaults).labels == {"access-mlflow": "true"}
