"""What is stored of a trace, whoever tells it and in whatever order."""

from __future__ import annotations

import json

import pytest

from trackside_server.traces import validation

from .conftest import FILES, TRACE, V2, V3, exported, info, span

LOCATION = f"0/traces/{TRACE}/artifacts"


def stored_file(*spans):
    return json.dumps({"spans": list(spans)}).encode()


def file_span(number, parent=None, **fields):
    return {
        "trace_id": "qqqqqqqqqqqqqqqqqqqqqg==",
        "span_id": f"0x{number:016x}",
        "parent_span_id": f"0x{parent:016x}" if parent else None,
        "name": f"span {number}",
        "start_time_unix_nano": number,
        "end_time_unix_nano": number + 1,
        "events": [],
        "status": {"code": "STATUS_CODE_OK", "message": ""},
        "attributes": {"mlflow.spanType": '"TOOL"', "said": '"hello"'},
        **fields,
    }


class TestSpans:
    async def test_one_that_comes_by_two_ways_is_there_once(self, call, tell, export, whole):
        await export(span(1), span(2, parent=1))
        await tell()
        await call("PUT", f"{FILES}/{LOCATION}/traces.json", body=stored_file(file_span(1)))
        await export(span(2, parent=1))
        assert [item["name"] for item in (await whole())["spans"]] == ["span 1", "span 2"]

    async def test_those_of_a_file_are_found_and_given(self, call, tell, found, whole):
        await tell()
        assert "spans" not in await whole()
        await call("PUT", f"{FILES}/{LOCATION}/traces.json", body=stored_file(file_span(7)))
        (given,) = (await whole())["spans"]
        assert given["name"] == "span 7"
        attributes = {item["key"]: item["value"] for item in given["attributes"]}
        assert attributes["said"] == {"string_value": "hello"}
        assert await found("span.type = 'TOOL' AND span.attributes.said = 'hello'") == [TRACE]

    async def test_those_of_a_file_that_was_there_first_are_given(self, call, tell, whole):
        await call("PUT", f"{FILES}/{LOCATION}/traces.json", body=stored_file(file_span(7)))
        await tell()
        assert [item["name"] for item in (await whole())["spans"]] == ["span 7"]

    async def test_several_are_not_given_at_once_when_they_are_too_large_together(
        self, call, refused, export, tell, whole, monkeypatch
    ):
        monkeypatch.setattr(validation, "MAX_BATCH_BYTES", 30_000)
        long = {"attributes": {"said": "x" * 20_000}}
        otels = ["b" * 32, "c" * 32]
        for otel in otels:
            await export(span(1, otel=otel, **long))
        ids = [f"tr-{otel}" for otel in otels]
        both = "&".join(f"trace_ids={trace_id}" for trace_id in ids)
        status, code, message = await refused("GET", f"{V3}/batchGet?{both}")
        assert (status, code) == (413, "RESOURCE_EXHAUSTED")
        assert "Ask for fewer traces at a time" in message
        # Each alone is given, and so are the infos of both.
        assert (await whole(ids[0]))["spans"]
        assert await call("GET", f"{V3}/batchGet?trace_ids={ids[1]}")
        infos = await call("POST", f"{V3}/batchGetInfos", {"trace_ids": ids})
        assert len(infos["trace_infos"]) == 2

    async def test_files_of_several_are_not_read_at_once_when_they_are_too_large_together(
        self, call, refused, tell, whole, monkeypatch
    ):
        monkeypatch.setattr(validation, "MAX_BATCH_BYTES", 30_000)
        ids = [f"tr-{letter * 32}" for letter in "bc"]
        for trace_id in ids:
            # There before its trace, the file is read whenever its spans are asked for.
            file = stored_file(file_span(7, attributes={"said": '"' + "x" * 20_000 + '"'}))
            path = f"0/traces/{trace_id}/artifacts/traces.json"
            await call("PUT", f"{FILES}/{path}", body=file)
            await tell(trace_id)
        both = "&".join(f"trace_ids={trace_id}" for trace_id in ids)
        assert (await refused("GET", f"{V3}/batchGet?{both}"))[0] == 413
        assert (await whole(ids[0]))["spans"]

    async def test_a_file_of_mlflow_2_is_read(self, call, whole):
        begun = await call("POST", V2, {"experiment_id": "0", "timestamp_ms": 5})
        request_id = begun["trace_info"]["request_id"]
        old = {
            "name": "old",
            "context": {"span_id": "0x0000000000000003", "trace_id": "0x" + "b" * 32},
            "parent_id": None,
            "start_time": 1,
            "end_time": 2,
            "status_code": "ERROR",
            "status_message": "no",
            "attributes": {"n": "5"},
            "events": [{"name": "e", "timestamp": 1, "attributes": {}}],
        }
        place = f"0/traces/{request_id}/artifacts/traces.json"
        await call("PUT", f"{FILES}/{place}", body=stored_file(old))
        (given,) = (await whole(request_id))["spans"]
        assert given["status"] == {"message": "no", "code": "STATUS_CODE_ERROR"}
        assert given["attributes"][0] == {"key": "n", "value": {"int_value": 5}}
        assert given["trace_id"] == "u7u7u7u7u7u7u7u7u7u7uw=="

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"not json",
            b"[]",
            b'{"spans": 5}',
            b'{"spans": [5]}',
            stored_file(file_span(1, trace_id="?")),
            stored_file(file_span(1, start_time_unix_nano=2**64)),
            stored_file(file_span(1, attributes=["a"])),
            b'{"spans":' + b"[" * 100_000,
        ],
    )
    async def test_a_file_of_something_else_stays_a_file(self, call, tell, whole, body):
        await tell()
        await call("PUT", f"{FILES}/{LOCATION}/traces.json", body=body)
        assert "spans" not in await whole()

    async def test_they_can_be_read_before_the_first_of_them_ended(self, export, whole, call):
        await export(span(2, parent=1))
        trace = await whole()
        assert trace["trace_info"]["state"] == "IN_PROGRESS"
        await export(span(1))
        assert (await whole())["trace_info"]["state"] == "OK"

    async def test_numbers_that_json_does_not_know_do_no_harm(self, call, export, whole, found):
        value = {"key": "x", "value": {"doubleValue": "NaN"}}
        await export(span(1) | {"attributes": [value]})
        assert (await whole())["spans"][0]["attributes"][0]["value"] == {"string_value": "NaN"}
        assert await found("span.attributes.x = 'NaN'") == [TRACE]

    @pytest.mark.parametrize(
        "text",
        ['["\\ud800"]', "[" * 900 + "]" * 900, '{"input_tokens": 1e400}', "[" + "9" * 5000 + "]"],
    )
    async def test_json_that_cannot_be_kept_stays_the_text_that_it_is(
        self, call, tell, export, whole, text
    ):
        told = {"mlflow.spanInputs": text, "mlflow.chat.tokenUsage": text}
        await export(span(1, attributes=told))
        await export(span(2, parent=1, attributes=told))
        await call("PUT", f"{FILES}/{LOCATION}/traces.json", body=stored_file(file_span(3)))
        stored = stored_file(file_span(4, attributes=told))
        await call("PUT", f"{FILES}/{LOCATION}/traces.json", body=stored)
        assert {item["name"] for item in (await whole())["spans"]} == {
            f"span {number}" for number in range(1, 5)
        }


class TestTold:
    async def test_what_the_client_says_of_the_whole_goes_before_its_spans(
        self, tell, export, call
    ):
        await tell(request_time="2026-01-01T00:00:00Z", execution_duration="3s", state="ERROR")
        await export(span(1))
        stored = (await call("GET", f"{V3}/{TRACE}"))["trace"]["trace_info"]
        assert stored["request_time"] == "2026-01-01T00:00:00Z"
        assert (stored["execution_duration"], stored["state"]) == ("3s", "ERROR")

    async def test_late_spans_stretch_a_trace_that_nobody_told(self, export, call):
        early = str(1_699_999_999_000_000_000)
        await export(span(2, parent=1))
        await export(span(1, startTimeUnixNano=early))
        stored = (await call("GET", f"{V3}/{TRACE}"))["trace"]["trace_info"]
        assert stored["request_time"] == "2023-11-14T22:13:19Z"
        assert stored["execution_duration"] == "2s"

    async def test_tokens_are_counted_once_where_parents_tell_them_too(self, export, call):
        def used(count):
            return {"mlflow.chat.tokenUsage": json.dumps({"input_tokens": count})}

        await export(span(2, parent=1, attributes=used(3)), span(3, parent=1, attributes=used(4)))
        path = f"{V3}/{TRACE}"
        metadata = (await call("GET", path))["trace"]["trace_info"]["trace_metadata"]
        assert json.loads(metadata["mlflow.trace.tokenUsage"]) == {"input_tokens": 7}
        await export(span(1, attributes=used(8)))
        metadata = (await call("GET", path))["trace"]["trace_info"]["trace_metadata"]
        assert json.loads(metadata["mlflow.trace.tokenUsage"]) == {"input_tokens": 8}

    async def test_names_of_other_conventions_are_understood(self, export, found, call):
        attributes = {
            "openinference.span.kind": "RETRIEVER",
            "input.value": '{"messages": [{"role": "user", "content": "where?"}]}',
            "output.value": "there",
        }
        await export(span(1, attributes=attributes), resource=[("service.name", "shop")])
        assert await found("span.type = 'RETRIEVER' AND tags.`service.name` = 'shop'") == [TRACE]
        stored = (await call("GET", f"{V3}/{TRACE}"))["trace"]["trace_info"]
        assert (stored["request_preview"], stored["response_preview"]) == ("where?", '"there"')

    async def test_telling_it_again_repeats_no_assessment(self, tell):
        judged = {
            "assessment_name": "good",
            "source": {"source_type": "HUMAN", "source_id": "me"},
            "create_time": "2026-01-01T00:00:00Z",
            "feedback": {"value": True},
        }
        await tell(assessments=[judged])
        assert len((await tell(assessments=[judged]))["assessments"]) == 1

    async def test_a_changed_assessment_keeps_its_place(self, call, tell):
        judged = {"source": {"source_type": "HUMAN"}, "feedback": {"value": 1}}
        await tell()
        path = f"{V3}/{TRACE}/assessments"
        made = [
            await call("POST", path, {"assessment": {"assessment_name": name, **judged}})
            for name in ("first", "second")
        ]
        change = {"assessment": {"rationale": "r"}, "update_mask": "rationale"}
        await call("PATCH", f"{path}/{made[0]['assessment']['assessment_id']}", change)
        stored = (await call("GET", f"{V3}/{TRACE}"))["trace"]["trace_info"]["assessments"]
        assert [item["assessment_name"] for item in stored] == ["first", "second"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"request_time": "yesterday"},
            {"request_time": "2026-02-30T00:00:00Z"},
            {"request_time": 5},
            {"execution_duration": "long"},
            {"tags": {"k": 5}},
            {"tags": {"#": "v"}},
            {"tags": {str(number): "v" for number in range(1001)}},
            {"trace_metadata": ["k"]},
            {"trace_metadata": {"k" * 251: "v"}},
            {"assessments": [{"assessment_name": "a"}]},
            {"assessments": [{"assessment_name": "a", "feedback": {"value": 10**400}}]},
            {"trace_id": "a/b"},
            {"trace_id": ".."},
            {"trace_id": "x" * 129},
            {"trace_location": {"mlflow_experiment": {"experiment_id": "0x1"}}},
        ],
    )
    async def test_nonsense_is_refused_and_leaves_nothing(self, refused, found, fields):
        body = {"trace": {"trace_info": info(**fields) if "trace_id" not in fields else fields}}
        if "trace_id" in fields:
            body["trace"]["trace_info"] = {**info(), **fields}
        status, code, _ = await refused("POST", V3, body)
        assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
        assert await found() == []

    @pytest.mark.parametrize(
        "judged",
        [
            b'{"feedback": {"value": "\\ud800"}}',
            b'{"feedback": {"value": ' + b"[" * 300 + b"]" * 300 + b"}}",
            b'{"expectation": {"serialized_value": {"serialization_format": "JSON_FORMAT", '
            b'"value": "' + b"[" * 300 + b"]" * 300 + b'"}}}',
        ],
    )
    async def test_an_opinion_that_cannot_be_kept_is_refused(self, tell, refused, judged):
        await tell()
        body = b'{"assessment": {"assessment_name": "a", ' + judged[1:] + b"}"
        json_type = {"Content-Type": "application/json"}
        answer = await refused("POST", f"{V3}/{TRACE}/assessments", body=body, headers=json_type)
        assert answer[:2] == (400, "INVALID_PARAMETER_VALUE")

    async def test_a_number_too_large_for_a_search_is_kept(self, call, tell):
        await tell()
        value = {"serialization_format": "JSON_FORMAT", "value": "1" + "0" * 400}
        judged = {"assessment_name": "a", "expectation": {"serialized_value": value}}
        made = await call("POST", f"{V3}/{TRACE}/assessments", {"assessment": judged})
        assert made["assessment"]["expectation"] == {"value": 10**400}

    @pytest.mark.parametrize("time", [2**62, -(2**62)])
    async def test_a_time_that_no_duration_can_be_counted_to_is_refused(self, call, refused, time):
        nonsense = {"experiment_id": "0", "timestamp_ms": time}
        assert (await refused("POST", V2, nonsense))[0] == 400
        begun = await call("POST", V2, {"experiment_id": "0", "timestamp_ms": 5})
        path = f"{V2}/{begun['trace_info']['request_id']}"
        assert (await refused("PATCH", path, {"timestamp_ms": time, "status": "OK"}))[0] == 400

    async def test_a_deleted_experiment_takes_no_traces(self, call, refused, export):
        made = await call("POST", "api/2.0/mlflow/experiments/create", {"name": "gone"})
        experiment = made["experiment_id"]
        await call("POST", "api/2.0/mlflow/experiments/delete", {"experiment_id": experiment})
        body = {"trace": {"trace_info": info(experiment=experiment)}}
        assert (await refused("POST", V3, body))[0] == 400
        await export(span(1), experiment=experiment, status=400)


class TestDeleted:
    async def test_its_files_go_with_a_trace(self, trackside, call, tell):
        await tell()
        await call("PUT", f"{FILES}/{LOCATION}/traces.json", body=stored_file(file_span(1)))
        folder = trackside.services.store.root / "artifacts" / "0" / "traces" / TRACE
        assert folder.exists()
        body = {"experiment_id": "0", "request_ids": [TRACE]}
        assert await call("POST", f"{V3}/delete-traces", body) == {"traces_deleted": 1}
        assert not folder.exists()

    async def test_nothing_of_it_stays_in_the_store(self, trackside, call, tell, export):
        run = await call("POST", "api/2.0/mlflow/runs/create", {"experiment_id": "0"})
        linked = {"trace_ids": [TRACE], "run_id": run["run"]["info"]["run_id"]}
        await tell(trace_metadata={"k": "v"})
        await export(span(1), span(2, parent=1))
        await call("POST", f"{V2}/link-to-run", linked)
        prompts = [{"name": "p", "version": "1"}]
        await call("POST", f"{V2}/link-prompts", {"trace_id": TRACE, "prompt_versions": prompts})
        judged = {"assessment_name": "a", "feedback": {"value": 1}}
        await call("POST", f"{V3}/{TRACE}/assessments", {"assessment": judged})
        tables = (
            "traces trace_tags trace_metadata spans trace_runs trace_prompts assessments"
        ).split()

        def count(connection):
            return [
                connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables
            ]

        assert 0 not in await trackside.services.store.read(count)
        body = {"experiment_id": "0", "max_timestamp_millis": 2**45}
        await call("POST", f"{V3}/delete-traces", body)
        assert await trackside.services.store.read(count) == [0] * len(tables)

    async def test_the_oldest_go_first_and_as_many_as_asked_for(self, call, tell, found):
        for number in range(5):
            await tell(f"tr-{number}", request_time=f"2026-01-0{number + 1}T00:00:00Z")
        body = {"experiment_id": "0", "max_timestamp_millis": 2**45, "max_traces": 2}
        assert await call("POST", f"{V3}/delete-traces", body) == {"traces_deleted": 2}
        assert await found("", "timestamp ASC") == ["tr-2", "tr-3", "tr-4"]


class TestExporter:
    async def test_an_answer_has_the_form_of_the_question(self, export, trackside_fetch):
        assert (await export(span(1))).headers["Content-Type"] == "application/json"
        message = (
            b"\x0a\x22\x12\x20\x12\x1e\x0a\x10" + b"1" * 16 + b"\x12\x08" + b"2" * 8 + b"\x2a\x00"
        )
        answer = await trackside_fetch(
            "POST",
            "v1/traces",
            body=message,
            headers={"Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": "0"},
        )
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["Content-Type"] == "application/x-protobuf"

    async def test_a_request_is_stored_as_a_whole_or_not_at_all(self, export, found):
        await export(span(1), span(2, otel="no id"), status=400)
        assert await found() == []

    async def test_it_can_link_its_traces_to_a_run(self, call, export, found):
        run = await call("POST", "api/2.0/mlflow/runs/create", {"experiment_id": "0"})
        run_id = run["run"]["info"]["run_id"]
        await export(span(1), **{"x-mlflow-run-id": run_id})
        assert await found(f"run_id = '{run_id}'") == [TRACE]

    async def test_it_is_told_what_is_missing(self, export):
        assert "x-mlflow-experiment-id" in (await export(span(1), experiment="", status=422)).text
        assert "no spans" in (await export(status=400)).text
        await export(span(1), experiment="77", status=404)
        await export(span(1), experiment="abc", status=400)

    async def test_a_bomb_is_refused(self, trackside_fetch):
        import gzip

        answer = await trackside_fetch(
            "POST",
            "v1/traces",
            body=gzip.compress(b" " * 70_000_000 + json.dumps(exported(span(1))).encode()),
            headers={
                "Content-Type": "application/json",
                "Content-Encoding": "gzip",
                "x-mlflow-experiment-id": "0",
            },
        )
        assert answer.status == 413
