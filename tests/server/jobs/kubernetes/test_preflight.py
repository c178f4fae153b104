"""What is found before a job is made."""

from __future__ import annotations

import pytest

from trackside_server.cluster.quota import Bound, Limit
from trackside_server.jobs.runners.kubernetes import delivery
from trackside_server.jobs.runners.kubernetes.preflight import _unsaid


def quota(resource):
    return Limit("team", resource, 0, 10)


@pytest.mark.parametrize(
    ("resource", "option"),
    [
        ("limits.memory", "--memory"),
        ("requests.memory", "--memory"),
        ("memory", "--memory"),
        ("requests.cpu", "--cpus"),
        ("cpu", "--cpus"),
    ],
)
def test_what_a_quota_counts_has_to_be_said(resource, option):
    (found,) = _unsaid([quota(resource)], [], {}, {})
    assert (found.level, found.hint) == ("error", f"Add {option}.")
    assert "The namespace's quota team counts" in found.message


def test_what_is_said_or_has_a_default_need_not_be_asked_for():
    limits = [quota("limits.memory"), quota("requests.cpu"), quota("pods")]
    default = Bound("defaults", "Container", {}, {}, {"memory": 1})
    assert not _unsaid(limits, [default], {"cpu": 1}, {"cpu": 1})
    assert not _unsaid([Limit("team", "limits.memory", 0, 1, scoped=True)], [], {}, {})


def test_what_runs_in_pods_is_of_the_version_that_was_there_at_the_start(monkeypatch, tmp_path):
    delivery.load()
    before = delivery.start_code(), delivery._runtime()
    # As where a newer version is installed over a server that runs.
    monkeypatch.setattr(delivery, "_HERE", tmp_path)
    assert (delivery.start_code(), delivery._runtime()) == before
