from __future__ import annotations

import asyncio
import json
import subprocess
import time

import pytest

from trackside_server.provenance import service


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    commit = ("git", "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qm", "1")
    (folder / "utils.py").write_text("x = 1\n")
    for command in (("git", "init", "-q", "-b", "main"), ("git", "add", "."), commit):
        subprocess.run(command, cwd=folder, check=True)
    (folder / "utils.py").write_text("x = 2\n")
    return folder


async def _run(trackside):
    tracking = trackside.services.tracking
    experiment = await tracking.get_or_create_experiment("digits")
    run = await tracking.create_run(experiment.experiment_id, run_name="one")
    return run.info.run_id


async def _tags(trackside, run_id, wanted):
    deadline = asyncio.get_running_loop().time() + 20
    while True:
        run = await trackside.services.tracking.get_run(run_id)
        tags = {tag.key: tag.value for tag in run.tags}
        if wanted in tags or asyncio.get_running_loop().time() > deadline:
            return tags
        await asyncio.sleep(0.02)


def _read(trackside, run_id, experiment_id, path):
    root = trackside.services.tracking.artifacts.root
    return (root / experiment_id / run_id / "artifacts" / path).read_text()


async def test_a_run_says_which_cell_of_which_notebook_at_which_commit(
    trackside, trackside_fetch, repository
):
    run_id = await _run(trackside)

    answer = await trackside_fetch(
        "POST",
        "api/v1/provenance",
        {
            "run_id": run_id,
            "source": {
                "notebook": "work/digits.ipynb",
                "cell_id": "abc",
                "execution_count": 7,
                "label": "cell [7] of digits.ipynb",
                "cell": "token = 'hunter2'\nfit()\n",
                "cwd": str(repository),
            },
            "environment": {
                "python": "3.11.7",
                "host": "gpu-1",
                "packages": {"numpy": "2.0", "asttokens": "3.0.1"},
            },
        },
    )

    assert answer.status == 202
    tags = await _tags(trackside, run_id, "mlflow.source.git.commit")
    assert tags["mlflow.source.name"] == "work/digits.ipynb"
    assert tags["mlflow.source.type"] == "NOTEBOOK"
    assert tags["mlflow.source.git.branch"] == "main"
    assert tags["mlflow.source.git.dirty"] == "true"
    assert tags["mlflow.user"]
    assert json.loads(tags["trackside.git.changed_files"]) == ["utils.py"]
    assert tags["trackside.execution_count"] == "7"
    assert tags["trackside.python"] == "3.11.7"
    info = await trackside.services.tracking.run_info(run_id)
    assert _read(trackside, run_id, info.experiment_id, "provenance/cell.py") == (
        "token = '[redacted]'\nfit()\n"
    )
    assert "+x = 2" in _read(trackside, run_id, info.experiment_id, "provenance/uncommitted.diff")
    environment = _read(trackside, run_id, info.experiment_id, "provenance/environment.json")
    assert json.loads(environment)["packages"] == {"numpy": "2.0", "asttokens": "3.0.1"}


async def test_what_is_far_too_large_is_no_environment_and_holds_nobody_up(trackside):
    run_id = await _run(trackside)
    provenance = trackside.services.provenance
    # What this thread does itself, however busy the machine is.
    began = time.thread_time()
    work = asyncio.create_task(
        provenance.record(run_id, {}, command="x" * 10**7, environment={"python": "a" * 10**7})
    )
    await asyncio.sleep(0)
    assert time.thread_time() - began < 0.5
    await work
    tags = await _tags(trackside, run_id, "trackside.command")
    assert tags["trackside.command"] == "x" * 4000
    _, files = await trackside.services.tracking.list_run_artifacts(run_id, "provenance")
    assert not files.items


async def test_an_unknown_run_is_refused(trackside_fetch):
    answer = await trackside_fetch("POST", "api/v1/provenance", {"run_id": "0" * 32})
    assert answer.status == 404


async def test_nonsense_is_refused_with_a_sentence(trackside_fetch):
    for body in ({}, {"run_id": 1}, {"run_id": "0" * 32, "source": []}):
        answer = await trackside_fetch("POST", "api/v1/provenance", body)
        assert answer.status == 400
        assert answer.json["code"] == "INVALID_PARAMETER_VALUE"


async def test_a_run_that_is_gone_does_not_fail_its_job(trackside, caplog):
    await trackside.services.provenance.record("0" * 32, {"cell": "1"})
    assert "was not stored" in caplog.text


async def test_too_many_at_once_are_asked_to_come_back(trackside, trackside_fetch, monkeypatch):
    monkeypatch.setattr(service, "MAX_WAITING", 6)
    provenance = trackside.services.provenance
    go_on = asyncio.Event()
    under_way = []

    async def slow(run_id, source, **_):
        under_way.append(run_id)
        await go_on.wait()

    monkeypatch.setattr(provenance, "record", slow)
    body = {"run_id": await _run(trackside), "source": {"cell": "1"}}
    for _ in range(6):
        assert (await trackside_fetch("POST", "api/v1/provenance", body)).status == 202
    answer = await trackside_fetch("POST", "api/v1/provenance", body)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert "waits to be stored" in answer.json["message"]
    assert len(under_way) == 4
    go_on.set()
    await asyncio.wait(provenance._tasks)
    assert len(under_way) == 6
    assert (await trackside_fetch("POST", "api/v1/provenance", body)).status == 202


async def test_a_job_starts_though_its_provenance_finds_no_room(trackside, caplog, monkeypatch):
    monkeypatch.setattr(service, "MAX_WAITING", 0)
    trackside.services.provenance.record_soon("0" * 32, {"cell": "1"})
    assert "waits to be stored" in caplog.text
