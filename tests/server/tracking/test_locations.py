"""Where an experiment keeps its artifacts is a client's word: it opens no file of this machine."""

from __future__ import annotations

import pytest

from .conftest import FILES

# The shapes of the known attacks by artifact locations: fragments, queries, encodings, climbing.
REFUSED = [
    "mlflow-artifacts:/../../etc",
    "mlflow-artifacts:/a/../../etc",
    "mlflow-artifacts:/%2e%2e/%2e%2e/etc",
    "mlflow-artifacts:/%252e%252e/etc",
    "mlflow-artifacts://proc/self/root",
    "mlflow-artifacts:///etc",
    "mlflow-artifacts://host/etc",
    "mlflow-artifacts:/a#/../../etc",
    "mlflow-artifacts:/a?/../../etc",
    "mlflow-artifacts:/a\x00b",
    "mlflow-artifacts:/.incoming/x",
    "mlflow-artifacts:etc",
    "http://host/#/../../../../etc/",
    "http:///#/../../etc/passwd",
    "http://host/?/../../../../etc/",
    "s3://bucket/../../etc",
    "s3://bucket/%2e%2e/%2e%2e/etc",
    "dbfs:/%2e%2e/etc",
    "../../etc",
    "runs:/x/../y",
]
STORED = ["s3://bucket/folder", "file:///etc", "/etc", "//proc/self/root", "http://host/folder"]


@pytest.mark.parametrize("location", REFUSED)
async def test_a_location_that_leads_astray_is_refused(refused, location):
    await refused("POST", "experiments/create", {"name": "a", "artifact_location": location})


@pytest.mark.parametrize("location", STORED)
async def test_a_place_that_is_not_ours_is_never_opened(ok, api, files, location):
    body = {"name": "a", "artifact_location": location}
    number = (await ok("POST", "experiments/create", body))["experiment_id"]
    run = (await ok("POST", "runs/create", {"experiment_id": number}))["run"]["info"]
    for path in ("", "passwd", "../passwd"):
        answer = await api("GET", f"artifacts/list?run_id={run['run_id']}&path={path}")
        assert answer.status == 400
    assert (await files("GET", "?path=etc")).json == {}


NAMES = ["page.html", "image.svg", "page.xhtml", "page.xml", "x.js", "MLmodel"]


@pytest.mark.parametrize("name", NAMES)
async def test_no_file_of_a_user_runs_in_the_page_of_the_server(files, name):
    await files("PUT", f"/some/{name}", b"<script>alert(document.cookie)</script>")
    answer = await files("GET", f"/some/{name}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_no_type_of_content_comes_from_the_client(trackside_fetch):
    path = f"{FILES}/some/file.bin"
    sent = {"Content-Type": "text/html"}
    await trackside_fetch("PUT", path, body=b"<script>1</script>", headers=sent)
    answer = await trackside_fetch("GET", path, headers={"Accept": "text/html"})
    assert answer.headers["Content-Type"] == "application/octet-stream"


async def test_a_pickle_is_bytes_like_any_other(files, tmp_path):
    witness = tmp_path / "opened"
    bomb = f"cos\nsystem\n(S'touch {witness}'\ntR.".encode()
    await files("PUT", "/some/model.pkl", bomb)
    assert (await files("GET", "/some/model.pkl")).body == bomb
    assert (await files("GET", "?path=some")).json["files"][0]["path"] == "model.pkl"
    assert not witness.exists()
