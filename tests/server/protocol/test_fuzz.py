"""Whatever is sent to whatever route: no request makes the server fail or break its description."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from trackside_server import openapi
from trackside_server.testing import JupyterProcess

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# A stream that is not upgraded to a WebSocket is not answered as the others are; and MLflow's
# clients need a 501 to go on without presigned addresses.
OTHERS = "/stream$|/presigned/"


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    process = JupyterProcess(tmp_path_factory.mktemp("fuzz"), base_url="/user/fuzz/")
    try:
        yield process.start().wait_ready()
    finally:
        process.clean_up()


@schemathesis.serializer("application/gzip", "application/x-protobuf", "application/x-tar")
def as_it_comes(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()


schema = schemathesis.openapi.from_dict(openapi.document()).exclude(path_regex=OTHERS)


@schema.parametrize()
@settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_a_random_request_is_answered_as_described(case, live):
    answer = case.call(
        base_url=live.trackside_url, headers={"Authorization": f"Bearer {live.token}"}, timeout=100
    )
    case.validate_response(answer, checks=CHECKS)
