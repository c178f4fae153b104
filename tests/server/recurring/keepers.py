"""A cluster that keeps what recurs, and what it has started, as the server sees them."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from tests.server.recurring.test_requests import JOB

from trackside_server.jobs.entities import JobSpec
from trackside_server.jobs.runners.base import Found, HandOver, Kept, Recurrence
from trackside_server.jobs.runners.choice import Runners
from trackside_server.structs import replace

UID_JOB = "0123456789abcdef"
DUE = 1_763_616_240_000


class Keeper:
    """Keeps what it is told, by the name of the CronJob, and can be made to fail."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.looks = 0
        # What is there, and whether that starts any.
        self.starts: dict[str, bool] = {}
        self.schedules: dict[str, str] = {}
        self.made = 0
        # Raised before or after something was done.
        self.before: dict[str, BaseException] = {}
        self.after: dict[str, BaseException] = {}

    @contextmanager
    def _doing(self, what: str):
        if what in self.before:
            raise self.before[what]
        yield
        if what in self.after:
            raise self.after[what]

    async def choose(self, what: HandOver) -> Kept:
        before = what.before
        if before is not None and self.schedules.get(before.cronjob) == what.schedule:
            return before
        self.made += 1
        return Kept(f"nightly-{self.made}", "team-a")

    async def hand_over(self, what: HandOver, kept: Kept) -> Kept:
        with self._doing("hand over"):
            self.told.append(what)
            self.starts = {kept.cronjob: what.enabled}
            self.schedules[kept.cronjob] = what.schedule
        return replace(kept, notes=("As it is.",))

    async def is_there(self, kept: Kept) -> bool:
        with self._doing("is there"):
            return kept.cronjob in self.starts

    async def take_back(self, kept: Kept) -> None:
        with self._doing("take back"):
            self.told.append(("take back", kept.cronjob))
            self.starts.pop(kept.cronjob, None)

    async def enable(self, kept: Kept, *, enabled: bool) -> None:
        with self._doing("enable"):
            self.told.append(("enable", kept.cronjob, enabled))
            self.starts[kept.cronjob] = enabled

    async def start_now(self, kept: Kept) -> str:
        return UID_JOB


class Cluster:
    """A cluster that takes every job and looks at none."""

    name = "cluster"
    queues = True

    def __init__(self) -> None:
        self.keeper = Keeper()

    async def check(self, spec) -> None:
        """Take it."""

    async def adopt(self, job) -> None:
        """Know nothing of it."""

    def look_around(self) -> None:
        """See nothing."""
        self.keeper.looks += 1


@pytest.fixture
def keeper(trackside):
    """A cluster that jobs are handed over to."""
    jobs, cluster = trackside.services.jobs, Cluster()
    jobs._runners = Runners(jobs._runners.local, cluster)
    jobs._submission = replace(jobs._submission, runners=jobs._runners)
    return cluster.keeper


@pytest.fixture
def on_cluster(nightly, keeper):
    """Let the script recur on the cluster that can keep it, and give its path."""

    async def make(**fields):
        made = await nightly(**{"job": {**JOB, "on": "cluster"}, **fields})
        return f"/{made['recurring_run_id']}"

    return make


def found_of(recurring_id):
    """What the cluster has started for a moment, as it is found."""
    return Found(
        job_id=UID_JOB,
        attempt=1,
        name="nightly",
        experiment="train",
        user="ana",
        on="cluster",
        spec=JobSpec(kind="script", bundle="b" * 64, source={"label": "train.py"}).to_json(),
        created_at=DUE,
        cluster={"name": "nightly-0123456789-29393604", "uid": "u", "foreign": True},
        recurrence=Recurrence(recurring_id, DUE, "nightly-0123456789"),
    )
