"""Who is let in, by which door."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest
from jupyter_server.auth import IdentityProvider, User

RUN = {"run_id": "0" * 32}


def _cookies(answer):
    jar = SimpleCookie()
    for header in answer.headers.get("Set-Cookie", "").split("\n"):
        jar.load(header)
    return jar


async def test_kernels_are_let_in_by_their_token_without_cookies(trackside, trackside_fetch):
    token = trackside.services.tokens.kernel_token
    answer = await trackside_fetch("GET", "api/v1/info", token=token)
    assert answer.status == 200
    assert "Set-Cookie" not in answer.headers
    # A write needs no XSRF token, for no browser sends this one by itself.
    assert (await trackside_fetch("POST", "api/v1/provenance", RUN, token=token)).status == 404


async def test_the_kernel_token_opens_nothing_but_trackside(
    trackside, http_server_client, jp_base_url
):
    answer = await http_server_client.fetch(
        f"{jp_base_url}api/contents",
        headers={"Authorization": f"token {trackside.services.tokens.kernel_token}"},
        raise_error=False,
    )
    assert answer.code == 403


async def test_the_token_of_an_ended_job_is_refused_with_a_sentence(trackside, trackside_fetch):
    tokens = trackside.services.tokens
    token = await tokens.issue("job-1", RUN["run_id"], "1")
    assert (await trackside_fetch("POST", "api/v1/provenance", RUN, token=token)).status == 404
    await tokens.revoke("job-1")
    answer = await trackside_fetch("POST", "api/v1/provenance", RUN, token=token)
    assert answer.status == 403
    assert "its job ended" in answer.json["message"]


async def test_a_job_may_touch_its_run_and_those_nested_below_but_no_other(
    trackside, trackside_fetch
):
    tracking = trackside.services.tracking
    experiment = (await tracking.get_or_create_experiment("digits")).experiment_id
    own = (await tracking.create_run(experiment)).info.run_id
    other = (await tracking.create_run(experiment)).info.run_id
    child, grandchild = own, own
    child = (await tracking.create_run(experiment, tags={"mlflow.parentRunId": own})).info.run_id
    grandchild = (
        await tracking.create_run(experiment, tags={"mlflow.parentRunId": child})
    ).info.run_id
    token = await trackside.services.tokens.issue("job-1", own, experiment)
    for run_id, status in ((own, 202), (child, 202), (grandchild, 202), (other, 403)):
        answer = await trackside_fetch("POST", "api/v1/provenance", {"run_id": run_id}, token=token)
        assert answer.status == status, run_id


async def test_runs_nested_in_a_circle_end_the_search(trackside, trackside_fetch):
    from trackside_server.tracking.entities import Tag

    tracking = trackside.services.tracking
    experiment = (await tracking.get_or_create_experiment("digits")).experiment_id
    first = (await tracking.create_run(experiment)).info.run_id
    second = (await tracking.create_run(experiment, tags={"mlflow.parentRunId": first})).info.run_id
    await tracking.log_batch(first, tags=[Tag("mlflow.parentRunId", second)])
    token = await trackside.services.tokens.issue("job-1", "f" * 32, experiment)
    answer = await trackside_fetch("POST", "api/v1/provenance", {"run_id": first}, token=token)
    assert answer.status == 403


async def test_a_browser_needs_its_xsrf_token_to_write(trackside_fetch, jp_base_url):
    cookie = "; ".join(
        f"{name}={morsel.value}"
        for name, morsel in _cookies(await trackside_fetch("GET", "api/v1/info")).items()
    )
    assert cookie
    as_browser = {"Cookie": f"{cookie}; _xsrf=abc", "Authorization": ""}
    answer = await trackside_fetch("POST", "api/v1/provenance", RUN, headers=as_browser)
    assert answer.status == 403
    answer = await trackside_fetch(
        "POST", "api/v1/provenance", RUN, headers={**as_browser, "X-XSRFToken": "abc"}
    )
    assert answer.status == 404


async def test_a_foreign_page_is_not_answered_through_a_browser(trackside_fetch):
    cookie = "; ".join(
        f"{name}={morsel.value}"
        for name, morsel in _cookies(await trackside_fetch("GET", "api/v1/info")).items()
    )
    foreign = {"Cookie": cookie, "Authorization": "", "Origin": "https://evil.example"}
    assert (await trackside_fetch("GET", "api/v1/info", headers=foreign)).status == 404


class TestWithoutAuthentication:
    @pytest.fixture
    def jp_server_config(self, trackside_server_config):
        # Said in the old way, for pytest-jupyter gives a token to who has none in the new one.
        trackside_server_config["ServerApp"]["token"] = ""
        return trackside_server_config

    async def test_everybody_is_let_in(self, trackside_fetch):
        answer = await trackside_fetch("GET", "api/v1/info", headers={"Authorization": ""})
        assert answer.status == 200

    async def test_an_ended_job_does_not_become_a_user(self, trackside, trackside_fetch):
        token = await trackside.services.tokens.issue("job-1", RUN["run_id"], "1")
        assert (await trackside_fetch("GET", "api/v1/info", token=token)).status == 403
        await trackside.services.tokens.revoke("job-1")
        assert (await trackside_fetch("GET", "api/v1/info", token=token)).status == 403


class Hub(IdentityProvider):
    """Asks elsewhere who somebody is, as JupyterHub's does, and knows no token of this server."""

    async def get_user(self, handler):
        name = handler.request.headers.get("X-Hub-User")
        return User(username=name) if name else None

    def is_token_authenticated(self, handler):
        return False


class TestBehindAHub:
    @pytest.fixture
    def jp_server_config(self, trackside_server_config):
        trackside_server_config["ServerApp"]["identity_provider_class"] = Hub
        return trackside_server_config

    async def test_the_hub_says_who_is_a_user(self, trackside_fetch):
        known = {"X-Hub-User": "ada", "Authorization": ""}
        assert (await trackside_fetch("GET", "api/v1/info", headers=known)).status == 200
        answer = await trackside_fetch("GET", "api/v1/info", headers={"Authorization": ""})
        assert answer.status == 403

    async def test_kernels_are_let_in_without_asking_the_hub(self, trackside, trackside_fetch):
        token = trackside.services.tokens.kernel_token
        assert (await trackside_fetch("GET", "api/v1/info", token=token)).status == 200
        assert (await trackside_fetch("POST", "api/v1/provenance", RUN, token=token)).status == 404

    async def test_the_name_of_the_user_is_written_down(self, trackside, trackside_fetch):
        tracking = trackside.services.tracking
        experiment = (await tracking.get_or_create_experiment("digits")).experiment_id
        run_id = (await tracking.create_run(experiment)).info.run_id
        headers = {
            "X-Hub-User": "ada",
            "Authorization": "",
            "Cookie": "_xsrf=a",
            "X-XSRFToken": "a",
        }
        answer = await trackside_fetch(
            "POST", "api/v1/provenance", {"run_id": run_id}, headers=headers
        )
        assert answer.status == 202
        tags = {tag.key: tag.value for tag in (await tracking.get_run(run_id)).tags}
        assert tags["mlflow.user"] == "ada"


async def test_job_tokens_are_stored_as_hashes_only(trackside):
    token = await trackside.services.tokens.issue("job-1", RUN["run_id"], "1")
    store = trackside.services.store
    stored = b"".join(path.read_bytes() for path in store.root.glob("trackside.db*"))
    assert b"job-1" in stored
    assert token.encode() not in stored
    assert (store.root / "runtime" / "kernel_token").stat().st_mode & 0o777 == 0o600
