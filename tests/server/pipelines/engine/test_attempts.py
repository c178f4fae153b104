"""What an attempt waits for before it is a job, and what it does not wait for."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from tests.server.jobs.conftest import until

from trackside_server.pipelines import tasks as task_module
from trackside_server.pipelines.machine.events import Canceled
from trackside_server.pipelines.machine.paths import in_order
from trackside_server.pipelines.machine.state import Values
from trackside_server.pipelines.processions import Procession
from trackside_server.pipelines.storage import cache
from trackside_server.pipelines.storage.cache import Entry
from trackside_server.pipelines.tasks import Tasks
from trackside_server.pipelines.telling import Telling
from trackside_server.pipelines.turns import Lines, Turns
from trackside_server.store import migrations
from trackside_server.structs import replace


def attempt(name, *, wants_gpus=False, run="run"):
    node = SimpleNamespace(kind="container", path=name, attempt=1)
    record = SimpleNamespace(run_id=run)
    return SimpleNamespace(
        key=name,
        task_id=name,
        node=node,
        record=record,
        asks_for_gpus=None if wants_gpus else False,
        wants_gpus=wants_gpus,
        is_volume_task=False,
    )


@dataclass
class World:
    """Jobs and keys that take until somebody ends them."""

    jobs: list[str] = field(default_factory=list)
    found: dict[str, SimpleNamespace] = field(default_factory=dict)
    canceled: dict[str, asyncio.Event] = field(default_factory=dict)
    reading: int = 0
    most: int = 0
    read: asyncio.Event = field(default_factory=asyncio.Event)
    slow: dict[str, asyncio.Event] = field(default_factory=dict)
    slow_to_start: dict[str, asyncio.Event] = field(default_factory=dict)
    starting: int = 0
    most_starting: int = 0

    # What makes jobs.
    async def find(self, assignment):
        return self.found.get(assignment.key)

    async def on_cluster(self, assignment):
        return False

    async def start(self, assignment, turn):
        self.starting += 1
        self.most_starting = max(self.most_starting, self.starting)
        if assignment.key in self.slow_to_start:
            await self.slow_to_start[assignment.key].wait()
        await turn()
        self.starting -= 1
        self.jobs.append(assignment.key)
        return job(assignment.key)

    async def note(self, assignment, job):
        pass

    async def cancel(self, job_id):
        self.canceled.setdefault(job_id, asyncio.Event()).set()

    # What tells of their ends.
    async def wait(self, job_id, begins):
        await self.canceled.setdefault(job_id, asyncio.Event()).wait()
        return SimpleNamespace(**{**vars(job(job_id)), "ended": True, "state": "CANCELED"})


class Keys:
    """The cache: keys take until it is told that they are read."""

    def __init__(self, world):
        self.world = world

    def holds(self, assignment):
        return True

    async def key_of(self, assignment, stop, on_cluster):
        if assignment.key in self.world.slow:
            await self.world.slow[assignment.key].wait()
            return "key"
        self.world.reading += 1
        self.world.most = max(self.world.most, self.world.reading)
        await self.world.read.wait()
        self.world.reading -= 1
        return "key"

    async def find(self, key, assignment):
        return None


class Told(Telling):
    """Notes the runs of which those who look at them would hear."""

    def __init__(self, lines):
        super().__init__(None, lines)
        self.runs = []

    def tell_soon(self, run_id):
        self.runs.append(run_id)


def job(name):
    return SimpleNamespace(job_id=name, ended=False, state="RUNNING", reason=None)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def tasks(world):
    lines = Lines(jobs=Turns(2), gpu_jobs=Turns(2), cluster_jobs=Turns(2), keys=Turns(3))
    log = logging.getLogger("test")
    tasks = Tasks(world, world, Keys(world), None, None, None, lines, Told(lines), log)
    # As long as it takes, on a machine that has much to do.
    tasks._procession = Procession(60)
    return tasks


async def test_few_tasks_stand_in_the_queue_of_jobs_and_those_that_want_gpus_hold_up_no_other(
    world, tasks
):
    world.read.set()
    some = [attempt(f"gpu-{n}", wants_gpus=True) for n in range(20)]
    some += [attempt(f"cpu-{n}") for n in range(20)]
    doing = [asyncio.create_task(tasks.launch(one)) for one in some]
    await until(lambda: len(world.jobs) == 4)
    assert sorted(world.jobs) == ["cpu-0", "cpu-1", "gpu-0", "gpu-1"]
    await tasks.cancel(some[0])
    await until(lambda: len(world.jobs) == 5)
    assert world.jobs[-1] == "gpu-2"
    for one in reversed(some):
        await tasks.cancel(one)
    ends = [happening.event for happening in await asyncio.gather(*doing)]
    assert all(isinstance(end, Canceled) for end in ends)
    assert len(world.jobs) == 5


async def test_who_looks_at_a_run_hears_of_each_task_that_waits_for_a_place(world, tasks):
    world.read.set()
    some = [attempt(str(number)) for number in range(2)]
    waits = attempt("waits", run="other")
    doing = [asyncio.create_task(tasks.launch(one)) for one in some]
    await until(lambda: len(world.jobs) == 2)
    assert tasks._telling.runs == []
    doing.append(asyncio.create_task(tasks.launch(waits)))
    await until(lambda: tasks._telling.runs)
    assert tasks._telling.runs == ["other"]
    assert tasks._telling.of("other", ["waits"]) == {"waits": "Waits for a place: it comes next."}
    for one in (waits, *some):
        await tasks.cancel(one)
    await asyncio.gather(*doing)


async def test_a_run_of_hundreds_of_tasks_lets_one_pass_that_has_few(world, tasks):
    world.read.set()
    many = [attempt(f"many-{n}", run="many") for n in range(200)]
    doing = [asyncio.create_task(tasks.launch(one)) for one in many]
    await until(lambda: len(world.jobs) == 2)
    few = [attempt(f"few-{n}", run="few") for n in range(3)]
    doing += [asyncio.create_task(tasks.launch(one)) for one in few]
    lines = tasks._lines.jobs._lines
    await until(lambda: [len(lines.get(run, ())) for run in ("many", "few")] == [198, 3])
    assert tasks._lines.ahead("few") == {"few-0": 1, "few-1": 3, "few-2": 5}
    ahead = tasks._lines.ahead("many")
    assert [ahead[f"many-{n}"] for n in (2, 3, 4, 5, 199)] == [0, 2, 4, 6, 200]
    # One that needs no place any more takes nobody's turn.
    await tasks.cancel(many[3])
    for number in range(6):
        before = len(world.jobs)
        await tasks.cancel(attempt(world.jobs[number]))
        await until(lambda before=before: len(world.jobs) > before)
    assert world.jobs[:2] == ["many-0", "many-1"]
    assert world.jobs[2:] == ["many-2", "few-0", "many-4", "few-1", "many-5", "few-2"]
    for one in (*many, *few):
        await tasks.cancel(one)
    await asyncio.gather(*doing)


async def test_tasks_of_a_run_start_in_their_order_though_some_keys_take_longer(world, tasks):
    world.read.set()
    world.slow["0"] = asyncio.Event()
    some = [attempt(str(number)) for number in range(5)]
    doing = [asyncio.create_task(tasks.launch(one)) for one in some]
    other = asyncio.create_task(tasks.launch(attempt("other", run="other")))
    await until(lambda: world.jobs)
    world.slow["0"].set()
    await until(lambda: len(world.jobs) == 2)
    for number in range(1, 5):
        await tasks.cancel(attempt(world.jobs[number]))
        await until(lambda number=number: len(world.jobs) == number + 2)
    assert world.jobs == ["other", "0", "1", "2", "3", "4"]
    for one in (*some, attempt("other", run="other")):
        await tasks.cancel(one)
    await asyncio.gather(*doing, other)


async def test_nobody_waits_for_long_for_one_whose_key_takes_longer(world, tasks):
    world.read.set()
    world.slow["0"] = asyncio.Event()
    tasks._procession = Procession(0.05)
    some = [attempt(str(number)) for number in range(2)]
    doing = [asyncio.create_task(tasks.launch(one)) for one in some]
    await until(lambda: world.jobs == ["1"])
    world.slow["0"].set()
    await until(lambda: world.jobs == ["1", "0"])
    for one in some:
        await tasks.cancel(one)
    await asyncio.gather(*doing)


async def test_some_are_looked_at_at_once_whether_they_can_run_and_are_jobs_in_their_order(
    world, tasks
):
    world.read.set()
    tasks._lines = replace(tasks._lines, jobs=Turns(100))
    world.slow_to_start["0"] = asyncio.Event()
    world.slow_to_start["9"] = asyncio.Event()
    some = [attempt(str(number)) for number in range(30)]
    doing = [asyncio.create_task(tasks.launch(one)) for one in some]
    other = asyncio.create_task(tasks.launch(attempt("other", run="other")))
    await until(lambda: world.jobs == ["other"] and world.starting == 8)
    # One that waits to be looked at is not looked at any more.
    await tasks.cancel(some[20])
    assert isinstance((await doing[20]).event, Canceled)
    world.slow_to_start["0"].set()
    await until(lambda: world.jobs[-1] == "8" and world.starting == 8)
    world.slow_to_start["9"].set()
    await until(lambda: len(world.jobs) == 30)
    assert world.jobs == ["other", *(str(number) for number in range(30) if number != 20)]
    assert world.most_starting in (8, 9)
    for one in (*some, attempt("other", run="other")):
        await tasks.cancel(one)
    await asyncio.gather(*doing, other)


def test_repetitions_come_by_their_numbers():
    paths = [f"for-loop-1[{number}]/train" for number in range(12)]
    assert sorted(sorted(paths), key=in_order) == paths
    assert sorted(["add-10", "add-2", "add"], key=in_order) == ["add", "add-2", "add-10"]


async def test_few_read_the_content_of_their_inputs_at_once_and_whoever_waits_can_be_stopped(
    world, tasks, monkeypatch
):
    monkeypatch.setattr(task_module, "_SOON", 60.0)
    some = [attempt(str(n)) for n in range(10)]
    doing = [asyncio.create_task(tasks.launch(one)) for one in some]
    await until(lambda: world.reading == 3)
    await tasks.cancel(some[-1])
    assert isinstance((await doing[-1]).event, Canceled)
    assert world.reading == world.most == 3
    for one in some:
        await tasks.cancel(one)
    world.read.set()
    await asyncio.gather(*doing)
    assert (world.jobs, world.most) == ([], 3)


async def test_who_reads_for_long_holds_up_no_other(world, tasks, monkeypatch):
    monkeypatch.setattr(task_module, "_SOON", 0.01)
    told = []

    async def say(assignment, sentence):
        told.append(assignment.key)

    monkeypatch.setattr(tasks._telling, "say", say)
    some = [attempt(str(n)) for n in range(10)]
    doing = [asyncio.create_task(tasks.launch(one)) for one in some]
    await until(lambda: world.reading == 10)
    await until(lambda: len(told) == 10)
    for one in some:
        await tasks.cancel(one)
    world.read.set()
    await asyncio.gather(*doing)
    for place in range(3):
        assert await tasks._lines.keys.take("run", str(place), asyncio.Event())


async def test_a_job_of_an_earlier_server_is_stopped_while_its_key_is_still_made(world, tasks):
    one = attempt("a")
    world.found["a"] = job("a")
    doing = asyncio.create_task(tasks.launch(one))
    await until(lambda: world.reading == 1)
    await tasks.cancel(one)
    assert world.canceled["a"].is_set()
    world.read.set()
    assert isinstance((await doing).event, Canceled)


def test_what_took_the_place_of_an_entry_is_not_dropped_with_it(connection):
    old = Entry("key", "run", "task", Values(), [], 1.0)
    cache.put(connection, old)
    new = Entry("key", "run", "task", Values(), [], 2.0)
    cache.put(connection, new)
    cache.drop(connection, old)
    assert cache.get(connection, "key", 0.0) == new
    cache.drop(connection, new)
    assert cache.get(connection, "key", 0.0) is None


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    migrations.apply(connection)
    yield connection
    connection.close()
