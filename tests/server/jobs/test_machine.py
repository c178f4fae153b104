"""What this machine has, and what of the server's environment a job sees."""

from __future__ import annotations

import pytest

from trackside_server.jobs.entities import Gpu, Job, JobSpec, Resources
from trackside_server.jobs.runners.local import environment, machine


def write(root, **files):
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_this_machine_has_processors_and_memory():
    assert machine.cpus() > 0
    assert machine.memory() > 100 * 1024**2


@pytest.mark.parametrize(
    ("files", "cpus"),
    [
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu__cpu.cfs_quota_us": "200000\n", "cpu__cpu.cfs_period_us": "100000\n"}, 2.0),
        ({"cpu__cpu.cfs_quota_us": "-1\n", "cpu__cpu.cfs_period_us": "100000\n"}, None),
        ({}, None),
    ],
)
def test_a_container_may_have_a_part_of_the_processors(tmp_path, files, cpus):
    write(tmp_path, **files)
    assert machine._cpu_quota(tmp_path) == cpus


@pytest.mark.parametrize(
    ("files", "size"),
    [
        ({"memory.max": "1073741824\n"}, 2**30),
        ({"memory.max": "max\n"}, None),
        ({"memory__memory.limit_in_bytes": "2147483648\n"}, 2**31),
        ({}, None),
    ],
)
def test_a_container_may_have_a_part_of_the_memory(tmp_path, files, size):
    write(tmp_path, **files)
    assert machine._memory_limit(tmp_path) == size


def job(gpus=(), **spec):
    return Job(
        job_id="j",
        name="n",
        spec=JobSpec("script", "0" * 64, **spec),
        state="STARTING",
        run_id="r",
        experiment_id="1",
        experiment_name="e",
        user="ana",
        created_at=0,
        revision=1,
        gpus=gpus,
    )


SERVER = {
    "PATH": "/bin",
    "JUPYTERHUB_API_TOKEN": "hub",
    "JPY_API_TOKEN": "hub",
    "JUPYTER_TOKEN": "secret",
    "JUPYTERHUB_USER": "ana",
    "MLFLOW_TRACKING_URI": "http://elsewhere",
    "MLFLOW_TRACKING_USERNAME": "ana",
    "MLFLOW_TRACKING_PASSWORD": "secret",
    "MLFLOW_EXPERIMENT_NAME": "other",
    "MLFLOW_RUN_ID": "other",
    "TRACKSIDE_TOKEN": "kernel",
    "HF_HOME": "/cache",
}


def test_a_job_gets_the_servers_environment_without_its_secrets():
    env = environment.build(job(env={"A": "1"}), {"TRACKSIDE_TOKEN": "own"}, (), SERVER)
    assert env == {
        "PATH": "/bin",
        "JUPYTERHUB_USER": "ana",
        "HF_HOME": "/cache",
        "PYTHONUNBUFFERED": "1",
        "A": "1",
        "TRACKSIDE_TOKEN": "own",
    }


def test_what_is_trackside_s_own_has_the_last_word():
    env = environment.build(job(env={"X": "users"}), {"X": "ours"}, (), {"X": "servers"})
    assert env["X"] == "ours"


def test_asked_processors_bound_the_threads_unless_the_user_says_otherwise():
    resources = Resources(cpus=2.5)
    assert environment.build(job(resources=resources), {}, (), {})["OMP_NUM_THREADS"] == "2"
    own = job(resources=resources, env={"OMP_NUM_THREADS": "8"})
    assert environment.build(own, {}, (), {})["OMP_NUM_THREADS"] == "8"


def test_only_the_jobs_own_gpus_are_visible():
    inventory = (Gpu(0, "GPU-0"), Gpu(1, "GPU-1"))
    env = environment.build(job(gpus=inventory[1:]), {}, inventory, {"CUDA_VISIBLE_DEVICES": "0,1"})
    assert env["CUDA_VISIBLE_DEVICES"] == "1"
    env = environment.build(job(), {}, inventory, {"CUDA_VISIBLE_DEVICES": "0,1"})
    assert env["CUDA_VISIBLE_DEVICES"] == ""
