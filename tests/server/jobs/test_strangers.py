"""Jobs that other notebooks sent: what their objects say is believed as little as a request."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from trackside_server.jobs import summaries
from trackside_server.jobs.entities import Job, JobSpec, Resources
from trackside_server.jobs.runners.kubernetes import names
from trackside_server.jobs.runners.kubernetes.circumstances import _fit
from trackside_server.jobs.runners.kubernetes.introducing import introduce
from trackside_server.jobs.runners.kubernetes.tracked import track
from trackside_server.jobs.strangers import asked_for

ID = "0123456789abcdef"
GOOD = {
    "kind": "command",
    "bundle": "b" * 64,
    "arguments": ["./train"],
    "secret_env": ["TOKEN"],
    "env": {"A": "1"},
    "resources": {"gpus": 1},
}


def manifest(spec=GOOD, *, job_id=ID, attempt="1", **remarks):
    told = spec if isinstance(spec, str) else json.dumps(spec)
    return {
        "kind": "Job",
        "metadata": {
            "name": "train-1",
            "namespace": "team",
            "uid": "u",
            "labels": {names.USER: "ana", names.JOB_ID: job_id, names.ATTEMPT: attempt},
            "annotations": {names.SPEC: told, **remarks},
        },
    }


def read(spec):
    found = introduce(manifest(spec), "ana")
    assert found is not None
    return asked_for(found)


def test_what_was_asked_for_comes_along():
    asked = JobSpec(
        kind="script",
        bundle="b" * 64,
        source={"label": "train.py", "path": "train.py", "took": ["a.csv"]},
        params={"lr": 0.1},
        arguments=("--fast",),
        name="train",
        experiment="digits",
        env={"A": "1"},
        secret_env=("TOKEN",),
        resources=Resources(2.0, 2**30, 2, "A100-80GB", 3),
        time_limit=60.0,
        retries=2,
        metric_pattern=r"loss=(?P<loss>\S+)",
        tags={"team": "blue"},
        on="cluster",
        image="ghcr.io/team/train:1",
        queue="team-a",
        runtime="torch",
        install=True,
    )
    assert read(asked.to_json()) == asked


def test_fields_of_a_later_version_are_left_aside():
    assert read({**GOOD, "colour": "blue"}).arguments == ("./train",)


@pytest.mark.parametrize(
    "change",
    [
        {"source": []},
        {"source": {"label": 5}},
        {"resources": {"gpus": 1, "gpu": 5}},
        {"resources": []},
        {"kind": ["command"]},
        {"bundle": "b"},
        {"bundle": None},
        {"bundle": "../../../etc"},
        {"params": []},
        {"params": {"a": 1}},
        {"env": []},
        {"env": {"A": 1}},
        {"secret_env": "TOKEN"},
        {"secret_env": [[]]},
        {"secret_env": ["MLFLOW_RUN_ID"]},
        {"tags": {"a": []}},
        {"tags": {"trackside.job_id": "x"}},
        {"tags": {"a": "\ud800"}},
        {"time_limit": "soon"},
        {"time_limit": float("nan")},
        {"retries": 10**9},
        {"metric_pattern": "("},
        {"name": "x" * 5000},
        {"arguments": [["a"]]},
        {"python": 3},
    ],
)
def test_what_no_request_may_say_leaves_a_job_that_can_be_listed_and_followed(change):
    spec = read({**GOOD, **change})
    assert spec == JobSpec(kind="command", bundle="", source={"label": "train-1"}, on="cluster")
    stored = JobSpec.from_json(json.loads(json.dumps(spec.to_json())))
    job = Job(ID, "t", stored, "STARTING", "r", "1", "e", "ana", 0, 1, placed=True)
    assert summaries.summary(job, None)["source"] == {"label": "train-1"}
    assert _fit(track(job, ""), [SimpleNamespace(type=SimpleNamespace(name="A"))]) is None


@pytest.mark.parametrize("spec", ["", "{", "[" * 200_000])
def test_an_object_that_says_nothing_readable_is_nobodys(spec):
    assert introduce(manifest(spec), "ana") is None


@pytest.mark.parametrize("spec", ["[]", "3", "{}"])
def test_an_object_that_says_little_is_followed(spec):
    assert read(spec).kind == "command"


@pytest.mark.parametrize("job_id", ["", "a", "A" * 16, "../../../../etc/x", "0" * 17, f"{ID}\n"])
def test_only_ids_like_ours_are_taken(job_id):
    assert introduce(manifest(job_id=job_id), "ana") is None


@pytest.mark.parametrize("attempt", ["", "0", "-1", "102", "9" * 30, "²", "1\n", "01"])
def test_only_attempts_that_can_be_are_taken(attempt):
    assert introduce(manifest(attempt=attempt), "ana") is None
    assert introduce(manifest(attempt="101"), "ana").attempt == 101


def test_names_are_no_longer_than_a_request_may_have_them():
    found = introduce(manifest(**{names.NAME: "n" * 9999, names.EXPERIMENT: "e" * 9999}), "ana")
    assert (len(found.name), len(found.experiment)) == (200, 500)
