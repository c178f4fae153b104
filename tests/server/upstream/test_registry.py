"""Models of an outside MLflow server are promoted with a reason, and with a history it lacks."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from trackside_server.testing import JupyterProcess

from .conftest import V2, eventually

OWN = "trackside/api/v1/registry"
HOSTILE = """<img src=x onerror=alert(1)> 'a' "b"% _ é"""


@pytest.fixture(scope="module", params=["mlflow_server", "older_server"])
def both(request, tmp_path_factory):
    """An MLflow server and a Jupyter server in front of it."""
    mlflow = request.getfixturevalue(request.param)
    jupyter = JupyterProcess(
        tmp_path_factory.mktemp("jupyter"), config={"Trackside": {"tracking_uri": mlflow.uri}}
    )
    try:
        yield mlflow, jupyter.start().wait_ready()
    finally:
        jupyter.clean_up()


def _model(mlflow, name, versions):
    mlflow.call("POST", "registered-models/create", {"name": name})
    for _ in range(versions):
        mlflow.call("POST", "model-versions/create", {"name": name, "source": "s3://bucket/x"})


def _ask(jupyter, method, path, body=None, **headers):
    answer = jupyter.request(method, path, body, headers=headers)
    assert answer.status == 200, answer.text
    return answer.json


def _lines(jupyter, name):
    found = _ask(jupyter, "GET", f"{OWN}/history?name={quote(name)}")["promotions"]
    return [
        (line.get("alias") or line["version"], line["from"], line["to"], line["reason"])
        for line in reversed(found)
    ]


def _in_production(mlflow, name):
    found = mlflow.call("GET", f"registered-models/get?name={quote(name)}")["registered_model"]
    return {item["alias"]: item["version"] for item in found["aliases"]}["production"]


@pytest.mark.parametrize("name", ["board", HOSTILE], ids=["plain", "hostile"])
def test_a_move_on_the_board_is_made_there_and_written_down_here_and_taken_back(both, name):
    mlflow, jupyter = both
    _model(mlflow, name, 2)
    move = {"name": name, "stage": "Production", "reason": "3 % better"}
    _ask(jupyter, "POST", f"{OWN}/board", {**move, "version": "1"})
    second = _ask(
        jupyter,
        "POST",
        f"{OWN}/board",
        {**move, "version": "2", "archive_existing_versions": True},
    )["promotions"]
    assert [line["move"] for line in second] == [second[0]["number"]] * 2
    assert _in_production(mlflow, name) == "2"
    back = _ask(
        jupyter, "POST", f"{OWN}/back", {"name": name, "move": second[0]["move"], "reason": "slow"}
    )["promotions"]
    assert {line["reverts"] for line in back} == {second[0]["number"]}
    assert _in_production(mlflow, name) == "1"
    assert _lines(jupyter, name) == [
        ("production", None, "1", "3 % better"),
        ("production", "1", "2", "3 % better"),
        ("1", "None", "Archived", "3 % better"),
        ("1", "Archived", "None", "slow"),
        ("production", "2", "1", "slow"),
    ]


def test_aliases_and_stages_of_mlflow_are_taken_back_too(both):
    mlflow, jupyter = both
    _model(mlflow, "back", 2)
    alias = {"name": "back", "alias": "champion"}
    _ask(jupyter, "POST", f"{OWN}/aliases", {**alias, "version": "1"})
    moved = _ask(jupyter, "POST", f"{OWN}/aliases", {**alias, "version": "2"})["promotion"]
    _ask(jupyter, "POST", f"{OWN}/back", {"name": "back", "move": moved["move"]})
    stage = {"name": "back", "version": "2", "stage": "Staging"}
    (staged,) = _ask(jupyter, "POST", f"{OWN}/stages", stage)["promotions"]
    _ask(jupyter, "POST", f"{OWN}/back", {"name": "back", "move": staged["move"]})
    holders = _ask(jupyter, "GET", f"{OWN}/holders?name=back")
    assert holders == {"aliases": {"champion": "1"}, "stages": {}}
    found = mlflow.call("GET", "model-versions/get?name=back&version=2")["model_version"]
    assert found["current_stage"] == "None"


def test_what_clients_move_through_this_server_has_a_name_and_what_others_move_is_seen(both):
    mlflow, jupyter = both
    _model(mlflow, "seen", 2)
    alias = {"name": "seen", "alias": "champion"}
    reason = {"X-Trackside-Reason": "gr%C3%BCn"}
    _ask(jupyter, "POST", f"{V2}/registered-models/alias", {**alias, "version": "1"}, **reason)
    eventually(lambda: _lines(jupyter, "seen") == [("champion", None, "1", "grün")])
    mlflow.call("POST", "registered-models/alias", {**alias, "version": "2"})
    stage = {"name": "seen", "version": "1", "stage": "Staging", "archive_existing_versions": False}
    mlflow.call("POST", "model-versions/transition-stage", stage)
    eventually(lambda: len(_lines(jupyter, "seen")) == 3)
    answer = _ask(jupyter, "GET", f"{OWN}/history?name=seen")
    assert [(line["seen"], bool(line["actor"])) for line in answer["promotions"]] == [
        (True, False),
        (True, False),
        (False, True),
    ]
    assert answer["since"] <= answer["promotions"][-1]["time"]
    holders = _ask(jupyter, "GET", f"{OWN}/holders?name=seen")
    assert holders == {"aliases": {"champion": "2"}, "stages": {"Staging": ["1"]}}
    at = answer["promotions"][-1]["time"]
    holders = _ask(jupyter, "GET", f"{OWN}/holders?name=seen&time={at}")
    assert holders == {"aliases": {"champion": "1"}, "stages": {}}


def test_the_history_follows_renames_and_outlives_the_model(both):
    mlflow, jupyter = both
    _model(mlflow, "net", 1)
    body = {"name": "net", "alias": "champion", "version": "1", "reason": "first"}
    _ask(jupyter, "POST", f"{OWN}/aliases", body)
    revision = _ask(jupyter, "GET", "trackside/api/v1/changes")["revision"]
    rename = {"name": "net", "new_name": "web"}
    _ask(jupyter, "POST", f"{V2}/registered-models/rename", rename)
    news = eventually(
        lambda: _ask(jupyter, "GET", f"trackside/api/v1/changes?since={revision}")["models"]
    )
    assert [model["name"] for model in news] == ["web"]
    assert _lines(jupyter, "web") == [("champion", None, "1", "first")]
    _ask(jupyter, "DELETE", f"{V2}/registered-models/delete", {"name": "web"})
    eventually(lambda: len(_lines(jupyter, "web")) == 2)
    assert _lines(jupyter, "web")[1] == ("champion", "1", None, "The model was deleted.")
    # A new one of that name begins anew.
    _model(mlflow, "web", 1)
    assert len(_lines(jupyter, "web")) == 2
    assert _ask(jupyter, "GET", f"{OWN}/holders?name=web") == {"aliases": {}, "stages": {}}
    # And takes nothing back that the other one moved.
    for line in _ask(jupyter, "GET", f"{OWN}/history?name=web")["promotions"]:
        body = {"name": "web", "move": line["move"]}
        assert jupyter.request("POST", f"{OWN}/back", body).status == 409
    assert _ask(jupyter, "GET", f"{OWN}/holders?name=web") == {"aliases": {}, "stages": {}}


def test_requests_that_make_no_sense_are_refused_before_anything_moves(both):
    mlflow, jupyter = both
    _model(mlflow, "strict", 1)
    for body, status in [
        ({"name": "strict", "version": "9", "stage": "Staging"}, 404),
        ({"name": "nobody", "version": "1", "stage": "Staging"}, 404),
        ({"name": "strict", "version": "1", "stage": "Nowhere"}, 400),
        ({"name": "strict", "version": "1", "stage": "Staging", "reason": "x" * 2001}, 400),
    ]:
        assert jupyter.request("POST", f"{OWN}/board", body).status == status
    assert jupyter.request("POST", f"{OWN}/back", {"name": "strict", "move": 99}).status == 404
    alias = {"name": "strict", "alias": "a", "version": "1"}
    headers = {"X-Trackside-Reason": "x" * 2001}
    answer = jupyter.request("POST", f"{V2}/registered-models/alias", alias, headers=headers)
    assert answer.status == 400
    assert _lines(jupyter, "strict") == []


def test_a_model_that_the_server_is_slow_with_holds_up_no_other(jupyter, recorder):
    place = "/team/x/api/2.0/mlflow/registered-models/get"
    recorder.answer(place, json.dumps({"registered_model": {"name": "any"}}).encode())
    asked, answered, is_first = threading.Event(), threading.Event(), threading.Lock()

    def hold_the_first():
        if is_first.acquire(blocking=False):
            asked.set()
            answered.wait(60)

    recorder.hooks[place] = hold_the_first
    with ThreadPoolExecutor(1) as elsewhere:
        slow = elsewhere.submit(_lines, jupyter, "slow")
        try:
            assert asked.wait(30)
            assert _lines(jupyter, "quick") == []
            assert not slow.done()
        finally:
            answered.set()
        assert slow.result() == []


def test_moves_of_one_model_at_the_same_time_are_written_down_in_the_order_they_were_made(both):
    mlflow, jupyter = both
    names = ("left", "right")
    for name in names:
        _model(mlflow, name, 6)
    moves = [
        {"name": name, "alias": "champion", "version": str(version)}
        for version in range(1, 7)
        for name in names
    ]
    with ThreadPoolExecutor(len(moves)) as many:
        list(many.map(lambda move: _ask(jupyter, "POST", f"{OWN}/aliases", move), moves))
    for name in names:
        lines = _ask(jupyter, "GET", f"{OWN}/history?name={name}")["promotions"]
        newest_first = [(line["from"], line["to"], line["seen"]) for line in lines]
        assert len(lines) == 6
        assert [old for old, *_ in newest_first] == [
            *(new for _, new, _ in newest_first[1:]),
            None,
        ]
        assert not any(seen for *_, seen in newest_first)
        found = mlflow.call("GET", f"registered-models/get?name={name}")["registered_model"]
        assert found["aliases"] == [{"alias": "champion", "version": newest_first[0][1]}]
