"""Names and labels that every API server takes, and the words for what it refuses."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside_server.cluster.errors import ApiError
from trackside_server.jobs.runners.kubernetes import names
from trackside_server.jobs.runners.kubernetes.refusals import refusal, refusal_to_delete

from .made import job

DNS = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
LABEL = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")


@given(st.text(max_size=80), st.integers(1, 999))
def test_any_name_of_a_job_gives_one_that_a_host_may_have(name, attempt) -> None:
    found = names.object_name(job(name=name, attempt=attempt))
    assert DNS.fullmatch(found)
    assert found.endswith(f"-0123456789-{attempt}")
    # With what controllers append for an Indexed Job and its pods.
    assert len(f"{found}-999-abcde") <= 63


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("digits-7", "digits-7"),
        ("My Training!", "my-training"),
        ("7-up", "job-7-up"),
        ("---", "job"),
        ("訓練", "job"),
        ("a" * 60, "a" * 24),
    ],
)
def test_a_name_keeps_what_people_can_read_of_it(name, slug) -> None:
    assert names.object_name(job(name=name)) == f"{slug}-0123456789-1"


@given(st.text(max_size=100))
def test_a_label_takes_any_user(user) -> None:
    found = names.labels(job(user=user))
    assert all(LABEL.fullmatch(value) and len(value) <= 63 for value in found.values())
    assert ("trackside.dev/user" in found) == bool(names.label_value(user))


def test_what_was_asked_for_is_written_on_the_job_unless_it_is_too_long() -> None:
    asked = job(env={"A": "1"}, secret_env=("TOKEN",), params={"lr": 0.1})
    told = json.loads(names.passport(asked)[names.SPEC])
    assert (told["params"], told["env"], told["secret_env"]) == ({"lr": 0.1}, {"A": "1"}, ["TOKEN"])
    long = job(source={"label": "x.py", "took": ["y" * 100] * 5000})
    assert json.loads(names.passport(long)[names.SPEC])["source"] == {"label": "x.py"}
    assert names.passport(job(params={"x": "y" * 10**6})) == {}


QUOTA = (
    'jobs.batch "x" is forbidden: exceeded quota: team, requested: count/jobs.batch=1, used: '
    "count/jobs.batch=5, limited: count/jobs.batch=5"
)
MAY_NOT = (
    'jobs.batch is forbidden: User "me" cannot create resource "jobs" in API group "batch" in the '
    'namespace "team"'
)


@pytest.mark.parametrize(
    ("status", "message", "code", "sentence"),
    [
        (403, QUOTA, "QUOTA_EXCEEDED", "The namespace's quota team does not allow it: the job"),
        (403, MAY_NOT, "FORBIDDEN", "You may not create jobs of batch in this namespace. The"),
        (
            403,
            'secrets is forbidden: cannot create resource "secrets" in API group "" in the',
            "FORBIDDEN",
            "You may not create secrets in this namespace.",
        ),
        (403, "no.", "FORBIDDEN", "The cluster forbids it: no."),
        (
            400,
            'admission webhook "policy.example" denied the request: no latest tags ',
            "REFUSED",
            "A rule of the cluster (policy.example) refuses the job: no latest tags.",
        ),
        (
            422,
            "spec.x: Invalid.",
            "LAUNCH_FAILED",
            "The cluster refuses digits-7: spec.x: Invalid.",
        ),
        (422, "", "LAUNCH_FAILED", "The cluster refuses digits-7: 422."),
    ],
)
def test_a_refusal_has_a_sentence_and_a_code(status, message, code, sentence) -> None:
    verdict = refusal(ApiError(status, "Reason", message), job())
    assert (verdict.outcome, verdict.code) == ("failed", code)
    assert verdict.message.startswith(sentence)
    assert verdict.message.endswith(".")
    # Only a quota is free again by itself.
    assert verdict.retry == (code == "QUOTA_EXCEEDED")


MAY_NOT_DELETE = MAY_NOT.replace("create", "delete")
NOT_STOPPED = (
    "You may not delete jobs.batch in this namespace, so the job cannot be stopped: the panel's "
    "Cluster section shows the Role to ask for."
)


@pytest.mark.parametrize(
    ("status", "message", "code", "sentence"),
    [
        (403, MAY_NOT_DELETE, "FORBIDDEN", NOT_STOPPED),
        (403, "no.", "FORBIDDEN", "The cluster forbids to stop the job: no."),
        (409, " Busy. ", "NOT_STOPPED", "The cluster does not let the job be stopped: Busy."),
        (405, "", "NOT_STOPPED", "The cluster does not let the job be stopped: 405."),
    ],
)
def test_a_job_that_cannot_be_stopped_says_why(status, message, code, sentence) -> None:
    found = refusal_to_delete(ApiError(status, "Reason", message))
    assert (found.code, found.message) == (code, sentence)
