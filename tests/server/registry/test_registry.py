"""Names, versions and their numbers: what MLflow's own server does not promise."""

from __future__ import annotations

import asyncio
import json
import logging

from trackside_server.changes import Changes
from trackside_server.registry.service import Registry
from trackside_server.store import Store
from trackside_server.tracking.artifacts import Artifacts

# In the shapes of known attacks: other runs, other folders, other hosts, scripts.
ELSEWHERE = [
    "mlflow-artifacts:/0/RUN/artifacts/../../OTHER/artifacts",
    "mlflow-artifacts:/0/RUN/artifacts/%2e%2e/%2E%2E/OTHER",
    "mlflow-artifacts:/0/RUN/artifacts/%252e%252e/x",
    "mlflow-artifacts:/0/RUN/artifacts/x%00",
    "mlflow-artifacts:/0/RUN/artifacts/x#/../../y",
    "mlflow-artifacts:/0/RUN/artifacts/x?/../../y",
    "mlflow-artifacts:/0/RUN/artifacts2/x",
    "mlflow-artifacts:/0/OTHER/artifacts/x",
    "mlflow-artifacts:/0/RUN",
    "mlflow-artifacts:/",
    "mlflow-artifacts://evil.example/0/RUN/artifacts",
    "MLFLOW-ARTIFACTS://evil.example/0/RUN/artifacts",
    "mlflow-artifacts:0/RUN/artifacts",
    "runs:/OTHER/model",
    "runs:/RUN/../OTHER/model",
    "runs:/RUN/%2e%2e/model",
    "runs://evil.example/RUN/model",
    "models:/m-unknown",
    "models://evil.example/net/1",
    "models:/net/../../etc",
    "/etc/passwd",
    "//etc/passwd",
    "\\\\host\\share",
    "C:\\Windows\\win.ini",
    "c:/windows/win.ini",
    "file:/etc/passwd",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "file://localhost/etc/passwd",
    "etc/passwd",
    ".",
    "http://169.254.169.254/latest/meta-data",
    "HTTPS://evil.example/x",
    "ftp://evil.example/x",
    "sftp://evil.example/x",
    "hdfs://evil.example/x",
    "s3://bucket/../other",
    "s3://bucket/%2e%2e/other",
    "s3://bucket/a\nb",
    "dbfs:/../etc",
    "javascript:alert(1)",
    "javascript://%0aalert(1)",
    "data:text/html,x",
    "s3:",
    "s3://",
    "dummy-source",
    "x" * 3000,
]


async def test_versions_that_are_created_at_once_get_numbers_of_their_own(ok, model):
    await model("net")
    body = {"name": "net", "source": "s3://bucket/x"}
    made = await asyncio.gather(*(ok("POST", "model-versions/create", body) for _ in range(40)))
    numbers = sorted(int(answer["model_version"]["version"]) for answer in made)
    assert numbers == list(range(1, 41))


def test_two_servers_on_one_store_give_out_each_number_once(tmp_path):
    stores = [Store(tmp_path / "trackside", logging.getLogger("test")) for _ in range(2)]
    for store in stores:
        store.open()
    try:
        first, second = (Registry(store, Changes(), Artifacts(tmp_path)) for store in stores)

        async def fill():
            await first.create_model("net")
            return await asyncio.gather(
                *(
                    registry.create_version("net", "s3://bucket/x")
                    for registry in (first, second) * 20
                )
            )

        made = asyncio.run(fill())
    finally:
        for store in stores:
            store.close()
    assert sorted(version.version for version in made) == list(range(1, 41))


async def test_the_number_of_a_deleted_version_is_never_used_again(ok, model):
    await model("net", 3)
    await ok("DELETE", "model-versions/delete", {"name": "net", "version": "3"})
    body = {"name": "net", "source": "s3://bucket/x"}
    made = await ok("POST", "model-versions/create", body)
    assert made["model_version"]["version"] == "4"


async def test_a_copy_tells_the_run_and_the_model_that_it_came_from(ok, model, run):
    info = await run()
    body = {"experiment_id": "0", "name": "tree", "source_run_id": info["run_id"]}
    logged = (await ok("POST", "logged-models", body))["model"]["info"]
    await model("net")
    await model("copy")
    source = {"source": f"models:/{logged['model_id']}", "model_id": logged["model_id"]}
    await ok("POST", "model-versions/create", {"name": "net", **source})
    copied = await ok("POST", "model-versions/create", {"name": "copy", "source": "models:/net/1"})
    assert copied["model_version"]["run_id"] == info["run_id"]
    assert copied["model_version"]["model_id"] == logged["model_id"]
    where = await ok("GET", "model-versions/get-download-uri?name=copy&version=1")
    assert where["artifact_uri"] == logged["artifact_uri"]
    # A copy of a copy, after the first model is gone.
    await ok("DELETE", "registered-models/delete", {"name": "net"})
    again = await ok("POST", "model-versions/create", {"name": "copy", "source": "models:/copy/1"})
    assert again["model_version"]["run_id"] == info["run_id"]


async def test_a_logged_model_lists_its_versions_through_renames_and_deletions(ok, model):
    body = {"experiment_id": "0", "name": "tree"}
    model_id = (await ok("POST", "logged-models", body))["model"]["info"]["model_id"]
    other = {"name": "elsewhere", "version": "7"}
    tags = [{"key": "mlflow.modelVersions", "value": json.dumps([other])}]
    await ok("PATCH", f"logged-models/{model_id}/tags", {"tags": tags})
    await model("net")
    source = {"name": "net", "source": f"models:/{model_id}", "model_id": model_id}

    async def listed():
        info = (await ok("GET", f"logged-models/{model_id}"))["model"]["info"]
        return json.loads(info["tags"][0]["value"])

    for _ in range(2):
        await ok("POST", "model-versions/create", source)
    assert await listed() == [other, *({"name": "net", "version": n} for n in (1, 2))]
    await ok("POST", "registered-models/rename", {"name": "net", "new_name": "web"})
    assert await listed() == [other, *({"name": "web", "version": n} for n in (1, 2))]
    await ok("DELETE", "model-versions/delete", {"name": "web", "version": "1"})
    assert await listed() == [other, {"name": "web", "version": 2}]
    await ok("DELETE", "registered-models/delete", {"name": "web"})
    assert await listed() == [other]
    # What users write there themselves stops nothing.
    for value in ("not json", '{"a": 1}'):
        tags = [{"key": "mlflow.modelVersions", "value": value}]
        await ok("PATCH", f"logged-models/{model_id}/tags", {"tags": tags})
        await model(value.replace(":", ""))
        await ok("POST", "model-versions/create", {**source, "name": value.replace(":", "")})
        await ok("DELETE", "registered-models/delete", {"name": value.replace(":", "")})


async def test_a_source_that_leads_elsewhere_is_refused_and_leaves_nothing(ok, refused, model, run):
    mine, other = (await run())["run_id"], (await run())["run_id"]
    await model("net")
    for source in ELSEWHERE:
        text = source.replace("RUN", mine).replace("OTHER", other)
        for fields in ({"run_id": mine}, {}, {"run_id": mine, "model_id": ""}):
            body = {"name": "net", "source": text, **fields}
            assert len(await refused("POST", "model-versions/create", body)) < 400
    assert await ok("GET", "model-versions/search?filter=name%20%3D%20'net'") == {}
    made = await ok("POST", "model-versions/create", {"name": "net", "source": "s3://bucket/x"})
    assert made["model_version"]["version"] == "1"


async def test_files_that_clients_keep_themselves_are_registered_from_inside_their_run(
    ok, refused, model
):
    body = {"name": "mine", "artifact_location": "/data/mine"}
    experiment = (await ok("POST", "experiments/create", body))["experiment_id"]
    info = (await ok("POST", "runs/create", {"experiment_id": experiment}))["run"]["info"]
    await model("net")
    body = {"name": "net", "run_id": info["run_id"]}
    for source in (f"{info['artifact_uri']}/model", f"file://{info['artifact_uri']}/model"):
        await ok("POST", "model-versions/create", {**body, "source": source})
    await refused("POST", "model-versions/create", {**body, "source": "/data/mine/x"})


async def test_a_name_that_is_used_again_begins_anew(ok, model, history, alias):
    await model("net", 2)
    await alias("net", "champion", "2")
    await ok("DELETE", "registered-models/delete", {"name": "net"})
    ended = [("champion", None, "2", ""), ("champion", "2", None, "The model was deleted.")]
    assert await history("net") == ended
    await model("net", 1)
    await alias("net", "champion", "1")
    # What was done under the name stays known.
    assert await history("net") == [*ended, ("champion", None, "1", "")]
    found = await ok("GET", "registered-models/get?name=net")
    assert [item["version"] for item in found["registered_model"]["latest_versions"]] == ["1"]


async def test_a_view_learns_of_every_model_that_changed_was_renamed_or_is_gone(ok, model):
    await model("net", 1)
    await model("other")
    known = (await ok("GET", "api/v1/changes?since=1"))["revision"]
    await ok("POST", "registered-models/set-tag", {"name": "net", "key": "a", "value": "b"})
    await ok("POST", "registered-models/rename", {"name": "net", "new_name": "web"})
    await ok("DELETE", "registered-models/delete", {"name": "other"})
    news = await ok("GET", f"api/v1/changes?since={known}")
    assert [item["name"] for item in news["models"]] == ["web"]
    assert {(item["kind"], item["id"]) for item in news["deleted"]} == {
        ("model", "net"),
        ("model", "other"),
    }
    await model("other")
    news = await ok("GET", f"api/v1/changes?since={known}")
    assert {item["name"] for item in news["models"]} == {"web", "other"}
    assert [item["id"] for item in news["deleted"]] == ["net"]


async def test_searches_take_what_the_grammar_has_beyond_mlflows(ok, model):
    for name in ("a", "b", "c"):
        await model(name, 1)
    prompt = {"name": "p", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}
    await ok("POST", "registered-models/create", prompt)
    either = "name%20%3D%20'a'%20OR%20(name%20LIKE%20'c%25'%20OR%20name%20%3D%20'p')"
    found = await ok("GET", f"registered-models/search?filter={either}")
    assert [item["name"] for item in found["registered_models"]] == ["a", "c"]
    found = await ok("GET", f"model-versions/search?filter={either}&order_by=name")
    assert [item["name"] for item in found["model_versions"]] == ["a", "c"]


async def test_pages_of_a_search_hold_every_version_once(ok, model):
    await model("net", 25)
    seen, token = [], ""
    while True:
        page = await ok("GET", f"model-versions/search?max_results=10&page_token={token}")
        seen += [item["version"] for item in page["model_versions"]]
        token = page.get("next_page_token")
        if not token:
            break
    assert sorted(map(int, seen)) == list(range(1, 26))
