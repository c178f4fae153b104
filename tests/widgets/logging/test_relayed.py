"""A pod that cannot reach the server: records go to the disk, and another process carries them."""

import json
import os
import socket
import subprocess
import sys
import textwrap
import time

import pytest

RUN = "a" * 32


class Pod:
    """Programs that are told to leave the sending to another process."""

    def __init__(self, folder, port):
        self.folder = folder
        self.spool = folder / "spool"
        self.port = port

    def run(self, code, **env):
        script = self.folder / "train.py"
        script.write_text(textwrap.dedent(code))
        kept = {key: value for key, value in os.environ.items() if not key.startswith("TRACKSIDE")}
        done = subprocess.run(
            [sys.executable, script],
            env={
                **kept,
                "TRACKSIDE_LANE": "stdout",
                "TRACKSIDE_SPOOL_DIR": str(self.spool),
                "TRACKSIDE_RUN_ID": RUN,
                # Somebody listens, and must hear nothing.
                "TRACKSIDE_URL": f"http://127.0.0.1:{self.port}/trackside",
                **env,
            },
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    def records(self):
        files = sorted(self.spool.glob("*.jsonl"))
        assert not list(self.spool.glob("*.ack")), "nobody acknowledged anything"
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def points(self, run=RUN):
        found = [record.get("m", ()) for record in self.records() if record["r"] == run]
        return [(step, value) for points in found for _, value, _, step in points]


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield listening
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.fixture
def pod(tmp_path, listener):
    return Pod(tmp_path, listener.getsockname()[1])


def test_all_that_is_logged_lies_in_the_spool_and_nobody_is_asked_or_told(pod):
    pod.run(
        """
        import trackside as ts
        for step in range(2000):
            ts.log({"loss": step}, step=step)
        ts.log_params({"lr": 0.1})
        ts.set_tags({"team": "a"})
        """
    )
    assert pod.points() == [(step, float(step)) for step in range(2000)]
    assert {"r": RUN, "p": {"lr": "0.1"}} in pod.records()
    assert {"r": RUN, "t": {"team": "a"}} in pod.records()


def test_flushing_waits_for_the_disk_alone(pod):
    out = pod.run(
        """
        import os, time, trackside as ts
        from pathlib import Path
        ts.log({"loss": 1.0}, step=1)
        begun = time.monotonic()
        arrived = ts.flush(60)
        sizes = [f.stat().st_size for f in Path(os.environ["TRACKSIDE_SPOOL_DIR"]).glob("*.jsonl")]
        print(arrived, time.monotonic() - begun < 20, len(sizes), all(sizes))
        begun = time.monotonic()
        with ts.start_run(name="again"):
            ts.log({"loss": 2.0}, step=2)
        # Less than a server would be waited for.
        print(time.monotonic() - begun < 4)
        """
    )
    assert out == "True True 1 True\nTrue\n"
    assert pod.points() == [(1, 1.0), (2, 2.0)]


def test_a_run_below_the_jobs_own_is_asked_for_in_the_spool(pod):
    out = pod.run(
        """
        import trackside as ts
        with ts.start_run("digits", "inner", nested=True) as run:
            ts.log({"loss": 5}, step=5)
            print(run.run_id)
        """
    )
    assert out == "None\n"
    made = next(record for record in pod.records() if "c" in record)
    assert made["c"]["run_name"] == "inner"
    assert made["c"]["tags"]["mlflow.parentRunId"] == RUN
    assert pod.points(made["r"]) == [(5, 5.0)]
    assert pod.records()[-1]["e"]["status"] == "FINISHED"


def test_forked_workers_write_spools_of_their_own(pod):
    pod.run(
        """
        import os, trackside as ts
        ts.log({"loss": 0.0}, step=0)
        child = os.fork()
        if child == 0:
            ts.log({"loss": 1.0}, step=1)
            ts.flush()
            os._exit(0)
        os.waitpid(child, 0)
        """
    )
    assert sorted(pod.points()) == [(0, 0.0), (1, 1.0)]
    assert len(list(pod.spool.glob("*.jsonl"))) == 2


def test_a_disk_that_cannot_be_written_is_told_and_keeps_nobody_waiting(pod):
    pod.spool.write_text("no folder")
    script = pod.folder / "train.py"
    script.write_text('import trackside as ts\nts.log({"loss": 1.0})\nprint(ts.flush(60))\n')
    environment = {
        **os.environ,
        "TRACKSIDE_LANE": "stdout",
        "TRACKSIDE_SPOOL_DIR": str(pod.spool),
        "TRACKSIDE_RUN_ID": RUN,
    }
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, timeout=200
    )
    assert done.stdout == "False\n"
    assert "cannot be written" in done.stderr
    assert time.monotonic() - begun < 20
