"""Which runner a job has, also where that is not there any more."""

from __future__ import annotations

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.jobs.entities import Cancel, Job, JobSpec
from trackside_server.jobs.runners.away import AWAY, AwayRunner
from trackside_server.jobs.runners.base import AttemptStatus, Launch
from trackside_server.jobs.runners.choice import Runners
from trackside_server.structs import replace


class Place:
    """A runner of which nothing but its name is asked."""

    def __init__(self, name, *, queues=False):
        self.name = name
        self.label = name
        self.queues = queues

    async def check(self, spec):
        raise InvalidInput("It does not fit here.")


LOCAL = Place("local")
CLUSTER = Place("cluster", queues=True)


def job(state="RUNNING", on="cluster", **changes):
    spec = JobSpec(kind="command", bundle="", on=on)
    return Job("a" * 16, "train", spec, state, "r", "1", "e", "ana", 0, 1, placed=True, **changes)


@pytest.fixture
def told():
    return []


@pytest.fixture
def away(told):
    runner = AwayRunner()
    runner.start(lambda *news: told.append(news), None)
    return runner


def test_a_stored_job_has_the_runner_of_its_name():
    runners = Runners(LOCAL, CLUSTER)
    assert runners.of(job()) is CLUSTER
    assert runners.of(job(on="local")) is LOCAL
    assert list(runners) == [LOCAL, CLUSTER]


def test_a_job_of_a_cluster_that_is_gone_has_a_runner_that_is_started_and_queues():
    runners = Runners(LOCAL)
    found = runners.of(job())
    assert isinstance(found, AwayRunner)
    assert list(runners) == [LOCAL, found]
    assert [runner.name for runner in runners if runner.queues] == ["cluster"]
    assert runners.cluster is None


async def test_nothing_new_is_sent_to_a_cluster_that_is_gone():
    runners = Runners(LOCAL)
    with pytest.raises(InvalidInput, match="There is no cluster"):
        runners.named("cluster")
    with pytest.raises(InvalidInput, match="There is no cluster"):
        await runners.choose(JobSpec(kind="command", bundle="", on="cluster"))
    assert await runners.choose(JobSpec(kind="command", bundle="", on="auto")) is LOCAL
    with pytest.raises(InvalidInput) as refused:
        runners.named("moon")
    assert refused.value.hint == "Leave on out, or write 'local'."


def test_a_runner_that_nobody_knows_is_refused():
    with pytest.raises(InvalidInput, match="There is no runner 'moon' here"):
        Runners(LOCAL).of(job(on="moon"))


@pytest.mark.parametrize(
    ("state", "phase"),
    [("QUEUED", "waiting"), ("STARTING", "starting"), ("RUNNING", "running")],
)
async def test_a_job_stays_as_it_was_while_there_is_no_cluster(away, told, state, phase):
    assert await away.adopt(job(state)) == AttemptStatus("unknown")
    assert told == [("a" * 16, 1, AttemptStatus(phase, reason=AWAY))]


async def test_a_launch_without_a_cluster_waits_for_one(away, told, tmp_path):
    await away.launch(job("STARTING", attempt=2), Launch({}, tmp_path))
    assert told == [("a" * 16, 2, AttemptStatus("waiting", reason=AWAY))]
    assert AWAY.code == "CLUSTER_UNREACHABLE"
    assert "restart Jupyter" in AWAY.message


async def test_a_job_can_be_canceled_without_a_cluster(away, told):
    one = replace(job(), cancel=Cancel("ana", 1))
    await away.cancel(one)
    await away.closed(one)
    assert told == [("a" * 16, 1, AttemptStatus("ended", cause="canceled"))]


async def test_a_runner_that_stopped_tells_nothing(away, told):
    await away.stop()
    await away.adopt(job())
    assert told == []
    assert not (await away.preview(job().spec)).manifests
    await away.check(job().spec)
