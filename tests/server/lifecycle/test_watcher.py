"""Which clients count as gone, and what is known of those that cannot be seen."""

from __future__ import annotations

import os
import platform
import time
from types import SimpleNamespace

import pytest

from trackside._process import machine
from trackside_server.lifecycle.clients import kernels as jupyter
from trackside_server.lifecycle.clients.record import Client
from trackside_server.lifecycle.clients.verdict import judge, silent
from trackside_server.lifecycle.clients.watcher import Watcher

from .conftest import V2, until


class Kernels:
    """What a Jupyter server knows of one kernel."""

    def __init__(self, fate="unknown"):
        self._fate = fate

    def find(self, pid):
        return None

    def watch(self, kernel_id):
        pass

    def fate(self, kernel_id, pid, *, gone):
        return self._fate


class Manager(dict):
    """The kernels that Jupyter has."""

    get_kernel = dict.get


HERE = Client(os.getpid(), machine(), platform.node(), 1.0)
AWAY = Client(4242, "other/pid:[1]", "gpu-node-7", 1.0)
BEFORE = Client(4242, "earlier/pid:[1]", platform.node(), 1.0)


@pytest.mark.parametrize(
    ("client", "kernel_id", "fate", "lives", "last_sign", "code"),
    [
        (HERE, None, "unknown", True, 0, None),
        (HERE, "k", "died", True, 0, None),
        (HERE, None, "unknown", False, 0, "PROCESS_GONE"),
        (HERE, "k", "died", False, 0, "KERNEL_DIED"),
        (HERE, "k", "restarted", False, 0, "KERNEL_RESTARTED"),
        (HERE, "k", "gone", False, 0, "KERNEL_SHUT_DOWN"),
        (HERE, "k", "unknown", False, 0, "KERNEL_GONE"),
        (AWAY, None, "unknown", False, 0, None),
        (AWAY, "k", "unknown", False, 0, None),
        (AWAY, "k", "restarted", False, 0, None),
        (AWAY, "k", "gone", False, 0, "KERNEL_SHUT_DOWN"),
        (BEFORE, None, "unknown", False, 50, "MACHINE_RESTARTED"),
        # Another container of the same name, which still logs.
        (BEFORE, None, "unknown", False, 150, None),
    ],
)
def test_a_run_is_closed_only_when_its_client_is_known_to_be_gone(
    client, kernel_id, fate, lives, last_sign, code
):
    known = Client(client.pid, client.machine, client.host, client.started, kernel_id)
    verdict = judge(known, Kernels(fate), lives=lives, last_sign=last_sign, up_since=100)
    assert (verdict and verdict.code) == code


def test_a_kernel_that_died_is_not_taken_for_restarted_before_jupyter_has_noticed():
    provisioner = SimpleNamespace(pid=7, has_process=True)
    kernel = SimpleNamespace(provisioner=provisioner, shutting_down=False)
    kernels = jupyter.Kernels(lambda: Manager(k=kernel))
    assert kernels.fate("k", 7, gone=True) == "died"
    # Of one that cannot be seen nobody knows that it is gone.
    assert kernels.fate("k", 7, gone=False) == "restarted"
    kernel.shutting_down = True
    assert kernels.fate("k", 7, gone=True) == "restarted"
    # Ended, and about to start.
    kernel.shutting_down, provisioner.has_process = False, False
    assert kernels.fate("k", 7, gone=True) == "restarted"
    provisioner.has_process, provisioner.pid = True, 8
    assert kernels.fate("k", 7, gone=True) == "restarted"


def test_silence_is_told_in_words():
    assert "for 7 days" in silent(168).message
    assert "for 36 hours" in silent(36).message


@pytest.mark.parametrize(
    "told", ["", "{", "[]", "null", '{"pid": "1"}', '{"pid": -1}', '{"pid": 1e9}', "[" * 5000]
)
def test_what_makes_no_sense_is_no_client(told):
    assert Client.read(told) is None


async def age(world, run_id, hours):
    revision = int((time.time() - hours * 3600) * 1e6)
    statement = "UPDATE runs SET revision = ?, start_time = 1 WHERE run_id = ?"
    await world.store.write(lambda connection: connection.execute(statement, (revision, run_id)))


async def state(world, run_id):
    run = (await world.mlflow("GET", f"runs/get?run_id={run_id}"))["run"]
    tags = {item["key"]: item["value"] for item in run["data"]["tags"]}
    return run["info"]["status"], tags.get("trackside.reason.code")


async def test_silence_closes_only_what_cannot_be_seen_and_belongs_to_no_living_job(
    world, trackside
):
    quiet, recent, nested, seen = [await world.run() for _ in range(4)]

    def job(connection):
        connection.execute(
            "INSERT INTO jobs (job_id, name, fingerprint, spec, state, run_id, experiment_id, "
            "experiment_name, user, attempt, max_attempts, gpus, created_at, revision) "
            "VALUES ('j', 'j-1', '', '{}', 'RUNNING', ?, '0', 'Default', '', 1, 1, '[]', 1, 1)",
            (recent,),
        )

    # Written by hand: a real job would be looked after and ended by its own watcher.
    await trackside.services.jobs.stop()
    await world.store.write(job)
    tag = {"run_id": nested, "key": "mlflow.parentRunId", "value": recent}
    await world.mlflow("POST", "runs/set-tag", tag)
    trackside.services.lifecycle.clients.started(seen, Client.here(os.getpid()).text, None)
    await until(lambda: world.rows("run_clients"))
    for run_id in (quiet, nested, seen):
        await age(world, run_id, 30)
    await age(world, recent, 1)
    watcher = Watcher(
        trackside.services.tracking,
        Kernels(),
        trackside.log,
        found=lambda run_id, cwd: None,
        seconds=1,
        silent_hours=24,
    )
    await watcher.look()
    assert await state(world, quiet) == ("FAILED", "SILENT")
    for run_id in (recent, nested, seen):
        assert await state(world, run_id) == ("RUNNING", None)
    run = await world.fetch("GET", f"{V2}runs/get?run_id={quiet}")
    ended = run.json["run"]["info"]["end_time"]
    assert abs(ended / 1000 - (time.time() - 30 * 3600)) < 60, "the last sign of life"
