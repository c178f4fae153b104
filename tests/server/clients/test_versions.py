"""That the tests really run the versions that they name."""

from __future__ import annotations


def test_each_version_of_the_client_logs_a_run(journey, mlflow_client):
    seen = journey("version")
    assert seen["version"] == mlflow_client.version
    assert len(seen["run"]) == 32
