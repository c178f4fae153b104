"""What Trackside does not have it refuses at once, in the way that every client understands."""

from __future__ import annotations

import re

import pytest
from tests.mlflow_clients import NEWEST

from .conftest import SCRIPTS

PATHS = [
    ("POST", "graphql"),
    ("GET", "graphql"),
    ("POST", "gateway/x/mlflow/invocations"),
    ("GET", "ajax-api/2.0/mlflow/gateway-proxy"),
    ("POST", "ajax-api/3.0/mlflow/traces/metrics"),
    ("POST", "api/3.0/mlflow/traces/calculate-filter-correlation"),
    ("GET", "api/2.0/mlflow/unified-traces"),
    ("GET", "api/2.0/mlflow/get-online-trace-details"),
    ("POST", "api/4.0/mlflow/traces/x/y/assessments"),
    ("GET", "api/3.0/mlflow/workspaces"),
    ("POST", "api/2.0/mlflow/webhooks"),
    ("GET", "api/3.0/mlflow/scorers/list"),
    ("POST", "v1/metrics"),
]


def test_the_newest_client_is_told_at_once_what_is_not_here(server, tmp_path):
    seen = NEWEST.run(
        SCRIPTS / "elsewhere.py",
        env={
            **server.environment(),
            "MLFLOW_TRACKING_URI": server.trackside_url,
            "MLFLOW_TRACKING_TOKEN": server.token,
            "TMPDIR": str(tmp_path),
        },
    )
    assert len(seen) > 90
    assert {said for said, _ in seen.values()} == {"ENDPOINT_NOT_FOUND", "INVALID_PARAMETER_VALUE"}
    # The client's own checks refuse a few of the calls that the script makes up.
    assert sum(said == "ENDPOINT_NOT_FOUND" for said, _ in seen.values()) > 85
    assert max(seconds for _, seconds in seen.values()) < 5
    assert not re.findall(r"\] 5\d\d .*", server.log)


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_route_that_is_not_here_is_not_found_in_words_that_clients_read(server, method, path):
    answer = server.request(method, f"trackside/{path}", {} if method == "POST" else None)
    assert answer.status in (404, 405)
    assert answer.json["error_code"] == "ENDPOINT_NOT_FOUND"
