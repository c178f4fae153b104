"""Who looks at pipelines or at what recurs is told of each change, and asks for what was missed."""

from __future__ import annotations

import pytest

from trackside_server.pipelines.news import news

from .test_requests import API, SPEC


@pytest.fixture
def send(trackside_fetch):
    """Send a request that has to succeed."""

    async def ask(method, path, body=None):
        answer = await trackside_fetch(method, f"{API}/{path}", json=body)
        assert answer.status == 200, answer.text
        return answer.json

    return ask


@pytest.fixture
def since(trackside_fetch):
    """Ask what changed since a revision."""

    async def ask(revision):
        return (await trackside_fetch("GET", f"api/v1/changes?since={revision}")).json

    return ask


async def test_changes_of_pipelines_and_of_what_recurs_are_told(send, since, trackside):
    told = []
    trackside.services.changes.subscribe(
        lambda change: told.append((change.kind, change.change, change.data.get("name")))
    )
    await send("POST", "experiments", {"display_name": "before"})
    begin = (await since(0))["revision"]
    body = {"pipeline": {"display_name": "Say", "name": "say"}}
    pipeline = await send(
        "POST",
        "pipelines/create",
        {**body, "pipeline_version": {"display_name": "1", "name": "1", "pipeline_spec": SPEC}},
    )
    pipeline_id = pipeline["pipeline_id"]
    recurring = await send(
        "POST",
        "recurringruns",
        {
            "display_name": "nightly",
            "pipeline_version_reference": {"pipeline_id": pipeline_id},
            "runtime_config": {"parameters": {"text": "hello"}},
            "trigger": {"cron_schedule": {"cron": "0 0 6 * * *"}},
            "max_concurrency": "1",
            "mode": "ENABLE",
        },
    )
    recurring_id = recurring["recurring_run_id"]
    await send("POST", f"recurringruns/{recurring_id}:disable")
    seen = await since(begin)
    assert [one["pipeline_id"] for one in seen["pipelines"]] == [pipeline_id]
    assert [one["recurring_run_id"] for one in seen["recurring_runs"]] == [recurring_id]
    # Each is told once, as it was changed last.
    assert seen["recurring_runs"][0]["revision"] > seen["pipelines"][0]["revision"]
    await send("DELETE", f"recurringruns/{recurring_id}")
    await send("DELETE", f"pipelines/{pipeline_id}?cascade=true")
    after = await since(seen["revision"])
    assert [after["pipelines"], after["recurring_runs"]] == [[], []]
    gone = {(one["kind"], one["id"]) for one in after["deleted"]}
    assert gone == {("pipeline", pipeline_id), ("recurring_run", recurring_id)}
    assert [one for one in told if one[0] in ("pipeline", "recurring_run")] == [
        ("pipeline", "created", "Say"),
        ("recurring_run", "created", "nightly"),
        ("recurring_run", "state", "nightly"),
        ("recurring_run", "deleted", "nightly"),
        ("pipeline", "deleted", "Say"),
    ]


async def test_another_server_of_the_store_tells_what_was_changed_here(send, trackside):
    await send("POST", "pipelines", {"display_name": "Say", "name": "say"})
    found = await trackside.services.store.read(lambda connection: news(connection, 0, 10))
    assert [(one.kind, one.data["name"]) for one in found] == [("pipeline", "Say")]
