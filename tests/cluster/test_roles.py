"""The files of ``deploy/`` on a real API server, with a user that has nothing else."""

from __future__ import annotations

import asyncio
import json

import pytest
import pytest_asyncio
import yaml
from tests.cluster.hermetic import access
from tests.cluster.hermetic.paths import ROOT

from trackside_server.cluster.access import Wish, find
from trackside_server.cluster.api import Api, ApiError
from trackside_server.cluster.permissions import PURPOSES, Right, check

DEPLOY = ROOT / "deploy"
OURS = [right for purpose in PURPOSES if not purpose.cluster_wide for right in purpose.rights]
WIDE = [right for purpose in PURPOSES if purpose.cluster_wide for right in purpose.rights]


@pytest_asyncio.fixture
async def connect(cluster, namespace, monkeypatch, tmp_path):
    """Give a way to the API server as a service account of the namespace."""
    made = []

    def connected(account: str = "notebook") -> Api:
        path = access.with_token(
            tmp_path / f"{account}.kubeconfig",
            cluster.server,
            cluster.ca_file.read_bytes(),
            namespace.admin("create", "token", account).strip(),
            namespace.name,
        )
        monkeypatch.setenv("KUBECONFIG", str(path))
        made.append(Api(find(Wish())))
        return made[-1]

    yield connected
    for api in made:
        await api.close()


@pytest.fixture
def api(connect):
    return connect()


async def all_of(api, namespace, rights):
    """Ask for rights until they are there: the API server itself learns of them a moment later."""
    for _ in range(300):
        granted = await check(api, namespace, rights)
        if all(granted.values()):
            break
        await asyncio.sleep(0.1)
    return granted


@pytest.mark.asyncio
async def test_the_role_grants_what_is_used_and_not_what_is_not(api, namespace) -> None:
    granted = await check(api, namespace.name, OURS)
    assert [right for right in OURS if not granted[right]] == []
    others = [
        Right("get", "", "secrets"),
        Right("list", "", "secrets"),
        Right("get", "", "configmaps"),
        Right("create", "", "pods"),
        Right("patch", "", "pods"),
        Right("create", "", "pods", "exec"),
        Right("create", "rbac.authorization.k8s.io", "rolebindings"),
        Right("create", "", "serviceaccounts", "token"),
        Right("update", "batch", "jobs"),
        *WIDE,
    ]
    granted = await check(api, None, others)
    assert [right for right in others if granted[right]] == []
    granted = await check(api, namespace.name, others[:9])
    assert not any(granted.values())
    granted = await check(api, "kube-system", OURS)
    assert not any(granted.values())


@pytest.mark.asyncio
async def test_secrets_are_written_and_removed_and_never_read(api, namespace) -> None:
    secrets = f"/api/v1/namespaces/{namespace.name}/secrets"
    await api.post(secrets, {"metadata": {"name": "token"}, "stringData": {"key": "value"}})
    await api.patch(f"{secrets}/token", {"metadata": {"labels": {"a": "b"}}})
    for path in (secrets, f"{secrets}/token", "/api/v1/nodes", "/api/v1/pods"):
        with pytest.raises(ApiError) as raised:
            await api.get(path)
        assert (raised.value.status, raised.value.reason) == (403, "Forbidden")
    await api.delete(f"{secrets}/token")
    assert "token" not in namespace.admin("get", "secrets", "-o", "name")


@pytest.mark.asyncio
async def test_the_cluster_role_grants_what_capacity_needs(api, cluster, namespace) -> None:
    user = f"--serviceaccount={namespace.name}:notebook"
    binding = f"{namespace.name}-capacity"
    cluster.kubectl("apply", "-f", str(DEPLOY / "capacity-clusterrole.yaml"))
    cluster.kubectl(
        "create", "clusterrolebinding", binding, "--clusterrole=trackside-capacity", user
    )
    try:
        granted = await all_of(api, None, WIDE)
        assert [right for right in WIDE if not granted[right]] == []
        assert not (await check(api, None, [Right("get", "", "secrets")])).popitem()[1]
    finally:
        cluster.kubectl("delete", "clusterrolebinding", binding)


@pytest.mark.parametrize(
    ("file", "account"),
    [("jupyterhub.yaml", "trackside"), ("kubeflow-notebooks.yaml", "default-editor")],
)
@pytest.mark.asyncio
async def test_an_example_leads_to_the_same_rights(
    file, account, cluster, namespace, connect
) -> None:
    if account == "default-editor":  # Kubeflow makes it
        namespace.admin("create", "serviceaccount", account)
    namespace.admin("delete", "rolebinding", "trackside")
    for name in ("namespace-role.yaml", file):
        namespace.admin("apply", "-f", str(DEPLOY / name))
    try:
        granted = await all_of(connect(account), namespace.name, OURS)
        assert [right for right in OURS if not granted[right]] == []
    finally:
        cluster.kubectl("delete", "clusterrole", "trackside-kubeflow-edit", "--ignore-not-found")


@pytest.mark.asyncio
async def test_kubeflow_adds_what_is_missing_to_the_role_of_its_editors(
    cluster, namespace, connect
) -> None:
    """The label is the one by which Kubeflow's role is put together, by Kubernetes itself."""
    namespace.admin("create", "serviceaccount", "default-editor")
    selector = {"rbac.authorization.kubeflow.org/aggregate-to-kubeflow-edit": "true"}
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": f"{namespace.name}-kubeflow-edit"},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": selector}]},
    }
    cluster.kubectl("create", "-f", "-", input=json.dumps(role))
    try:
        namespace.admin("apply", "-f", str(DEPLOY / "kubeflow-notebooks.yaml"))
        # This leaves the first part of the file alone.
        namespace.admin("delete", "rolebinding", "trackside")
        namespace.admin(
            "create",
            "rolebinding",
            "default-editor",
            f"--clusterrole={namespace.name}-kubeflow-edit",
            f"--serviceaccount={namespace.name}:default-editor",
        )
        api = connect("default-editor")
        added = [right for right in OURS if right.group.endswith("k8s.io")]
        granted = await all_of(api, namespace.name, added)
        assert all(granted.values())
        assert not (await check(api, namespace.name, OURS))[OURS[0]]
    finally:
        cluster.kubectl("delete", "clusterrole", f"{namespace.name}-kubeflow-edit")
        cluster.kubectl("delete", "clusterrole", "trackside-kubeflow-edit")


def test_no_example_ties_jobs_to_a_notebook_or_reads_secrets() -> None:
    for file in DEPLOY.glob("*.yaml"):
        for item in yaml.safe_load_all(file.read_text()):
            assert "ownerReferences" not in item["metadata"]
            for rule in item.get("rules", ()):
                if "secrets" in rule["resources"]:
                    assert not {"get", "list", "watch", "*"} & set(rule["verbs"])
