"""The route answers whether there is a cluster or not, and always in the same form."""

from __future__ import annotations

import pytest
from jsonschema import validate

from trackside_server import openapi


@pytest.fixture
def broken_kubeconfig(tmp_path, monkeypatch):
    """A kubeconfig that names no cluster, found before the server starts."""
    path = tmp_path / "kubeconfig"
    path.write_text("apiVersion: v1\nkind: Config\nclusters: []\n")
    monkeypatch.setenv("KUBECONFIG", str(path))


def check(answer):
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    validate(answer.json, openapi.document()["components"]["schemas"]["Cluster"])


async def test_without_a_cluster_nothing_is_shown(trackside_fetch):
    answer = await trackside_fetch("GET", "api/v1/cluster")
    check(answer)
    assert answer.json["state"] == "none"
    assert not answer.json["gpus"]


async def test_a_configuration_that_cannot_be_used_is_told(broken_kubeconfig, trackside_fetch):
    answer = await trackside_fetch("GET", "api/v1/cluster?refresh=1")
    check(answer)
    assert answer.json["state"] == "unreachable"
    assert answer.json["message"].startswith("The cluster that ")
    assert answer.json["hint"]


async def test_a_mistaken_refresh_is_refused(trackside_fetch):
    answer = await trackside_fetch("GET", "api/v1/cluster?refresh=yes")
    assert answer.status == 400
    assert answer.json["code"] == "INVALID_PARAMETER_VALUE"
