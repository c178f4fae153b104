"""How jobs end when they are stopped, and where they can run."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

_WAITING = """\
import time
try:
    print("ready", flush=True)
    time.sleep(60)
finally:
    print("tidied up", flush=True)
"""


def _stop(job, number):
    process = job.start(label="x")
    assert process.stdout.readline() == "ready\n"
    os.kill(process.pid, number)
    return job.finish(process)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 130)]
)
def test_a_stopped_job_runs_its_finally_blocks(job, number, code):
    job.entry("script", "train.py")
    job.write("train.py", _WAITING)
    ended = _stop(job, number)
    assert ended.out == "tidied up\n"
    assert ended.code == code
    assert ended.failure is None
    assert "Traceback" not in ended.err


def test_the_users_own_handler_wins(job):
    job.entry("script", "train.py")
    job.write(
        "train.py",
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('checkpoint'), sys.exit(5)))\n"
        "print('ready', flush=True)\ntime.sleep(60)\n",
    )
    ended = _stop(job, signal.SIGTERM)
    assert (ended.out, ended.code) == ("checkpoint\n", 5)


def test_a_worker_forked_by_the_job_dies_of_sigterm_as_usual(job):
    ended = job.script(
        "import multiprocessing, time\n"
        "p = multiprocessing.get_context('fork').Process(target=time.sleep, args=(60,))\n"
        "p.start()\np.terminate()\np.join()\nprint(p.exitcode)\n"
    )
    assert ended.out == "-15\n"


def _pythons():
    found = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"))
    return [str(path) for path in found if not str(path).split("/")[-3].startswith(("3.6", "3.7"))]


@pytest.mark.skipif(not _pythons(), reason="no other Python on this machine")
@pytest.mark.parametrize("python", _pythons())
def test_a_bare_python_of_any_version_can_run_jobs(job, python):
    bare = subprocess.run([python, "-c", "import trackside"], capture_output=True, check=False)
    assert bare.returncode != 0
    ended = job.cell("print(f(2))", preamble="def f(x):\n    return x\n", python=python)
    assert (ended.out, ended.code) == ("2\n", 0)
    ended = job.cell("1 / 0", python=python)
    assert ended.failure["cell_line"] == 1


def test_a_worker_terminated_right_after_its_start_dies_every_time(job):
    ended = job.script(
        "import multiprocessing, time\n"
        "context = multiprocessing.get_context('fork')\n"
        "codes = set()\n"
        "for _ in range(100):\n"
        "    p = context.Process(target=time.sleep, args=(60,))\n"
        "    p.start()\n    p.terminate()\n    p.join(20)\n    codes.add(p.exitcode)\n"
        "print(codes)\n"
    )
    assert ended.out == "{-15}\n"


def test_a_job_stopped_while_it_forks_is_stopped(job):
    job.entry("script", "train.py")
    job.write(
        "train.py",
        "import os\nprint('ready', flush=True)\n"
        "while True:\n    child = os.fork()\n    if not child:\n        os._exit(0)\n"
        "    os.waitpid(child, 0)\n",
    )
    assert _stop(job, signal.SIGTERM).code == 128 + signal.SIGTERM


_HOOK = (
    "hook = lambda: stopped or (stopped.append(1), os.kill(os.getpid(), signal.SIGTERM))\n"
    "os.register_at_fork(before=hook)\n"
    "if not os.fork():\n    os._exit(0)\n"
)
_DEL = (
    "class Thing:\n    def __del__(self):\n        os.kill(os.getpid(), signal.SIGTERM)\nThing()\n"
)


# Between what keeps the mask of signals and what changes it: only C runs there.
_MASK = (
    "import ctypes, itertools, sys\nkill = ctypes.CDLL(None).kill\n"
    "once = filter(None, map(kill, [os.getpid()], [signal.SIGTERM]))\n"
    "sys.modules['_trackside_job.stopping']._STOPS = itertools.chain(once, [signal.SIGTERM])\n"
    "if not os.fork():\n    os._exit(0)\n"
)


@pytest.mark.parametrize(
    "place", [_HOOK, _DEL, _MASK], ids=["hook of a fork", "__del__", "hook of our own"]
)
def test_a_job_stopped_where_python_ignores_errors_is_stopped(job, place):
    ended = job.script(
        f"import os, signal, time\nstopped = []\n{place}"
        "try:\n    time.sleep(60)\nfinally:\n    print('tidied up')\n"
    )
    assert (ended.out, ended.err) == ("tidied up\n", "")
    assert ended.code == 128 + signal.SIGTERM
