"""The board of stages: aliases that every client knows, moved with a reason, and taken back."""

from __future__ import annotations

import pytest

from .conftest import OWN


@pytest.fixture
def place(ok):
    """Move a version of the model to a column; give the lines."""

    async def move(version, stage, **more):
        body = {"name": "net", "version": version, "stage": stage, **more}
        return (await ok("POST", f"{OWN}board", body))["promotions"]

    return move


@pytest.fixture
def standing(ok):
    """Give the aliases and stages of the model now."""

    async def read():
        found = await ok("GET", f"{OWN}holders?name=net")
        return found["aliases"], found["stages"]

    return read


async def test_a_column_is_an_alias_and_a_move_leaves_nothing_that_contradicts_it(
    ok, model, place, standing, history
):
    await model("net", 2)
    await place("1", "staging", reason="try it")
    assert await standing() == ({"staging": "1"}, {})
    await place("1", "Production", reason="it works")
    assert await standing() == ({"production": "1"}, {})
    assert await place("1", "Production") == []
    await place("1", "Archived", reason="too old")
    assert await standing() == ({}, {"Archived": ["1"]})
    await place("1", "None")
    assert await standing() == ({}, {})
    assert await history("net") == [
        ("staging", None, "1", "try it"),
        ("production", None, "1", "it works"),
        ("staging", "1", None, "it works"),
        ("production", "1", None, "too old"),
        ("1", "None", "Archived", "too old"),
        ("1", "Archived", "None", ""),
    ]


async def test_who_enters_can_archive_who_stood_there_by_alias_or_by_stage(
    ok, model, place, standing
):
    await model("net", 3)
    await ok(
        "POST",
        "model-versions/transition-stage",
        {"name": "net", "version": "1", "stage": "Production"},
    )
    await place("2", "Production")
    assert await standing() == ({"production": "2"}, {"Production": ["1"]})
    lines = await place("3", "Production", archive_existing_versions=True)
    assert {line["move"] for line in lines} == {lines[0]["number"]}
    assert await standing() == ({"production": "3"}, {"Archived": ["1", "2"]})


async def test_a_move_is_taken_back_whole_and_the_line_names_it(ok, model, place, standing):
    await model("net", 2)
    await place("1", "Production")
    moved = await place("2", "Production", archive_existing_versions=True, reason="newer")
    before = await standing()
    back = await ok(
        "POST", f"{OWN}back", {"name": "net", "move": moved[0]["move"], "reason": "slower"}
    )
    assert await standing() == ({"production": "1"}, {})
    assert {line["reverts"] for line in back["promotions"]} == {moved[0]["number"]}
    assert {line["reason"] for line in back["promotions"]} == {"slower"}
    # And what was taken back can be taken back.
    again = {"name": "net", "move": back["promotions"][0]["move"]}
    await ok("POST", f"{OWN}back", again)
    assert await standing() == before


async def test_what_moved_on_or_is_gone_cannot_be_taken_back(ok, refused, model, place):
    await model("net", 2)
    first = (await place("1", "Production"))[0]["move"]
    await place("2", "Production")
    conflict = {"status": 409, "code": "RESOURCE_CONFLICT"}
    message = await refused("POST", f"{OWN}back", {"name": "net", "move": first}, **conflict)
    assert "moved again" in message
    lost = (await place("1", "Staging"))[0]["move"]
    await ok("DELETE", "model-versions/delete", {"name": "net", "version": "1"})
    await refused("POST", f"{OWN}back", {"name": "net", "move": lost}, **conflict)
    missing = {"status": 404, "code": "RESOURCE_DOES_NOT_EXIST"}
    await refused("POST", f"{OWN}back", {"name": "net", "move": 999}, **missing)
    for body in ({"name": "net"}, {"name": "net", "move": True}, {"name": "net", "move": "1"}):
        await refused("POST", f"{OWN}back", body)
    archive = {"stage": "None", "archive_existing_versions": True}
    await refused("POST", f"{OWN}board", {"name": "net", "version": "2", **archive})


@pytest.mark.parametrize("number", [0, -1, 2**53, 2**70])
async def test_a_number_that_no_move_has_takes_nothing_back(
    refused, model, place, standing, number
):
    await model("net", 2)
    await place("1", "Production")
    await place("2", "Staging")
    before = await standing()
    message = await refused("POST", f"{OWN}back", {"name": "net", "move": number})
    assert "number of a move" in message
    assert await standing() == before


async def test_a_model_does_not_take_back_what_another_of_its_name_moved(
    ok, refused, model, place, standing
):
    await model("net", 2)
    move = (await place("2", "Production"))[0]["move"]
    await ok("DELETE", "registered-models/delete", {"name": "net"})
    await model("net", 2)
    conflict = {"status": 409, "code": "RESOURCE_CONFLICT"}
    lost = (await ok("GET", f"{OWN}history?name=net"))["promotions"][0]["move"]
    for number in (move, lost):
        message = await refused("POST", f"{OWN}back", {"name": "net", "move": number}, **conflict)
        assert "which is deleted" in message
    assert await standing() == ({}, {})


async def test_a_move_of_another_model_is_not_taken_back_under_this_name(ok, refused, model, place):
    await model("net", 1)
    await model("other", 1)
    move = (await place("1", "Production"))[0]["move"]
    await refused(
        "POST",
        f"{OWN}back",
        {"name": "other", "move": move},
        status=404,
        code="RESOURCE_DOES_NOT_EXIST",
    )
