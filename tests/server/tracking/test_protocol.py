"""The habits of MLflow's protocol, as raw requests show them."""

from __future__ import annotations

import json
import re

import pytest

from trackside_server.protocol.routes import FILE_ROUTES, ROUTES
from trackside_server.web import MAX_BODY

JSON = {"Content-Type": "application/json"}


async def test_the_default_experiment_is_there_from_the_start(ok, new_run):
    found = await ok("GET", "experiments/get?experiment_id=0")
    assert found["experiment"]["name"] == "Default"
    run = await new_run("0")
    assert run["artifact_uri"] == f"mlflow-artifacts:/0/{run['run_id']}/artifacts"


async def test_whole_numbers_are_json_numbers_and_may_be_sent_as_text(ok, api, new_run):
    run = await new_run(start_time="1234567890123")
    run_id = run["run_id"]
    await ok(
        "POST",
        "runs/log-metric",
        {
            "run_id": run_id,
            "key": "m",
            "value": "0.5",
            "timestamp": "17",
            "step": "9007199254740993",
        },
    )
    answer = await api("GET", f"runs/get?run_id={run_id}")
    assert '"start_time":1234567890123' in answer.text
    assert '"value":0.5,"timestamp":17,"step":9007199254740993' in answer.text


async def test_nan_is_a_text_and_infinity_the_largest_number(ok, new_run):
    run_id = (await new_run())["run_id"]
    for key, value in (("n", "NaN"), ("i", "Infinity"), ("j", "-Infinity"), ("z", -0.0)):
        body = {"run_id": run_id, "key": key, "value": value, "timestamp": 1}
        await ok("POST", "runs/log-metric", body)
    metrics = (await ok("GET", f"runs/get?run_id={run_id}"))["run"]["data"]["metrics"]
    values = {metric["key"]: metric["value"] for metric in metrics}
    largest = 1.7976931348623157e308
    assert values == {"n": "NaN", "i": largest, "j": -largest, "z": 0.0}
    assert str(values["z"]) == "0.0"
    history = await ok("GET", f"metrics/get-history?run_id={run_id}&metric_key=n")
    assert history == {"metrics": [{"key": "n", "value": "NaN", "timestamp": 1, "step": 0}]}


async def test_bare_nan_is_read_although_it_is_no_json(ok, new_run):
    run_id = (await new_run())["run_id"]
    body = f'{{"run_id": "{run_id}", "key": "m", "value": NaN, "timestamp": 1}}'
    await ok("POST", "runs/log-metric", body=body.encode(), headers=JSON)


async def test_what_is_empty_is_left_out(ok, new_run):
    run_id = (await new_run())["run_id"]
    run = (await ok("GET", f"runs/get?run_id={run_id}"))["run"]
    assert "end_time" not in run["info"]
    assert set(run["data"]) == {"tags"}
    assert run["inputs"] == {}
    assert await ok("POST", "runs/search", {"experiment_ids": []}) == {}
    assert await ok("GET", f"metrics/get-history?run_id={run_id}&metric_key=none") == {}
    assert await ok("GET", "metrics/get-history?run_id=nobody&metric_key=none") == {}


async def test_fields_may_be_spelled_in_camel_case_but_not_both_ways(ok, refused):
    await ok("POST", "experiments/create", {"name": "a", "artifactLocation": "s3://bucket/a"})
    message = await refused(
        "POST",
        "experiments/create",
        {"name": "b", "artifactLocation": "s3://x/a", "artifact_location": "s3://x/b"},
    )
    assert "twice" in message


async def test_a_body_that_is_json_inside_json_is_read(ok):
    body = json.dumps(json.dumps({"name": "twice"})).encode()
    await ok("POST", "experiments/create", body=body, headers=JSON)
    await ok("GET", "experiments/get-by-name?experiment_name=twice")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"{", JSON),
        (b"[]", JSON),
        (b"5", JSON),
        (b"\xff\xfe", JSON),
        (b"[" * 100_000, JSON),
        (b'{"name": "x"}', {"Content-Type": "text/plain"}),
        (b'{"name": "x"}', {}),
        (b'{"name": "\\ud800"}', JSON),
        (b'{"name": {"a": 1}}', JSON),
        (b'{"name": "x", "tags": [1]}', JSON),
        (b'{"name": "x", "tags": [{"key": "a", "value": 5}]}', JSON),
    ],
)
async def test_a_broken_request_is_the_callers_fault(refused, body, headers):
    await refused("POST", "experiments/create", body=body, headers=headers)


async def test_a_body_that_would_hold_up_the_server_is_refused(refused):
    body = b'{"name": "' + b"x" * MAX_BODY + b'"}'
    answer = {"status": 413, "code": "RESOURCE_EXHAUSTED"}
    await refused("POST", "experiments/create", body=body, headers=JSON, **answer)


async def test_the_content_type_may_have_parameters(ok):
    headers = {"Content-Type": "application/json; charset=utf-8"}
    await ok("POST", "experiments/create", body=b'{"name": "x"}', headers=headers)


async def test_unknown_fields_are_ignored(ok):
    await ok("POST", "experiments/create", {"name": "x", "from_the_future": {"a": 1}})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "api/2.0/mlflow/registered-models/nothing"),
        ("GET", "api/2.0/mlflow/nothing"),
        ("GET", "api/2.0/preview/mlflow/experiments/get"),
        ("GET", "api/3.0/mlflow/experiments/get"),
        ("POST", "ajax-api/2.0/mlflow/nothing"),
        ("POST", "v1/metrics"),
        ("GET", "graphql"),
    ],
)
async def test_clients_can_fall_back_from_a_route_that_is_not_there(trackside_fetch, method, path):
    body = {} if method == "POST" else None
    answer = await trackside_fetch(method, path, body)
    assert (answer.status, answer.json["error_code"]) == (404, "ENDPOINT_NOT_FOUND")


async def test_every_route_of_the_table_is_served(trackside_fetch):
    for route in (*ROUTES, *FILE_ROUTES):
        path = re.sub(r"\{\w+\}", "x", route.url.removeprefix("/trackside/"))
        answer = await trackside_fetch(route.method, path, {} if route.method != "GET" else None)
        assert answer.status in (200, 400, 404, 422, 501), route
        assert "ENDPOINT_NOT_FOUND" not in answer.text, route


async def test_a_known_path_says_which_methods_it_knows(api):
    answer = await api("GET", "runs/create")
    assert answer.status == 405
    assert "POST" in answer.json["message"]


async def test_the_pages_of_mlflow_find_the_same_routes_under_ajax_api(trackside_fetch):
    answer = await trackside_fetch("GET", "ajax-api/2.0/mlflow/experiments/get?experiment_id=0")
    assert answer.json["experiment"]["name"] == "Default"


async def test_clients_learn_what_the_server_can_do(trackside_fetch):
    assert (await trackside_fetch("GET", "health")).text == "OK"
    version = await trackside_fetch("GET", "version")
    assert version.headers["Content-Type"].startswith("text/plain")
    # Clients send spans by OTLP to a server that is 3.4 or newer.
    assert tuple(map(int, version.text.split(".")[:2])) >= (3, 4)
    info = (await trackside_fetch("GET", "api/3.0/mlflow/server-info")).json
    assert info["workspaces_enabled"] is False
    assert info["multipart_uploads_enabled"] is False


@pytest.mark.parametrize("path", ["trackside", "trackside/"])
async def test_the_link_that_the_client_prints_leads_to_jupyter(
    trackside, http_server_client, jp_base_url, path
):
    token = trackside.serverapp.identity_provider.token
    answer = await http_server_client.fetch(
        jp_base_url + path,
        headers={"Authorization": f"token {token}"},
        follow_redirects=False,
        raise_error=False,
    )
    assert answer.code == 302
    assert answer.headers["Location"] == trackside.serverapp.default_url


class TestExperiments:
    async def test_a_name_is_taken_even_by_a_deleted_experiment(self, ok, refused):
        created = await ok("POST", "experiments/create", {"name": "a"})
        await refused("POST", "experiments/create", {"name": "a"}, code="RESOURCE_ALREADY_EXISTS")
        await ok("POST", "experiments/delete", created)
        message = await refused(
            "POST", "experiments/create", {"name": "a"}, code="RESOURCE_ALREADY_EXISTS"
        )
        assert "deleted" in message
        found = await ok("GET", "experiments/get-by-name?experiment_name=a")
        assert found["experiment"]["lifecycle_stage"] == "deleted"

    async def test_deleting_and_restoring_takes_all_runs_along(self, ok, refused, new_run):
        experiment = await ok("POST", "experiments/create", {"name": "a"})
        one = await new_run(experiment["experiment_id"])
        two = await new_run(experiment["experiment_id"])
        await ok("POST", "runs/delete", {"run_id": one["run_id"]})
        await ok("POST", "experiments/delete", experiment)
        stage = "RESOURCE_DOES_NOT_EXIST"
        await refused("POST", "experiments/delete", experiment, status=404, code=stage)
        await refused("POST", "runs/create", experiment)
        assert (
            await ok("POST", "runs/search", {"experiment_ids": [experiment["experiment_id"]]}) == {}
        )
        await ok("POST", "experiments/restore", experiment)
        await refused("POST", "experiments/restore", experiment, status=404, code=stage)
        for run in (one, two):  # also the one that was deleted by itself
            found = await ok("GET", f"runs/get?run_id={run['run_id']}")
            assert found["run"]["info"]["lifecycle_stage"] == "active"

    async def test_renaming_a_deleted_or_to_a_taken_name_is_the_callers_fault(self, ok, refused):
        first = await ok("POST", "experiments/create", {"name": "a"})
        await ok("POST", "experiments/create", {"name": "b"})
        await refused(
            "POST",
            "experiments/update",
            {**first, "new_name": "b"},
            code="RESOURCE_ALREADY_EXISTS",
        )
        await ok("POST", "experiments/update", {**first, "new_name": "a"})
        await ok("POST", "experiments/delete", first)
        await refused("POST", "experiments/update", {**first, "new_name": "c"})

    async def test_a_search_needs_a_page_size_and_gives_the_newest_first(self, ok, refused):
        for name in "abc":
            await ok("POST", "experiments/create", {"name": name})
        await refused("POST", "experiments/search", {})
        await refused("POST", "experiments/search", {"max_results": 0})
        page = await ok("POST", "experiments/search", {"max_results": 2})
        assert [item["name"] for item in page["experiments"]] == ["c", "b"]
        token = page["next_page_token"]
        rest = await ok("POST", "experiments/search", {"max_results": 2, "page_token": token})
        assert [item["name"] for item in rest["experiments"]] == ["a", "Default"]
        assert "next_page_token" not in rest  # a full last page has none

    @pytest.mark.parametrize(
        "token", ["garbage", "e30=", "bnVsbA==", "eyJvZmZzZXQiOiAtMX0=", "\u00fc"]
    )
    async def test_a_foreign_page_token_is_refused(self, refused, token):
        body = {"max_results": 5, "page_token": token}
        assert "page_token" in await refused("POST", "experiments/search", body)

    async def test_tags_have_generous_limits_and_are_never_cut(self, ok, refused):
        created = await ok("POST", "experiments/create", {"name": "a"})
        path = "experiments/set-experiment-tag"
        await ok("POST", path, {**created, "key": "k" * 250, "value": "v" * 20_000})
        await refused("POST", path, {**created, "key": "k" * 251, "value": "v"})
        await refused("POST", path, {**created, "key": "k", "value": "v" * 20_001})

    @pytest.mark.parametrize(
        "location",
        [
            "s3://bucket/a#b",
            "s3://bucket/../x",
            "file:///data/%2e%2e/etc",
            "mlflow-artifacts:/../x",
            "mlflow-artifacts://host/x",
            "mlflow-artifacts:/a/%252e%252e/b",
            "runs:/abc/x",
            "x" * 501,
        ],
    )
    async def test_an_artifact_location_that_could_lead_astray_is_refused(self, refused, location):
        body = {"name": "a", "artifact_location": location}
        await refused("POST", "experiments/create", body)

    async def test_artifacts_may_lie_where_the_server_never_looks(self, ok, refused, new_run):
        body = {"name": "a", "artifact_location": "file:///data/mlruns/"}
        created = await ok("POST", "experiments/create", body)
        run = await new_run(created["experiment_id"])
        assert run["artifact_uri"] == f"file:///data/mlruns/{run['run_id']}/artifacts"
        assert "file:///data" in await refused("GET", f"artifacts/list?run_id={run['run_id']}")


class TestRuns:
    async def test_a_run_without_a_name_gets_one_and_its_tag(self, ok, new_run):
        run = await new_run()
        adjective, animal, number = run["run_name"].split("-")
        assert adjective
        assert animal
        assert number.isdigit()
        found = await ok("GET", f"runs/get?run_id={run['run_id']}")
        assert {"key": "mlflow.runName", "value": run["run_name"]} in found["run"]["data"]["tags"]

    async def test_the_name_and_its_tag_are_one(self, ok, refused, new_run):
        tags = [{"key": "mlflow.runName", "value": "b"}]
        await refused("POST", "runs/create", {"experiment_id": "0", "run_name": "a", "tags": tags})
        run_id = (await new_run(tags=tags))["run_id"]
        await ok("POST", "runs/set-tag", {"run_id": run_id, **tags[0], "value": "c"})
        info = (await ok("POST", "runs/update", {"run_id": run_id}))["run_info"]
        assert info["run_name"] == "c"
        await ok("POST", "runs/update", {"run_id": run_id, "run_name": "d"})
        run = (await ok("GET", f"runs/get?run_id={run_id}"))["run"]
        assert run["info"]["run_name"] == "d"
        assert run["data"]["tags"] == [{"key": "mlflow.runName", "value": "d"}]

    async def test_an_update_keeps_what_it_does_not_name(self, ok, new_run):
        run_id = (await new_run())["run_id"]
        await ok("POST", "runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": 5})
        await ok("POST", "runs/update", {"run_uuid": run_id, "status": "NO SUCH STATUS"})
        info = (await ok("POST", "runs/update", {"run_id": run_id, "run_name": "x"}))["run_info"]
        assert (info["status"], info["end_time"], info["run_name"]) == ("FINISHED", 5, "x")
        info = (await ok("POST", "runs/update", {"run_id": run_id, "status": 1}))["run_info"]
        assert info["status"] == "RUNNING"

    async def test_a_deleted_run_can_be_read_but_not_written(self, ok, refused, new_run):
        run_id = (await new_run())["run_id"]
        for _ in range(2):  # twice is fine
            await ok("POST", "runs/delete", {"run_id": run_id})
        point = {"key": "m", "value": 1, "timestamp": 1}
        for path, body in (
            ("runs/log-metric", point),
            ("runs/log-parameter", {"key": "p", "value": "1"}),
            ("runs/log-batch", {"metrics": [point]}),
            ("runs/set-tag", {"key": "t", "value": "1"}),
            ("runs/delete-tag", {"key": "mlflow.runName"}),
            ("runs/update", {"status": "FINISHED"}),
            ("runs/log-inputs", {}),
        ):
            assert "deleted" in await refused("POST", path, {"run_id": run_id, **body})
        run = (await ok("GET", f"runs/get?run_id={run_id}"))["run"]
        assert run["info"]["lifecycle_stage"] == "deleted"
        for _ in range(2):
            await ok("POST", "runs/restore", {"run_id": run_id})
        await ok("POST", "runs/log-metric", {"run_id": run_id, **point})

    async def test_a_finished_run_still_takes_data(self, ok, new_run):
        run_id = (await new_run())["run_id"]
        await ok("POST", "runs/update", {"run_id": run_id, "status": "FINISHED"})
        await ok("POST", "runs/log-parameter", {"run_id": run_id, "key": "p", "value": "1"})

    async def test_a_param_never_changes(self, ok, refused, new_run):
        run_id = (await new_run())["run_id"]
        body = {"run_id": run_id, "key": "p", "value": "1"}
        await ok("POST", "runs/log-parameter", body)
        await ok("POST", "runs/log-parameter", body)
        assert "never change" in await refused("POST", "runs/log-parameter", {**body, "value": "2"})

    async def test_long_values_are_cut_and_not_refused(self, ok, new_run):
        run_id = (await new_run())["run_id"]
        param = {"run_id": run_id, "key": "p", "value": "x" * 7000}
        await ok("POST", "runs/log-parameter", param)
        await ok("POST", "runs/log-parameter", param)  # equal after the cut
        await ok("POST", "runs/set-tag", {"run_id": run_id, "key": "t", "value": "x" * 9000})
        data = (await ok("GET", f"runs/get?run_id={run_id}"))["run"]["data"]
        assert len(data["params"][0]["value"]) == 6000
        assert max(len(tag["value"]) for tag in data["tags"]) == 8000

    @pytest.mark.parametrize(
        "key",
        [
            "a#b",
            "a@b",
            "a,b",
            "a%b",
            "a=b",
            "(a)",
            "/a",
            "a//b",
            ".",
            "..",
            "a/../b",
            "a/",
            "k" * 251,
            "a\n",
            "",
        ],
    )
    async def test_keys_that_are_no_plain_names_are_refused(self, refused, new_run, key):
        run_id = (await new_run())["run_id"]
        for path, rest in (
            ("runs/log-metric", {"value": 1, "timestamp": 1}),
            ("runs/log-parameter", {"value": "1"}),
            ("runs/set-tag", {"value": "1"}),
        ):
            await refused("POST", path, {"run_id": run_id, "key": key, **rest})

    @pytest.mark.parametrize(
        "key", ["a b", "a/b/c", "a.b", "a-b", "a:b", "grün", "損失", "k" * 250]
    )
    async def test_keys_may_hold_paths_spaces_and_any_alphabet(self, ok, new_run, key):
        run_id = (await new_run())["run_id"]
        await ok("POST", "runs/log-parameter", {"run_id": run_id, "key": key, "value": "1"})

    async def test_ids_as_numbers_are_looked_for_in_vain(self, ok, new_run):
        await new_run("0")
        assert await ok("POST", "runs/search", {"experiment_ids": [0]}) == {}
        assert (await ok("POST", "runs/search", {"experiment_ids": ["0"]}))["runs"]

    async def test_a_view_chooses_between_active_and_deleted_runs(self, ok, new_run):
        active = (await new_run())["run_id"]
        deleted = (await new_run())["run_id"]
        await ok("POST", "runs/delete", {"run_id": deleted})

        async def seen(**view):
            page = await ok("POST", "runs/search", {"experiment_ids": ["0"], **view})
            return {run["info"]["run_id"] for run in page.get("runs", [])}

        assert await seen() == await seen(run_view_type="ANYTHING") == {active}
        assert await seen(run_view_type="DELETED_ONLY") == await seen(runViewType=2) == {deleted}
        assert await seen(run_view_type="ALL") == {active, deleted}

    async def test_all_runs_come_once_over_the_pages(self, ok, new_run):
        wanted = {(await new_run(start_time=5))["run_id"] for _ in range(7)}
        got, token = [], ""
        while True:
            body = {"experiment_ids": ["0"], "max_results": 3, "page_token": token}
            page = await ok("POST", "runs/search", body)
            got += [run["info"]["run_id"] for run in page["runs"]]
            token = page.get("next_page_token", "")
            if not token:
                break
        assert sorted(got) == sorted(wanted)

    async def test_data_sets_are_linked_once_with_their_first_tags(self, ok, new_run):
        run_id = (await new_run())["run_id"]
        dataset = {"name": "d", "digest": "1", "source_type": "local", "source": "{}"}
        for context in ("train", "test"):
            tags = [{"key": "mlflow.data.context", "value": context}]
            body = {"run_id": run_id, "datasets": [{"dataset": dataset, "tags": tags}]}
            await ok("POST", "runs/log-inputs", body)
        inputs = (await ok("GET", f"runs/get?run_id={run_id}"))["run"]["inputs"]["dataset_inputs"]
        tags = [{"key": "mlflow.data.context", "value": "train"}]
        assert inputs == [{"tags": tags, "dataset": dataset}]

    async def test_models_of_old_clients_are_kept_in_a_tag(self, ok, refused, new_run):
        run_id = (await new_run())["run_id"]
        model = {"artifact_path": "model", "flavors": {}, "utc_time_created": "x", "run_id": run_id}
        for _ in range(2):
            body = {"run_id": run_id, "model_json": json.dumps(model)}
            await ok("POST", "runs/log-model", body)
        await refused("POST", "runs/log-model", {"run_id": run_id, "model_json": "{}"})
        tags = (await ok("GET", f"runs/get?run_id={run_id}"))["run"]["data"]["tags"]
        kept = {tag["key"]: tag["value"] for tag in tags}
        assert json.loads(kept["mlflow.log-model.history"]) == [model, model]


class TestBatches:
    async def test_a_batch_is_stored_whole_or_not_at_all(self, ok, refused, new_run):
        run_id = (await new_run())["run_id"]
        await ok("POST", "runs/log-parameter", {"run_id": run_id, "key": "p", "value": "1"})
        batch = {
            "run_id": run_id,
            "metrics": [{"key": "m", "value": 1, "timestamp": 1}],
            "tags": [{"key": "t", "value": "1"}],
        }
        for params in (
            [{"key": "new", "value": "1"}, {"key": "p", "value": "2"}],
            [{"key": "d", "value": "1"}, {"key": "d", "value": "1"}],
            [{"key": "b#d", "value": "1"}],
        ):
            await refused("POST", "runs/log-batch", {**batch, "params": params})
        data = (await ok("GET", f"runs/get?run_id={run_id}"))["run"]["data"]
        assert "metrics" not in data
        assert [param["key"] for param in data["params"]] == ["p"]
        assert [tag["key"] for tag in data["tags"]] == ["mlflow.runName"]

    async def test_of_a_repeated_tag_the_last_one_counts(self, ok, new_run):
        run_id = (await new_run())["run_id"]
        tags = [{"key": "t", "value": "1"}, {"key": "t", "value": "2"}]
        await ok("POST", "runs/log-batch", {"run_id": run_id, "tags": tags})
        data = (await ok("GET", f"runs/get?run_id={run_id}"))["run"]["data"]
        assert {"key": "t", "value": "2"} in data["tags"]

    @pytest.mark.parametrize(
        ("metrics", "params", "tags"), [(1001, 0, 0), (0, 101, 0), (0, 0, 101), (950, 51, 0)]
    )
    async def test_a_batch_has_limits(self, refused, new_run, metrics, params, tags):
        run_id = (await new_run())["run_id"]
        body = {
            "run_id": run_id,
            "metrics": [{"key": f"m{i}", "value": i, "timestamp": 1} for i in range(metrics)],
            "params": [{"key": f"p{i}", "value": "1"} for i in range(params)],
            "tags": [{"key": f"t{i}", "value": "1"} for i in range(tags)],
        }
        assert "at most" in await refused("POST", "runs/log-batch", body)

    async def test_more_than_a_megabyte_of_legal_values_is_accepted(self, ok, new_run):
        run_id = (await new_run())["run_id"]
        body = {
            "run_id": run_id,
            "params": [{"key": f"p{i}", "value": "x" * 6000} for i in range(100)],
            "tags": [{"key": f"t{i}", "value": "y" * 8000} for i in range(100)],
        }
        assert len(json.dumps(body)) > 1_400_000
        await ok("POST", "runs/log-batch", body)
        data = (await ok("GET", f"runs/get?run_id={run_id}"))["run"]["data"]
        assert len(data["params"]) == 100
        assert len(data["tags"]) == 101

    @pytest.mark.parametrize("run_id", ["../x", "", "a" * 257, "a b", "-a"])
    async def test_a_batch_insists_on_a_plain_run_id(self, refused, run_id):
        await refused("POST", "runs/log-batch", {"run_id": run_id})


class TestLoggedModels:
    @pytest.fixture
    def model(self, ok, new_run):
        async def create(**fields):
            run = await new_run()
            body = {"experiment_id": "0", "name": "net", "source_run_id": run["run_id"], **fields}
            return (await ok("POST", "logged-models", body))["model"]

        return create

    async def test_a_model_waits_for_its_files_until_it_is_called_ready(self, ok, model):
        created = await model(
            params=[{"key": "a", "value": "1"}], tags=[{"key": "b", "value": "2"}]
        )
        info = created["info"]
        model_id = info["model_id"]
        assert model_id.startswith("m-")
        assert len(model_id) == 34
        assert info["status"] == "LOGGED_MODEL_PENDING"
        assert info["artifact_uri"] == f"mlflow-artifacts:/0/models/{model_id}/artifacts"
        body = {"model_id": model_id, "status": "LOGGED_MODEL_READY"}
        done = await ok("PATCH", f"logged-models/{model_id}", body)
        assert done["model"]["info"]["status"] == "LOGGED_MODEL_READY"
        assert (await ok("GET", f"logged-models/{model_id}"))["model"] == done["model"]

    async def test_a_status_that_says_nothing_is_refused(self, refused, model):
        model_id = (await model())["info"]["model_id"]
        for status in ("WHATEVER", 0, None):
            body = {"model_id": model_id, "status": status}
            await refused("PATCH", f"logged-models/{model_id}", body)

    @pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"])
    async def test_a_model_name_is_no_path(self, refused, name):
        await refused("POST", "logged-models", {"experiment_id": "0", "name": name})

    async def test_deletes_by_path_need_no_body(self, ok, refused, model):
        model_id = (await model(tags=[{"key": "a/b c", "value": "1"}]))["info"]["model_id"]
        await ok("DELETE", f"logged-models/{model_id}/tags/a%2Fb%20c")
        gone = {"status": 404, "code": "RESOURCE_DOES_NOT_EXIST"}
        await refused("DELETE", f"logged-models/{model_id}/tags/a%2Fb%20c", **gone)
        await ok("DELETE", f"logged-models/{model_id}")
        await refused("GET", f"logged-models/{model_id}", **gone)

    async def test_params_need_the_model_in_the_body_too(self, ok, refused, model):
        model_id = (await model())["info"]["model_id"]
        params = [{"key": "a", "value": "1"}]
        await refused("POST", f"logged-models/{model_id}/params", {"params": params})
        body = {"model_id": model_id, "params": params}
        await ok("POST", f"logged-models/{model_id}/params", body)
        await ok("POST", f"logged-models/{model_id}/params", body)

    async def test_models_are_found_by_run_metric_and_data_set(self, ok, model):
        first, second = await model(), await model(name="other")
        for found, value in ((first, 0.9), (second, 0.5)):
            body = {"run_id": found["info"]["source_run_id"], "model_id": found["info"]["model_id"]}
            point = {"key": "acc", "value": value, "timestamp": 1, "dataset_name": "d"}
            await ok("POST", "runs/log-metric", {**body, **point})

        async def names(**search):
            page = await ok("POST", "logged-models/search", {"experiment_ids": ["0"], **search})
            return [item["info"]["name"] for item in page.get("models", [])]

        assert await names() == ["other", "net"]
        assert await names(max_results=0) == ["other", "net"]
        assert await names(filter=f"source_run_id = '{first['info']['source_run_id']}'") == ["net"]
        assert await names(filter="metrics.acc > 0.6") == ["net"]
        order = {"field_name": "metrics.acc", "ascending": False, "dataset_name": "d"}
        assert await names(order_by=[order]) == ["net", "other"]
        assert await names(order_by=[{**order, "ascending": True}]) == ["other", "net"]
        assert await names(order_by=[{"field_name": "creation_timestamp"}]) == ["net", "other"]
        assert await names(datasets=[{"dataset_name": "d"}]) == ["other", "net"]
        assert await names(datasets=[{"dataset_name": "e"}]) == []
        assert await names(datasets=[{"dataset_name": "e"}], filter="metrics.acc > 0") == []
