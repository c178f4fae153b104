"""Runs of the embedded store side by side."""

from __future__ import annotations

import io
import json

import pytest

from trackside._bundle import Bundle
from trackside_server.tracking.entities import Metric, Param, Tag


class Runs:
    """Makes runs with all that a job leaves."""

    def __init__(self, services):
        self.services = services
        self.tracking = services.tracking

    async def make(self, name, params=None, metrics=None, *, cell=None, packages=None, tags=None):
        experiment = await self.tracking.get_or_create_experiment("digits")
        run = await self.tracking.create_run(experiment.experiment_id, run_name=name)
        run_id = run.info.run_id
        marks = {"trackside.python": "3.12.1"} if cell or packages else {}
        await self.tracking.log_batch(
            run_id,
            metrics=[Metric(key, value, 1, 0) for key, value in (metrics or {}).items()],
            params=[Param(key, str(value)) for key, value in (params or {}).items()],
            tags=[Tag(*item) for item in {**marks, **(tags or {})}.items()],
        )
        files = {}
        if cell is not None:
            files["provenance/cell.py"] = cell.encode()
        if packages is not None:
            told = {"python": "3.12.1", "packages": packages}
            files["provenance/environment.json"] = json.dumps(told).encode()
        for path, content in files.items():
            await self.tracking.write_artifact(run_id, path, io.BytesIO(content))
        return run_id


@pytest.fixture
def runs(trackside):
    return Runs(trackside.services)


@pytest.fixture
def compare(trackside_fetch):
    async def ask(*run_ids, **more):
        return await trackside_fetch("POST", "api/v1/compare", {"run_ids": list(run_ids), **more})

    return ask


def _row(rows, key):
    return next(row for row in rows if row["key"] == key)


async def test_two_runs_say_what_differs_and_which_is_better(runs, compare):
    one = await runs.make("one", {"lr": 0.01, "epochs": 5}, {"loss": 0.4, "accuracy": 0.8})
    two = await runs.make("two", {"lr": 0.1, "epochs": 5}, {"loss": 0.2, "accuracy": 0.9})
    found = (await compare(one, two)).json
    assert _row(found["params"], "lr") == {
        "key": "lr",
        "values": ["0.01", "0.1"],
        "differs": True,
    }
    assert not _row(found["params"], "epochs")["differs"]
    assert _row(found["metrics"], "loss")["best"] == 1
    assert _row(found["metrics"], "accuracy")["best"] == 1
    assert found["objective"] == {
        "metric": "loss",
        "goal": "min",
        "assumed": True,
        "by_name": True,
    }
    assert found["sentence"] == "1 of 2 settings differs; lr 0.01 → 0.1 goes with the better loss."
    assert [run["experiment_name"] for run in found["runs"]] == ["digits", "digits"]


async def test_the_code_and_packages_of_runs_are_compared_with_the_oldest(runs, compare):
    one = await runs.make("one", cell="a = 1\nb = 2\n", packages={"numpy": "1.26", "scipy": "1"})
    two = await runs.make("two", cell="a = 1\nb = 3\n", packages={"numpy": "2.0", "scipy": "1"})
    bare = await runs.make("bare")
    found = (await compare(two, one, bare)).json
    assert found["base"] == one
    (cell,) = found["code"]["files"]
    assert [run["state"] for run in cell["runs"]] == ["changed", "base", "unknown"]
    assert cell["runs"][0]["diff"].splitlines()[1:] == [" a = 1", "-b = 2", "+b = 3"]
    assert (cell["runs"][0]["added"], cell["runs"][0]["removed"]) == (1, 1)
    numpy = _row(found["packages"], "numpy")
    assert (numpy["values"], numpy["differs"]) == (["2.0", "1.26", None], True)
    # That nothing is known of a run is no difference of it.
    assert not _row(found["packages"], "scipy")["differs"]
    assert any("No code was kept of bare" in note["text"] for note in found["notes"])
    assert "code" not in {ranked["kind"] for ranked in found["ranking"]}
    other = (await compare(two, one, base=two)).json
    assert [run["state"] for run in other["code"]["files"][0]["runs"]] == ["base", "changed"]


async def test_files_that_travelled_with_jobs_are_compared_without_their_secrets(
    runs, compare, trackside_fetch
):
    made = []
    for rate in ("0.1", "0.2"):
        entry = json.dumps({"kind": "script", "source": "train.py"}).encode()
        code = f"lr = {rate}\ntoken = 'ghp_{rate[-1] * 36}'\n".encode()
        files = {"__trackside__/entry.json": entry, "train.py": code, "same.py": b"1\n"}
        bundle = Bundle.build(files)
        archive = io.BytesIO()
        bundle.pack(archive)
        await trackside_fetch("PUT", f"api/v1/bundles/{bundle.digest}", body=archive.getvalue())
        job = await trackside_fetch(
            "POST", "api/v1/jobs", {"kind": "script", "bundle": bundle.digest}
        )
        assert job.status == 201, job.text
        made.append(job.json["run_id"])
        await trackside_fetch("POST", f"api/v1/jobs/{job.json['job_id']}/cancel")
    found = (await compare(*made)).json
    files = {file["path"]: file for file in found["code"]["files"]}
    assert not files["same.py"]["differs"]
    diff = files["train.py"]["runs"][1]["diff"]
    assert "+lr = 0.2" in diff
    assert "ghp_" not in diff
    assert "__trackside__/entry.json" not in files


async def test_runs_of_twenty_in_the_trash_and_running_are_compared(runs, compare, trackside):
    made = [
        await runs.make(f"run-{at}", {"lr": 10.0**-at}, {"loss": float(at)}) for at in range(20)
    ]
    await trackside.services.tracking.delete_run(made[3])
    found = (await compare(*made)).json
    assert found["runs"][3]["lifecycle_stage"] == "deleted"
    assert {"code": "DELETED", "count": 1, "names": ["run-3"], "text": "In the trash: run-3."} in (
        found["notes"]
    )
    assert (found["ranking"][0]["key"], found["ranking"][0]["strength"]) == ("lr", "clear")


async def test_values_that_are_no_numbers_are_told_as_such(runs, compare):
    one = await runs.make("one", metrics={"loss": float("nan")})
    two = await runs.make("two", metrics={"loss": 0.2})
    found = (await compare(one, two)).json
    assert _row(found["metrics"], "loss")["values"] == ["NaN", 0.2]
    assert _row(found["metrics"], "loss")["best"] is None
    assert found["ranking"] == []


async def test_a_given_objective_is_followed_and_its_goal_completed(runs, compare):
    one = await runs.make("one", {"lr": 1}, {"loss": 0.1, "accuracy": 0.2})
    two = await runs.make("two", {"lr": 2}, {"loss": 0.2, "accuracy": 0.9})
    found = (await compare(one, two, objective={"metric": "accuracy"})).json
    assert (found["objective"]["goal"], found["ranking"][0]["better"]) == ("max", "2")
    found = (await compare(one, two, objective={"metric": "accuracy", "goal": "min"})).json
    assert found["ranking"][0]["better"] == "1"


async def test_long_values_and_texts_are_cut_and_it_is_said(runs, compare):
    one = await runs.make("one", {"prompt": "a" * 5000}, cell="x = 1\n" * 40_000)
    two = await runs.make("two", {"prompt": "a" * 5001}, cell="y = 1\n" * 40_000)
    answer = await compare(one, two)
    found = answer.json
    prompt = _row(found["params"], "prompt")
    assert [len(value) for value in prompt["values"]] == [1000, 1000]
    assert prompt["differs"]
    assert any("longer than 1000 characters" in note["text"] for note in found["notes"])
    assert found["code"]["files"][0]["runs"][1]["state"] == "unread"
    assert len(answer.body) < 100_000


async def test_questions_that_cannot_be_answered_say_what_to_do(runs, compare):
    one = await runs.make("one")
    refused = await compare(one)
    assert refused.status == 400
    assert "2 to 20 runs" in refused.json["hint"]
    # Named twice is one run.
    assert (await compare(one, one)).status == 400
    assert (await compare(*[f"{at:032x}" for at in range(21)])).status == 400
    assert (await compare(one, one[::-1], base="x" * 32)).status == 400
    for wrong in ({"metric": "loss", "goal": "up"}, {"goal": "min"}, 7):
        assert (await compare(one, one[::-1], objective=wrong)).status == 400
    missing = await compare(one, "f" * 32, "e" * 32)
    assert missing.status == 404
    assert missing.json["reason"] == f"{'f' * 32},{'e' * 32}"
    assert "f" * 32 in missing.json["message"]
