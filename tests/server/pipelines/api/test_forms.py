"""What the form asks that runs a pipeline."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from tests.server.pipelines.compiled import compiled


@pytest.fixture
def read(trackside_fetch):
    """Have the server read a file, as a page sends it."""

    async def read_file(name, content):
        body = (
            b'--cut\r\nContent-Disposition: form-data; name="uploadfile"; filename="'
            + name.encode()
            + b'"\r\nContent-Type: application/octet-stream\r\n\r\n'
            + content
            + b"\r\n--cut--\r\n"
        )
        return await trackside_fetch(
            "POST",
            "/api/v1/pipelines/read",
            body=body,
            headers={"Content-Type": "multipart/form-data; boundary=cut"},
        )

    return read_file


async def test_what_a_file_holds_is_read_and_nothing_is_kept(read, trackside_fetch):
    text = next(iter(compiled().values())).encode()
    plain = await read("train.yaml", text)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("pipeline.yaml", text)
    zipped = await read("train.zip", packed.getvalue())
    assert plain.status == zipped.status == 200
    assert plain.json == zipped.json
    assert "root" in plain.json["pipeline_spec"]
    kept = await trackside_fetch("GET", "/apis/v2beta1/pipelines")
    assert kept.json.get("total_size", 0) == 0


async def test_a_file_that_is_no_pipeline_says_so(read):
    for content in (b"name: my-settings\nlevel: 3\n", b"{", b"\x00\x01", b"- 1\n- 2\n"):
        answer = await read("settings.yaml", content)
        assert (answer.status, answer.json["code"]) == (400, "INVALID_PARAMETER_VALUE"), answer.json
        assert answer.json["message"]


async def test_a_schedule_says_when_it_comes_next(trackside_fetch):
    daily = await trackside_fetch("GET", "/api/v1/pipelines/times?cron=0%200%206%20*%20*%20*")
    moments = [time.localtime(moment / 1000) for moment in daily.json["times"]]
    assert [(one.tm_hour, one.tm_min, one.tm_sec) for one in moments] == [(6, 0, 0)] * 3
    often = await trackside_fetch("GET", "/api/v1/pipelines/times?interval=90")
    first, second, third = often.json["times"]
    assert third - second == second - first == 90_000
    bounds = "start_time=2100-01-01T00:00:00Z&end_time=2100-01-01T00:02:00Z"
    later = await trackside_fetch("GET", f"/api/v1/pipelines/times?interval=90&{bounds}")
    assert later.json["times"] == [4_102_444_800_000, 4_102_444_890_000]


@pytest.mark.parametrize(
    "query", ["", "cron=0%206%20*%20*%20*", "interval=0", "interval=often", "cron=x&interval=5"]
)
async def test_a_schedule_that_is_none_says_what_to_write(trackside_fetch, query):
    answer = await trackside_fetch("GET", f"/api/v1/pipelines/times?{query}")
    assert (answer.status, answer.json["code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert answer.json["message"]
