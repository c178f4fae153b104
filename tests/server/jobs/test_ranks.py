"""The logs of the nodes that work on one job."""

from __future__ import annotations

import pytest

from trackside_server.jobs.entities import Resources
from trackside_server.jobs.service import Jobs
from trackside_server.structs import replace


@pytest.fixture
def two_nodes(api, monkeypatch):
    """Return a function that makes a job which seems to have run on two nodes."""
    found = Jobs.get

    async def get(self, id_or_name):
        job = await found(self, id_or_name)
        return replace(job, spec=replace(job.spec, resources=Resources(nodes=2)))

    async def make():
        job = await api.submit("print('first')")
        await api.ended(job)
        (api.folder(job) / "output-1.log").write_text("second ✓\n" * 3)
        monkeypatch.setattr(Jobs, "get", get)
        return job

    return make


async def test_each_rank_has_a_log_of_its_own(api, two_nodes):
    job = await two_nodes()
    path = f"jobs/{job['job_id']}/logs"
    for query, text in (("", "first\n"), ("?rank=0", "first\n"), ("?rank=1", "second ✓\n" * 3)):
        answer = await api.call("GET", path + query, status=200)
        assert answer.json["data"] == text
        assert answer.json["complete"]
    tail = await api.call("GET", f"{path}?rank=1&tail=12", status=200)
    assert tail.json["data"] == "second ✓\n"


async def test_the_log_of_a_rank_is_downloaded_under_a_name_of_its_own(api, two_nodes):
    job = await two_nodes()
    answer = await api.call("GET", f"jobs/{job['name']}/logs/download?rank=1", status=200)
    assert answer.body.decode() == "second ✓\n" * 3
    assert f"{job['name']}-1.log" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("route", ["logs", "logs/download"])
async def test_a_rank_that_is_not_there_is_told_with_those_that_are(api, two_nodes, route):
    job = await two_nodes()
    answer = await api.call("GET", f"jobs/{job['job_id']}/{route}?rank=2", status=400)
    assert answer.json["reason"] == "rank"
    assert answer.json["message"] == f"The job {job['name']} has no rank 2: it runs on 2 nodes."
    assert answer.json["hint"] == "Ask for one from 0 to 1."
    for rank in ("-1", "x", "1.5"):
        await api.call("GET", f"jobs/{job['job_id']}/{route}?rank={rank}", status=400)


async def test_a_job_on_one_node_has_one_log(api):
    job = await api.submit("pass")
    answer = await api.call("GET", f"jobs/{job['job_id']}/logs?rank=1", status=400)
    assert answer.json["message"].endswith("it runs on one node.")
    await api.ended(job)
