"""The cluster is found as kubectl finds it, with the oldest and the newest Kubernetes package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

OLDEST = Path(__file__).parents[3] / ".clients" / "kubernetes-28"
READ = """
import json, sys
from trackside_server.cluster import access
found = access.find(access.Wish(*sys.argv[1:]))
first = dict(found.headers())
if script := sys.stdin.readline().strip():
    exec(script)
print(json.dumps([found.server, found.namespace, found.context, first, dict(found.headers())]))
"""


@pytest.fixture(params=["oldest", "installed"])
def find(request, tmp_path):
    """Find the cluster of a kubeconfig in a process of its own."""

    def look(users, *wish, between="", **variables):
        path = tmp_path / "config"
        contexts = [
            {"name": name, "context": {"cluster": "c", "user": name, "namespace": f"of-{name}"}}
            for name in users
        ]
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": next(iter(users)),
            "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1/"}}],
            "contexts": contexts,
            "users": [{"name": name, "user": user} for name, user in users.items()],
        }
        path.write_text(json.dumps(config))
        env = {**os.environ, "KUBECONFIG": str(path), **variables}
        env.pop("KUBERNETES_SERVICE_HOST", None)
        if request.param == "oldest":
            env["PYTHONPATH"] = str(OLDEST)
        done = subprocess.run(
            [sys.executable, "-c", READ, *wish],
            env=env,
            input=between + "\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return look


def test_the_current_context_says_where_and_who(find):
    server, namespace, context, headers, _ = find({"ana": {"token": "abc"}, "ben": {"token": "x"}})
    assert (server, namespace, context) == ("https://127.0.0.1:1", "of-ana", "ana")
    assert headers == {"Authorization": "Bearer abc"}


def test_context_and_namespace_can_be_set(find):
    _, namespace, context, headers, _ = find(
        {"ana": {"token": "abc"}, "ben": {"token": "x"}}, "ben", "mine"
    )
    assert (namespace, context) == ("mine", "ben")
    assert headers == {"Authorization": "Bearer x"}


def test_a_credential_plug_in_is_run_and_asked_again_when_its_token_expires(find, tmp_path):
    plugin = tmp_path / "plugin"
    count = tmp_path / "count"
    plugin.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib\n"
        f"count = pathlib.Path({str(count)!r})\n"
        "number = int(count.read_text()) + 1 if count.exists() else 1\n"
        "count.write_text(str(number))\n"
        "print(json.dumps({'apiVersion': 'client.authentication.k8s.io/v1', 'kind':"
        " 'ExecCredential', 'status': {'token': f't{number}',"
        " 'expirationTimestamp': '2001-01-01T00:00:00Z'}}))\n"
    )
    plugin.chmod(0o755)
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": str(plugin),
            "interactiveMode": "Never",
        }
    }
    *_, first, second = find({"ana": user})
    numbers = [
        int(headers["Authorization"].removeprefix("Bearer t")) for headers in (first, second)
    ]
    assert numbers[0] < numbers[1]


def test_a_kubeconfig_that_cannot_be_read_is_a_sentence(tmp_path, monkeypatch):
    from trackside_server.cluster import access
    from trackside_server.errors import ClusterUnavailable

    path = tmp_path / "config"
    path.write_text("users: [")
    monkeypatch.setenv("KUBECONFIG", str(path))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert access.is_configured()
    with pytest.raises(ClusterUnavailable, match="cannot be used") as caught:
        access.find(access.Wish())
    assert "kubectl config view" in caught.value.hint


def test_without_a_kubeconfig_outside_of_a_pod_there_is_no_cluster(tmp_path, monkeypatch):
    from trackside_server.cluster import access

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert not access.is_configured()
    assert access.find(access.Wish()) is None
