"""No route without a known user, a permission, and a reason why a job may use it."""

from __future__ import annotations

import asyncio

import pytest
from jupyter_server.auth import Authorizer

SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


class Deny(Authorizer):
    """Lets everybody use Jupyter and nobody use Trackside."""

    def is_authorized(self, handler, user, action, resource):
        return resource != "trackside"


async def _statuses(endpoints, fetch, token):
    for endpoint in endpoints:
        answer = await fetch(
            endpoint.verb,
            endpoint.path,
            body=b"{}" if endpoint.verb in {"POST", "PUT", "PATCH"} else None,
            token=token,
            headers=SOCKET if endpoint.is_socket else {"Content-Type": "application/json"},
        )
        yield endpoint, answer


async def test_no_route_answers_a_stranger(endpoints, trackside_fetch):
    assert endpoints
    open_ones = [
        f"{endpoint} -> {answer.status}"
        async for endpoint, answer in _statuses(endpoints, trackside_fetch, "wrong")
        if answer.status != 403
    ]
    assert open_ones == []


class TestDenied:
    @pytest.fixture
    def jp_server_config(self, trackside_server_config):
        trackside_server_config["ServerApp"]["authorizer_class"] = Deny
        return trackside_server_config

    async def test_no_route_answers_a_user_whom_the_authorizer_denies(
        self, endpoints, trackside_fetch
    ):
        open_ones = [
            f"{endpoint} -> {answer.status}"
            async for endpoint, answer in _statuses(endpoints, trackside_fetch, None)
            if answer.status != 403
        ]
        assert open_ones == []

    @pytest.mark.parametrize(
        "path",
        [f"api/v1/bundles/{'0' * 64}", "api/2.0/mlflow-artifacts/artifacts/0/x/artifacts/y"],
    )
    async def test_a_body_that_would_be_refused_is_not_taken_in(
        self, trackside, jp_http_port, jp_base_url, jp_auth_header, path
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
        head = (
            f"PUT {jp_base_url}trackside/{path} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: {jp_auth_header['Authorization']}\r\nContent-Length: 1000000\r\n\r\n"
        )
        writer.write(head.encode())
        answer = await asyncio.wait_for(reader.readline(), 20)
        writer.close()
        await writer.wait_closed()
        assert answer == b"HTTP/1.1 403 Forbidden\r\n"
        assert not (trackside.services.store.root / "bundles").exists()


async def test_a_job_is_refused_where_it_has_no_business(endpoints, trackside, trackside_fetch):
    token = await trackside.services.tokens.issue("job", "0" * 32, "1")
    closed = [endpoint for endpoint in endpoints if not endpoint.handler.job_access]
    assert closed
    async for endpoint, answer in _statuses(closed, trackside_fetch, token):
        assert answer.status == 403, endpoint


async def test_what_a_job_may_use_is_a_short_list_that_somebody_looked_at(endpoints):
    own = {
        endpoint.pattern
        for endpoint in endpoints
        if endpoint.handler.job_access and endpoint.pattern.startswith("/trackside/api/v1/")
    }
    carried = {f"/trackside/api/v1/jobs/([^/]+)/{what}" for what in ("code", "inputs", "outputs")}
    assert own <= {"/trackside/api/v1/provenance", *carried}


async def test_every_handler_is_told_apart_from_activity(endpoints):
    for endpoint in endpoints:
        if not endpoint.is_socket:
            assert endpoint.handler._track_activity is False, endpoint
        assert endpoint.handler.auth_resource == "trackside", endpoint


async def test_unknown_addresses_are_answered_in_json_and_only_to_users(trackside_fetch):
    answer = await trackside_fetch("GET", "api/v1/nothing")
    assert (answer.status, answer.json["code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert (await trackside_fetch("GET", "api/v1/nothing", token="wrong")).status == 403
