"""What a task on the cluster takes and leaves goes over HTTP, with the token of its job."""

from __future__ import annotations

import io
import os
from types import SimpleNamespace

import pytest

from trackside_server.jobs.runners.kubernetes.podside import parcels
from trackside_server.jobs.runners.kubernetes.tasks import arrival
from trackside_server.jobs.runners.kubernetes.tasks.cargo import Cargo

JOB = "api/v1/jobs/job-1"
TAR = {"Content-Type": "application/x-tar"}
pytestmark = pytest.mark.usefixtures("another_server_leads")


@pytest.fixture
def cargo(tmp_path):
    (tmp_path / "data.csv").write_text("1,2")
    return Cargo(str(tmp_path / "task"), inputs={"data-0/data.csv": str(tmp_path / "data.csv")})


@pytest.fixture
def directory(trackside):
    return trackside.services.jobs.directory("job-1")


@pytest.fixture
def send(trackside, trackside_fetch, jp_asyncio_loop, monkeypatch, cargo, directory):
    """Ask as the job of a task; that it is one stands for a cluster, which is not here."""
    services = trackside.services

    async def get(id_or_name):
        assert id_or_name in ("job-1", "train")
        return SimpleNamespace(job_id="job-1", name="train")

    async def task(job):
        return cargo

    async def token():
        experiment = (await services.tracking.get_or_create_experiment("digits")).experiment_id
        run = await services.tracking.create_run(experiment)
        return await services.tokens.issue("job-1", run.info.run_id, experiment)

    monkeypatch.setattr(services.jobs, "get", get)
    monkeypatch.setattr(services.jobs, "task", task)
    directory.make()
    issued = jp_asyncio_loop.run_until_complete(token())

    async def ask(method, path, body=None):
        headers = TAR if body is not None else {}
        return await trackside_fetch(method, path, body=body, headers=headers, token=issued)

    return ask


def packed(tmp_path, **files):
    left = tmp_path / "left"
    left.mkdir(exist_ok=True)
    for name, content in files.items():
        (left / name).write_bytes(content)
    return b"".join(parcels.pieces({"outputs": str(left)}))


async def test_inputs_come_as_they_are(send, tmp_path) -> None:
    assert (await send("HEAD", f"{JOB}/inputs")).status == 200
    answer = await send("GET", f"{JOB}/inputs")
    assert answer.headers["Content-Type"] == "application/x-tar"
    parcels.unpack(io.BytesIO(answer.body), tmp_path)
    assert (tmp_path / "inputs/data-0/data.csv").read_text() == "1,2"


async def test_outputs_larger_than_what_is_held_at_once_are_kept_whole(
    send, directory, tmp_path
) -> None:
    content = os.urandom(30_000_000)
    answer = await send("PUT", f"{JOB}/outputs", packed(tmp_path, model=content))
    assert answer.status == 204, answer.text
    assert arrival.reason_of(directory) is None
    assert (tmp_path / "task/outputs/model").read_bytes() == content
    assert sorted(one.name for one in (tmp_path / "task").iterdir()) == ["outputs", "parameters"]


@pytest.mark.parametrize("body", [b"", b"no archive", b"\0" * 512], ids=["none", "text", "cut"])
async def test_what_is_no_whole_archive_is_refused_and_changes_nothing(
    body, send, directory, tmp_path
) -> None:
    await send("PUT", f"{JOB}/outputs", packed(tmp_path, model=b"first"))
    answer = await send("PUT", f"{JOB}/outputs", body)
    assert (answer.status, answer.json["reason"]) == (400, "outputs")
    assert (tmp_path / "task/outputs/model").read_bytes() == b"first"
    assert sorted(one.name for one in (tmp_path / "task").iterdir()) == ["outputs", "parameters"]


async def test_outputs_that_are_sent_again_take_the_place_of_the_first(send, tmp_path) -> None:
    await send("PUT", f"{JOB}/outputs", packed(tmp_path, model=b"first", more=b"x"))
    (tmp_path / "left" / "more").unlink()
    await send("PUT", f"{JOB}/outputs", packed(tmp_path, model=b"second"))
    there = {one.name: one.read_bytes() for one in (tmp_path / "task/outputs").iterdir()}
    assert there == {"model": b"second"}


async def test_a_user_may_name_a_job_instead_of_its_id(
    send, trackside_fetch, directory, tmp_path
) -> None:
    body = packed(tmp_path, model=b"by name")
    answer = await trackside_fetch("PUT", "api/v1/jobs/train/outputs", body=body, headers=TAR)
    assert answer.status == 204, answer.text
    assert arrival.reason_of(directory) is None
    assert (tmp_path / "task/outputs/model").read_bytes() == b"by name"
    assert (await send("PUT", "api/v1/jobs/train/outputs", body)).status == 403


async def test_other_jobs_are_no_tasks(trackside_fetch) -> None:
    for method, what in (("GET", "inputs"), ("PUT", "outputs")):
        body = b"x" if method == "PUT" else None
        answer = await trackside_fetch(method, f"{JOB}/{what}", body=body, headers=TAR)
        assert (answer.status, answer.json["code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
