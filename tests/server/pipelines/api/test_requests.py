"""What is wrong with a request is said in KFP's form, with what to do."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import zipfile
from urllib.parse import quote

import pytest

API = "apis/v2beta1"
SPEC = {
    "pipelineInfo": {"name": "say"},
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.17.3",
    "root": {
        "inputDefinitions": {"parameters": {"text": {"parameterType": "STRING"}}},
        "dag": {
            "tasks": {"say": {"taskInfo": {"name": "say"}, "componentRef": {"name": "comp-say"}}}
        },
    },
    "components": {"comp-say": {"executorLabel": "exec-say"}},
    "deploymentSpec": {
        "executors": {"exec-say": {"container": {"image": "python:3.12", "command": ["true"]}}}
    },
}


@pytest.fixture
def upload(trackside_fetch):
    """Send files as a form does."""

    async def send(*files, path="pipelines/upload"):
        parts = [
            b'--b\r\nContent-Disposition: form-data; name="uploadfile"; '
            + f'filename="{name}"\r\n\r\n'.encode()
            + (content if isinstance(content, bytes) else content.encode())
            + b"\r\n"
            for name, content in files
        ]
        return await trackside_fetch(
            "POST",
            f"{API}/{path}",
            body=b"".join(parts) + b"--b--\r\n",
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )

    return send


def quoted(text):
    return quote(text, safe="")


def bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pipeline.yaml", b" " * 200_000_000)
    return packed.getvalue()


async def test_a_file_is_named_by_what_is_sent_by_itself_or_by_its_own_name(upload):
    text = json.dumps(SPEC)
    asked = "?name=mine&display_name=Mine&tags=%7B%22team%22%3A%22vision%22%7D&description=Words"
    made = (await upload(("a.yaml", text), path=f"pipelines/upload{asked}")).json
    assert (made["name"], made["display_name"], made["description"], made["tags"]) == (
        "mine",
        "Mine",
        "Words",
        {"team": "vision"},
    )
    assert (await upload(("a.yaml", text))).json["name"] == "say"
    path = f"pipelines/upload_version?pipelineid={made['pipeline_id']}"
    version = (await upload(("second try.yaml", text), path=path)).json
    assert (version["name"], version["pipeline_spec"]) == ("second try", SPEC)


WRONG_FILES = (
    ((), 400, "uploadfile"),
    ((("a.yaml", "{}"), ("b.yaml", "{}")), 400, "2 files in the part uploadfile"),
    ((("a.yaml", "a: [b"),), 400, "line"),
    ((("a.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Workflow"),), 400, "kfp>=2"),
    ((("a.yaml", json.dumps({**SPEC, "colour": "red"})),), 400, "colour"),
    ((("a.zip", b"PK\x03\x04nonsense"),), 400, "archive"),
    ((("a.zip", bomb()),), 400, "MiB"),
    ((("a.yaml", b"\xff\x00"),), 400, "text"),
    ((("a.yaml", json.dumps(SPEC).encode("utf-16")),), 400, "UTF-16"),
    ((("a.yaml", json.dumps(SPEC).encode("utf-32")),), 400, "UTF-32"),
    ((("a.yaml", json.dumps(SPEC).encode("utf-16-le")),), 400, "UTF-8"),
    ((("a.yaml", json.dumps({**SPEC, "root": {"dag": {"tasks": {}}, "x": 1}})),), 400, "root"),
)


async def test_what_is_no_pipeline_is_refused_with_the_place_and_what_to_do(upload):
    for files, status, told in WRONG_FILES:
        answer = await upload(*files)
        assert answer.json.keys() == {"code", "message", "details"}
        assert (answer.status, answer.json["code"]) == (status, 3), answer.text
        assert told in answer.json["message"], answer.text


async def test_a_form_without_its_file_says_what_is_there_instead(trackside_fetch):
    for body, told in (
        (b'--b\r\nContent-Disposition: form-data; name="x"; filename="a"\r\n\r\n.\r\n', "'x'"),
        (b'--b\r\nContent-Disposition: form-data; name="uploadfile"\r\n\r\n.\r\n', "no file name"),
        (b"--b\r\nnonsense", "form"),
    ):
        answer = await trackside_fetch(
            "POST",
            f"{API}/pipelines/upload",
            body=body + b"--b--\r\n",
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        assert (answer.status, answer.json["code"]) == (400, 3)
        assert told in answer.json["message"], answer.text


async def test_what_stands_in_an_address_is_refused_with_what_it_may_be(trackside_fetch):
    for query, told in (
        ("page_size=%D9%A1%D9%A2", "whole number"),
        ("page_size=1_0", "whole number"),
        ("filter=%ff%fe", "UTF-8"),
    ):
        answer = await trackside_fetch("GET", f"{API}/runs?{query}")
        assert (answer.status, answer.json["code"]) == (400, 3)
        assert told in answer.json["message"], answer.text


async def test_what_recurs_tells_all_that_its_runs_were_asked_for(trackside_fetch):
    asked = {"python": sys.executable, "on": "local", "cached": False}
    body = {
        "display_name": "x",
        "pipeline_spec": SPEC,
        "runtime_config": {"parameters": {"text": "a"}},
        "trigger": {"periodic_schedule": {"interval_second": "60"}},
        "mode": "DISABLE",
        "trackside": asked,
    }
    made = (await trackside_fetch("POST", f"{API}/recurringruns", json=body)).json
    assert made["trackside"] == asked


async def test_what_comes_at_once_without_an_experiment_shares_the_default_one(
    trackside, trackside_fetch
):
    tracking = trackside.services.tracking
    await tracking.rename_experiment("0", "mine")
    body = {
        "display_name": "x",
        "pipeline_spec": SPEC,
        "runtime_config": {"parameters": {"text": "a"}},
        "trigger": {"periodic_schedule": {"interval_second": "60"}},
        "mode": "DISABLE",
    }
    asked = [trackside_fetch("POST", f"{API}/recurringruns", json=body) for _ in range(5)]
    made = [answer.json for answer in await asyncio.gather(*asked)]
    default = await tracking.get_experiment_by_name("Default")
    assert {one.get("experiment_id") for one in made} == {default.experiment_id}, made


@pytest.mark.parametrize("most", ["-1", 0, 11, "\u0661", 10**30, 1.5])
async def test_how_many_runs_may_recur_at_once_is_said(trackside_fetch, most):
    body = {
        "display_name": "x",
        "pipeline_spec": SPEC,
        "runtime_config": {"parameters": {"text": "a"}},
        "trigger": {"periodic_schedule": {"interval_second": "60"}},
        "max_concurrency": most,
    }
    answer = await trackside_fetch("POST", f"{API}/recurringruns", json=body)
    assert answer.status == 400
    assert "between 1 and 10" in answer.json["message"]


WRONG_BODIES = (
    ("runs", {}),
    ("runs", {"display_name": "x"}),
    ("runs", {"display_name": "x", "pipeline_spec": []}),
    ("runs", {"display_name": "x", "pipeline_spec": SPEC}),
    ("runs", {"pipeline_spec": SPEC, "runtime_config": {"parameters": {"text": "a"}}}),
    ("runs", {"display_name": "x", "pipeline_spec": SPEC, "runtime_config": []}),
    (
        "runs",
        {"display_name": "x", "pipeline_spec": SPEC, "pipeline_version_id": "also"},
    ),
    ("runs", {"display_name": 3, "pipeline_spec": SPEC}),
    ("runs", {"display_name": "x\0", "pipeline_spec": SPEC}),
    ("experiments", {"display_name": "x\0"}),
    ("pipelines", {"display_name": "x\0"}),
    ("pipelines", {"display_name": ""}),
    ("pipelines", {"display_name": "x", "tags": {"a.b": "c"}}),
    ("pipelines", {"display_name": "x" * 300}),
    ("pipelines/create", {"pipeline": {"display_name": "x"}}),
    ("experiments", {"display_name": ""}),
    ("recurringruns", {"display_name": "x", "pipeline_spec": SPEC, "trigger": {}}),
    (
        "recurringruns",
        {
            "display_name": "x",
            "pipeline_spec": SPEC,
            "runtime_config": {"parameters": {"text": "a"}},
            "trigger": {"periodic_schedule": {"interval_second": "60"}},
            "trackside": {"cached": "no"},
        },
    ),
)
ABSENT = (
    "runs/none",
    "runs/none/tasks",
    "runs/none/tasks/none",
    "pipelines/none",
    "pipelines/none/versions",
    "pipelines/none/versions/none",
    "pipelines/names/none",
    "experiments/none",
    "experiments/99999999999999999999999",
    "recurringruns/none",
    "artifacts/none",
    "artifacts/none/content",
    "nothing/here",
)


async def test_a_body_that_lacks_something_is_refused_and_leaves_nothing(trackside_fetch):
    for path, body in WRONG_BODIES:
        answer = await trackside_fetch("POST", f"{API}/{path}", json=body)
        assert (answer.status, answer.json["code"]) == (400, 3), (body, answer.text)
        left = (await trackside_fetch("GET", f"{API}/{path.partition('/')[0]}")).json
        assert left.get("total_size", 0) == (1 if path == "experiments" else 0)


async def test_what_is_not_there_is_not_found(trackside_fetch):
    for path in ABSENT:
        answer = await trackside_fetch("GET", f"{API}/{path}")
        assert (answer.status, answer.json["code"]) == (404, 5), (path, answer.text)


async def test_a_pipeline_is_renamed_and_found_by_its_tags(trackside_fetch, upload):
    made = (await upload(("a.yaml", json.dumps(SPEC)))).json
    path = f"{API}/pipelines/{made['pipeline_id']}"
    body = {"display_name": "Say it", "tags": {"team": "words"}}
    changed = (await trackside_fetch("PATCH", path, json=body)).json
    assert (changed["name"], changed["display_name"]) == ("say", "Say it")
    for team, found in (("words", 1), ("vision", 0), ("x\"') OR 1", 0)):
        predicate = {"key": "tags.team", "operation": "EQUALS", "string_value": team}
        text = json.dumps({"predicates": [predicate]})
        listed = await trackside_fetch("GET", f"{API}/pipelines?filter={quoted(text)}")
        assert listed.json.get("total_size") == found
    await upload(
        ("a.yaml", json.dumps(SPEC)),
        path="pipelines/upload?name=b&tags=%7B%22team%22%3A%22art%22%7D",
    )
    for order, names in (("tags.team", ["b", "say"]), ("tags.team desc", ["say", "b"])):
        listed = await trackside_fetch("GET", f"{API}/pipelines?sort_by={quoted(order)}")
        assert [one["name"] for one in listed.json["pipelines"]] == names
    predicate = {"key": "display_name", "operation": "IS_SUBSTRING", "string_value": "SAY"}
    text = json.dumps({"predicates": [predicate]})
    listed = await trackside_fetch("GET", f"{API}/pipelines?filter={quoted(text)}")
    assert [one["name"] for one in listed.json["pipelines"]] == ["say"]
    for key in ("tags.", 'tags.a"b', "tags.a'b", "tags.a.b"):
        predicate = {"key": key, "operation": "EQUALS", "string_value": "x"}
        text = json.dumps({"predicates": [predicate]})
        listed = await trackside_fetch("GET", f"{API}/pipelines?filter={quoted(text)}")
        assert listed.status == 400, key
    named = await trackside_fetch("GET", f"{API}/pipelines/names/say")
    assert named.json["pipeline_id"] == made["pipeline_id"]


async def test_experiments_are_those_of_tracking(trackside, trackside_fetch):
    tracking = trackside.services.tracking
    made = [await tracking.create_experiment(f"digits 'a' {n}") for n in range(3)]
    await tracking.delete_experiment(made[2])

    async def find(**predicate):
        text = json.dumps({"predicates": [predicate]})
        path = f"{API}/experiments?sort_by={quoted('created_at desc')}&filter={quoted(text)}"
        answer = await trackside_fetch("GET", path)
        assert answer.status == 200, answer.text
        return [one["experiment_id"] for one in answer.json.get("experiments", [])]

    assert await find(key="name", operation=1, stringValue="digits 'a' 1") == [made[1]]
    assert await find(key="name", operation=1, stringValue="digits") == []
    assert await find(key="name", operation=9, stringValue="IGITS 'A'") == made[::-1]
    for more_than_it_is in ("digits%1", "digits_'a'"):
        assert await find(key="name", operation=9, stringValue=more_than_it_is) == []
    assert await find(key="storage_state", operation=1, stringValue="ARCHIVED") == [made[2]]
    kept = await find(key="storage_state", operation=2, stringValue="ARCHIVED")
    assert set(kept) == {"0", *made[:2]}
    assert await find(key="created_at", operation=3, longValue="4000000000") == []
    first = await trackside_fetch("GET", f"{API}/experiments?page_size=3")
    assert "total_size" not in first.json
    token = first.json["next_page_token"]
    rest = await trackside_fetch("GET", f"{API}/experiments?page_size=3&page_token={token}")
    assert len(first.json["experiments"]) + len(rest.json["experiments"]) == 4
    body = {"display_name": "digits 'a' 1"}
    taken = await trackside_fetch("POST", f"{API}/experiments", json=body)
    assert (taken.status, taken.json["code"]) == (409, 6)
    gone = {"display_name": "x", "experiment_id": made[2], "pipeline_spec": SPEC}
    refused = await trackside_fetch("POST", f"{API}/runs", json=gone)
    assert refused.status == 400
    assert "archived" in refused.json["message"]
