"""What a component has installed is installed once, and used by all that ask for the same."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest
from tests.server.pipelines.executor.bench import context_of

from trackside._runtime import overlay
from trackside_server.pipelines.executor.outputs import collect
from trackside_server.pipelines.executor.preparing import prepare

NAME = "trackside_test_overlay"
HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_SH)
print(1, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def index(bench, tmp_path):
    """A package index without a network."""
    folder = tmp_path / "index"
    folder.mkdir()
    info = f"{NAME}-1.0.dist-info"
    files = {
        f"{NAME}.py": "WORD = 'from the overlay'\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: trackside-test-overlay\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{info}/RECORD,,"]
    with zipfile.ZipFile(folder / f"{NAME}-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
            record.append(f"{name},sha256={digest.decode()},{len(text)}")
            wheel.writestr(name, text)
        wheel.writestr(f"{info}/RECORD", "\n".join(record))
    bench.env.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(folder), PIP_USER="1")
    return folder


def installing(bench, compiled):
    context = context_of(compiled["installs"], bench.root)
    return context, prepare(context, bench.means)


def test_tasks_that_start_together_install_once(bench, compiled, index):
    context, prepared = installing(bench, compiled)
    names = ["a", "b", "c"]
    started = [bench.start(prepared, name) for name in names]
    ended = [bench.end(*pair) for pair in zip(started, names, strict=True)]
    assert [one.code for one in ended] == [0, 0, 0], ended
    assert sum("Successfully installed" in one.log for one in ended) == 1
    assert collect(context).parameters["Output"] == "from the overlay"
    again = bench.end(bench.start(prepared, "d"), "d")
    assert again.code == 0
    assert "Installing" not in again.log
    assert (bench.folder / "d" / "environment.json").read_text().count("trackside-test-overlay")


def test_one_that_was_killed_while_it_installed_leaves_nothing_that_is_used(bench, compiled, index):
    context, prepared = installing(bench, compiled)
    started = bench.start(prepared, "killed")
    while not list((bench.folder / "overlays").glob("*/pyvenv.cfg")):
        assert started.poll() is None, started.communicate()
    started.kill()
    started.communicate()
    assert not list((bench.folder / "overlays").glob("*/trackside.json"))
    ended = bench.end(bench.start(prepared))
    assert ended.code == 0, ended.log
    assert collect(context).parameters["Output"] == "from the overlay"


def test_a_task_that_is_stopped_stops_pip(bench, compiled, index):
    _, prepared = installing(bench, compiled)
    started = bench.start(prepared)
    while not list((bench.folder / "overlays").glob("*/pyvenv.cfg")):
        assert started.poll() is None, started.communicate()
    started.send_signal(signal.SIGTERM)
    assert bench.end(started).code == 143


def test_what_cannot_be_installed_is_said_in_the_words_of_pip(bench, compiled, index):
    for wheel in index.glob("*.whl"):
        wheel.unlink()
    _, prepared = installing(bench, compiled)
    ended = bench.end(bench.start(prepared))
    assert ended.code == 1
    assert ended.failure is not None
    assert ended.failure["message"].startswith("pip could not install trackside-test-overlay: ")
    assert "No matching distribution found" in ended.failure["message"]
    assert "packages_to_install" in ended.failure["hint"]
    assert "No matching distribution found" in ended.log


def test_the_longest_unused_go_first_and_what_is_in_use_stays(tmp_path):
    now = time.time()
    for name, days, size in (("old", 40, 1), ("a", 3, 100), ("b", 2, 100), ("c", 1, 100)):
        path = tmp_path / name
        path.mkdir()
        (path / "trackside.json").write_text(json.dumps({"size": size}))
        os.utime(path / "trackside.json", (now - days * 86400, now - days * 86400))
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"{tmp_path}/a.lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as using:
        using.stdout.readline()
        assert overlay.prune(tmp_path) == ["old"]
        assert overlay.prune(tmp_path, max_bytes=200) == ["b"]
        using.stdin.close()
    assert overlay.prune(tmp_path, max_bytes=0) == ["a", "c"]
    assert list(tmp_path.iterdir()) == []
    assert overlay.prune(tmp_path / "absent") == []
