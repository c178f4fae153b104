"""Who moved what, when and why: a history that only grows."""

from __future__ import annotations

import sqlite3
import time

import pytest

from .conftest import OWN


async def test_the_history_tells_every_move_of_an_alias_with_who_and_why(
    ok, model, alias, history, trackside
):
    await model("net", 3)
    await alias("net", "champion", "1")
    await alias("net", "champion", "2", headers={"X-Trackside-Reason": "better%20on%20gr%C3%BCn"})
    await alias("net", "champion", "2")  # nothing moves
    body = {"name": "net", "alias": "champion", "version": "3", "reason": "fixes drift"}
    line = (await ok("POST", f"{OWN}aliases", body))["promotion"]
    assert (line["from"], line["to"], line["reason"]) == ("2", "3", "fixes drift")
    assert line["actor"]
    assert abs(line["time"] - time.time() * 1000) < 60_000
    assert (await ok("POST", f"{OWN}aliases", body))["promotion"] is None
    await ok("DELETE", "registered-models/alias", {"name": "net", "alias": "champion"})
    assert await history("net") == [
        ("champion", None, "1", ""),
        ("champion", "1", "2", "better on grün"),
        ("champion", "2", "3", "fixes drift"),
        ("champion", "3", None, ""),
    ]


async def test_the_history_tells_every_version_that_changed_its_stage(ok, model, history):
    await model("net", 2)
    stage = {"name": "net", "version": "1", "stage": "production"}
    await ok("POST", "model-versions/transition-stage", stage)
    moved = await ok(
        "POST",
        f"{OWN}stages",
        {**stage, "version": "2", "archive_existing_versions": True, "reason": "new data"},
    )
    assert moved["model_version"]["current_stage"] == "Production"
    assert len(moved["promotions"]) == 2
    assert (await ok("POST", f"{OWN}stages", {**stage, "version": "2"}))["promotions"] == []
    assert await history("net") == [
        ("1", "None", "Production", ""),
        ("1", "Production", "Archived", "new data"),
        ("2", "None", "Production", "new data"),
    ]
    assert await history("net", "&version=2") == [("2", "None", "Production", "new data")]
    assert await history("net", "&kind=alias") == []


async def test_deleting_takes_aliases_and_stages_away_and_says_so(ok, model, alias, history):
    await model("net", 2)
    await alias("net", "champion", "2")
    await ok(
        "POST", f"{OWN}stages", {"name": "net", "version": "2", "stage": "Staging", "reason": "r"}
    )
    await ok("DELETE", "model-versions/delete", {"name": "net", "version": "2"})
    gone = "The version was deleted."
    assert await history("net") == [
        ("champion", None, "2", ""),
        ("2", "None", "Staging", "r"),
        ("champion", "2", None, gone),
        ("2", "Staging", None, gone),
    ]


async def test_who_was_in_production_at_a_time_is_known_after_renames_and_deletions(
    ok, model, alias
):
    def stage(version, to):
        body = {"name": "net", "version": version, "stage": to, "archive_existing_versions": True}
        return ok("POST", f"{OWN}stages", body)

    async def holders(name="net", at=None):
        when = "" if at is None else f"&time={at}"
        return await ok("GET", f"{OWN}holders?name={name}{when}")

    await model("net", 2)
    before = int(time.time() * 1000) - 1
    await stage("1", "Production")
    await alias("net", "champion", "1")
    moved = (await ok("GET", f"{OWN}history?name=net&limit=1"))["promotions"][0]["time"]
    while int(time.time() * 1000) <= moved:
        pass
    await stage("2", "Production")
    await alias("net", "champion", "2")
    assert await holders() == {
        "aliases": {"champion": "2"},
        "stages": {"Archived": ["1"], "Production": ["2"]},
    }
    assert await holders(at=moved) == {
        "aliases": {"champion": "1"},
        "stages": {"Production": ["1"]},
    }
    assert await holders(at=before) == {"aliases": {}, "stages": {}}
    await ok("POST", "registered-models/rename", {"name": "net", "new_name": "web"})
    assert (await holders("web", moved))["aliases"] == {"champion": "1"}
    await ok("DELETE", "registered-models/delete", {"name": "web"})
    assert await holders("web") == {"aliases": {}, "stages": {}}
    assert (await holders("web", moved))["aliases"] == {"champion": "1"}
    assert await holders("net") == {"aliases": {}, "stages": {}}


async def test_a_long_history_comes_in_pages(ok, model, alias):
    await model("net", 2)
    for number in range(25):
        await alias("net", "champion", str(1 + number % 2))
    seen, before = [], 2**53
    while before is not None:
        page = await ok("GET", f"{OWN}history?name=net&limit=10&before={before}")
        seen += [line["number"] for line in page["promotions"]]
        before = page["before"]
    assert len(seen) == 25
    assert seen == sorted(seen, reverse=True)


async def test_nothing_changes_the_history(model, alias, trackside):
    await model("net", 1)
    await alias("net", "champion", "1")
    store = trackside.services.store
    for statement in ("DELETE FROM promotions", "UPDATE promotions SET actor = 'nobody'"):
        with pytest.raises(sqlite3.IntegrityError, match="history"):
            await store.write(lambda connection, text=statement: connection.execute(text))


async def test_requests_that_make_no_sense_are_refused(refused, model):
    await model("net", 1)
    whole = {"name": "net", "alias": "a", "version": "1"}
    bad = [
        {**whole, "version": 1},
        {**whole, "version": "one"},
        {**whole, "alias": "latest"},
        {**whole, "alias": ""},
        {**whole, "name": ""},
        {**whole, "reason": "x" * 2001},
        {**whole, "reason": 5},
        {**whole, "unknown": 1},
    ]
    for body in bad:
        await refused("POST", f"{OWN}aliases", body)
    await refused("POST", f"{OWN}stages", {"name": "net", "version": "1", "stage": "Nowhere"})
    missing = {"status": 404, "code": "RESOURCE_DOES_NOT_EXIST"}
    await refused("POST", f"{OWN}aliases", {**whole, "version": "9"}, **missing)
    await refused("POST", f"{OWN}aliases", {**whole, "name": "nobody"}, **missing)
    for query in ("", "?name=net&kind=x", "?name=net&limit=0", "?name=net&version=x"):
        await refused("GET", f"{OWN}history{query}")
    await refused("GET", f"{OWN}history?name=nobody", **missing)
    await refused("GET", f"{OWN}holders?name=nobody", **missing)
    await refused("GET", f"{OWN}holders?name=net&time=now")
    headers = {"X-Trackside-Reason": "x" * 2001}
    await refused("POST", "registered-models/alias", whole, headers=headers)
