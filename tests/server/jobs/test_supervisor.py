"""What a job may rely on while nobody but its supervisor looks after it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from trackside_server.jobs.runners.local import processes

from .conftest import Attempt, eventually, gone

linux = pytest.mark.skipif(not processes.LINUX, reason="only Linux tells")

STUBBORN = (
    "import os, signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "open('pid', 'w').write(str(os.getpid()))\n"
    "time.sleep(600)\n"
)


def test_output_and_exit_code_are_kept(attempt):
    one = attempt(sh="echo out; echo err >&2; exit 4")
    status = one.wait()
    assert one.log == "out\nerr\n"
    assert (status["exit_code"], status["signal"], status["cause"]) == (4, None, None)
    assert status["started_at"] <= status["ended_at"]


def test_the_times_of_the_output_are_kept(attempt):
    noted = "while [ ! -s output.times ]; do sleep 0.05; done"
    one = attempt(sh=f"echo first; {noted}; sleep 0.4; echo second")
    one.wait()
    notes = [json.loads(line) for line in (one.folder / "output.times").read_text().splitlines()]
    assert [size for size, _ in notes] == [6, 13]
    assert notes[1][1] - notes[0][1] >= 200


def test_a_job_has_no_input_and_a_session_of_its_own(attempt):
    one = attempt(py="import os, sys; print(sys.stdin.read() == '', os.getsid(0) == os.getpid())")
    one.wait()
    assert one.log == "True True\n"


def test_a_job_inherits_no_signal_settings(attempt):
    code = (
        "import signal\n"
        "for name in ('SIGINT', 'SIGHUP', 'SIGTERM', 'SIGCHLD'):\n"
        "    print(signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN)"
    )
    one = attempt(py=code)
    one.wait()
    assert one.log == "True\n" * 4


def test_a_signal_that_ends_the_job_is_kept(attempt):
    one = attempt(sh="kill -SEGV $$")
    status = one.wait()
    assert (status["exit_code"], status["signal"]) == (None, signal.SIGSEGV)


def test_a_job_killed_from_outside_is_seen_at_once(attempt):
    one = attempt(sh="sleep 600")
    os.kill(one.running(), signal.SIGKILL)
    assert one.wait()["signal"] == signal.SIGKILL


def test_cancel_ends_the_job_by_sigterm(attempt):
    one = attempt(py="import time; time.sleep(600)")
    one.running()
    one.cancel()
    status = one.wait()
    assert (status["cause"], status["signal"], status["killed"]) == (
        "canceled",
        signal.SIGTERM,
        False,
    )


def test_a_job_may_use_its_grace(attempt):
    code = (
        "import signal, sys, time\n"
        "def leave(*_):\n"
        "    print('saved', flush=True)\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, leave)\n"
        "open('ready', 'w').write('1')\n"
        "time.sleep(600)\n"
    )
    one = attempt(py=code)
    one.file("ready")
    one.cancel()
    status = one.wait()
    assert one.log == "saved\n"
    assert (status["cause"], status["exit_code"]) == ("canceled", 0)


def test_a_job_that_ignores_sigterm_is_killed_after_the_grace(attempt):
    one = attempt(py=STUBBORN, grace=600.0)
    pid = int(one.file("pid"))
    one.cancel(grace=0.3)
    status = one.wait()
    assert gone(pid)
    assert (status["signal"], status["killed"]) == (signal.SIGKILL, True)


def test_a_second_cancel_can_be_less_patient(attempt):
    one = attempt(py=STUBBORN)
    one.file("pid")
    one.cancel(grace=600)
    one.cancel(grace=0)
    assert one.wait()["killed"]


def test_cancel_reaches_the_whole_family(attempt):
    # The child waits for a grandchild that ignores SIGTERM.
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {STUBBORN!r}])"
    one = attempt(py=code)
    grandchild = int(one.file("pid"))
    one.cancel(grace=0.3)
    one.wait()
    assert gone(grandchild)


def test_what_a_job_leaves_running_is_ended(attempt):
    one = attempt(sh="sleep 600 & echo $! > pid; exit 0")
    status = one.wait()
    assert (status["exit_code"], status["left_behind"]) == (0, 1)
    assert one.log == "── ended what the job left running: 1 of its processes ──\n"
    assert gone(int(one.file("pid")))


def test_what_ignores_sigterm_and_was_left_behind_is_killed(attempt):
    code = (
        "import subprocess, sys, os, time\n"
        f"subprocess.Popen([sys.executable, '-c', {STUBBORN!r}])\n"
        "while not os.path.exists('pid') or not open('pid').read(): time.sleep(0.01)\n"
    )
    one = attempt(py=code, grace=0.3)
    one.wait()
    assert gone(int(one.file("pid")))


@linux
def test_a_daemon_that_left_the_group_is_found_and_ended(attempt):
    code = (
        "import os, time\n"
        "while not os.path.exists('go'): time.sleep(0.01)\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        open('pid', 'w').write(str(os.getpid()))\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        "while not os.path.exists('pid') or not open('pid').read(): time.sleep(0.01)\n"
    )
    one = attempt(py=code)
    one.running()
    (one.folder / "go").touch()
    one.wait()
    assert gone(int(one.file("pid")))


def test_a_time_limit_ends_the_job(attempt):
    one = attempt(sh="sleep 600", time_limit=0.3)
    status = one.wait()
    assert (status["cause"], status["signal"]) == ("time_limit", signal.SIGTERM)


def test_a_memory_limit_ends_the_job(attempt):
    code = "import time; x = b'x' * 200_000_000; time.sleep(600)"
    one = attempt(py=code, memory=100_000_000)
    status = one.wait()
    assert (status["cause"], status["signal"]) == ("memory", signal.SIGKILL)
    assert status["peak_memory"] > 100_000_000


def test_a_memory_limit_counts_the_whole_family(attempt):
    code = (
        "import subprocess, sys, time\n"
        "hungry = 'import time; x = b\"x\" * 70_000_000; time.sleep(600)'\n"
        "for _ in range(3): subprocess.Popen([sys.executable, '-c', hungry])\n"
        "time.sleep(600)\n"
    )
    assert attempt(py=code, memory=150_000_000).wait()["cause"] == "memory"


@linux
def test_memory_that_forked_workers_share_is_counted_once(attempt):
    code = (
        "import os, time\n"
        "x = b'x' * 100_000_000\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        len(x), time.sleep(2.0), os._exit(0)\n"
        "for _ in range(4): os.wait()\n"
    )
    status = attempt(py=code, memory=250_000_000).wait()
    assert (status["cause"], status["exit_code"]) == (None, 0)
    assert 100_000_000 < status["peak_memory"] < 250_000_000


@linux
def test_files_that_are_mapped_are_no_memory_of_the_job(attempt):
    code = (
        "import mmap, time\n"
        "f = open('big', 'wb+'); f.truncate(300_000_000)\n"
        "m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)\n"
        "sum(m[i] for i in range(0, len(m), 4096))\n"
        "time.sleep(0.8)\n"
    )
    status = attempt(py=code, memory=150_000_000).wait()
    assert (status["cause"], status["exit_code"]) == (None, 0)


def test_a_program_that_is_not_there_is_said(attempt):
    status = attempt(argv=["/nowhere/python"]).wait()
    assert status["cause"] == "launch_failed"
    assert status["error"] == "/nowhere/python: No such file or directory"
    assert status["ended_at"] is not None
    assert status["pid"] is None


def test_whatever_a_program_is_called_its_absence_is_said(attempt):
    status = attempt(argv=['/nowhere/a "pythön" \\']).wait()
    assert status["error"] == '/nowhere/a "pythön" \\: No such file or directory'


def test_a_supervisor_loads_little():
    """Each import that is added here is paid at the start of every job."""
    code = (
        "import sys; sys.path[0] = sys.argv[1]\n"
        "import trackside_server.jobs.runners.local.supervisor\n"
        "print(*{'collections', 'contextlib', 'enum', 'json', 're', 'signal', 'subprocess',"
        " 'threading', 'typing'} & set(sys.modules))"
    )
    root = Path(processes.__file__).parents[4]
    command = [sys.executable, "-S", "-E", "-s", "-c", code, str(root)]
    assert subprocess.check_output(command, text=True) == "\n"


def test_an_attempt_is_never_run_twice(attempt):
    first = attempt(sh="echo ran; sleep 600")
    first.running()
    first.file("output.log")
    assert attempt(sh="echo ran").process.wait(30) == processes.TAKEN
    assert first.log == "ran\n"
    first.cancel()
    first.wait()
    # Not even when it is over and its supervisor is gone.
    assert attempt(sh="echo ran").process.wait(30) == processes.TAKEN
    assert first.log == "ran\n"


def test_of_two_supervisors_that_start_together_one_runs_the_job(tmp_path):
    one = Attempt(tmp_path / "job", ["/bin/sh", "-c", "echo ran; sleep 0.5"])
    pair = [subprocess.Popen(one.command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert sorted(process.wait(30) for process in pair) == [0, processes.TAKEN]
    assert one.log == "ran\n"


def test_a_later_attempt_goes_on_in_the_same_log(attempt):
    attempt(sh="printf one; exit 1").wait()
    second = attempt(sh="echo two", attempt=2, max_attempts=3)
    second.wait()
    assert second.log == "one\n── attempt 2 of 3 ──\ntwo\n"


def test_a_job_that_was_canceled_before_it_started_never_starts(attempt, tmp_path):
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "cancel.json").write_text("{}")
    one = attempt(sh="echo ran")
    status = one.wait()
    assert (status["cause"], status["pid"], one.log) == ("canceled", None, "")


def test_a_shutdown_of_the_machine_is_no_cancel(attempt):
    one = attempt(sh="sleep 600")
    one.running()
    one.process.send_signal(signal.SIGTERM)
    assert one.wait()["cause"] == "terminated"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_closed_terminal_does_not_matter(attempt, number):
    one = attempt(sh="while [ ! -e go ]; do sleep 0.05; done; echo done")
    one.running()
    one.process.send_signal(number)
    (one.folder / "go").touch()
    assert one.wait()["exit_code"] == 0


def test_an_end_that_cannot_be_written_is_written_later(attempt):
    """As on a full disk: here by a folder that stands in the way of the file."""
    # Only once the start has been written, which goes by the same name.
    one = attempt(sh="while [ ! -e go ]; do sleep 0.05; done; mkdir status-1.json.new; exit 7")
    pid = one.running()
    (one.folder / "go").touch()
    eventually(lambda: gone(pid))
    assert one.process.poll() is None
    assert one.status["ended_at"] is None
    (one.folder / "status-1.json.new").rmdir()
    status = one.wait()
    assert (status["exit_code"], status["cause"]) == (7, None)
    assert status["ended_at"]


@linux
def test_an_end_on_a_full_disk_says_so(attempt, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("may not mount")
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    try:
        # The disk fills only once the start has been written to it.
        fill = f"read -r _ < {gate}; cat /dev/zero > filled; exit 3"
        one = attempt(folder=disk / "job", sh=fill)
        pid = one.running()
        gate.write_text("go\n")
        eventually(lambda: gone(pid))
        # The supervisor has looked at the disk before it tries to write the end.
        eventually((disk / "job" / "status-1.json.new").exists)
        (disk / "job" / "filled").unlink()
        status = one.wait()
        assert (status["exit_code"], status["disk_full"]) == (3, True)
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_the_end_is_written_whole(attempt):
    one = attempt(sh="exit 0")
    one.wait()
    assert not list(one.folder.glob("*.new"))


@linux
def test_the_kernel_would_rather_kill_the_job_than_the_server(attempt):
    one = attempt(sh="cat /proc/self/oom_score_adj; sleep 600")
    pid = one.running()
    path = Path(f"/proc/{pid}/oom_score_adj")
    eventually(lambda: path.read_text() == "500\n")


class TestProcesses:
    def test_a_process_is_known_by_pid_and_start(self):
        pid = os.getpid()
        started = processes.identity(pid)
        assert processes.alive(pid, started)
        assert not processes.alive(pid, started + 1)
        assert not processes.alive(None, None)

    def test_a_process_that_is_over_has_no_identity(self):
        process = subprocess.Popen([sys.executable, "-c", ""])
        eventually(lambda: processes.identity(process.pid) is None)
        process.wait()
        assert processes.identity(process.pid) is None

    def test_the_own_table_agrees_with_psutils(self, attempt):
        pid = attempt(sh="sleep 600").running()

        def line(table):
            return next(one for one in table if one.pid == pid)

        mine, theirs = line(processes.table()), line(processes.table_by_psutil())
        assert (mine.pid, mine.parent, mine.group) == (theirs.pid, theirs.parent, theirs.group)
        assert mine.zombie == theirs.zombie is False
        assert abs(mine.memory - theirs.memory) < 10_000_000

    def test_a_family_is_a_group_and_its_descendants(self):
        lines = [(2, 1, 2), (3, 2, 3), (4, 3, 3), (5, 1, 2), (6, 1, 6)]
        table = [processes.Process(*line, 0, 0, zombie=False) for line in lines]
        table.append(processes.Process(7, 2, 2, 0, 0, zombie=True))
        assert [one.pid for one in processes.members(table, 2, 2)] == [2, 3, 4, 5]
        assert [one.pid for one in processes.members(table, 2)] == [2, 5]

    def test_this_boot_has_a_name_that_stays(self):
        assert processes.same_boot(processes.boot())
        assert not processes.same_boot("another/1")
        assert not processes.same_boot(None)

    def test_the_kernels_kills_are_counted(self):
        assert processes.kernel_kills() >= 0

    @linux
    def test_own_memory_counts_private_pages(self):
        me = psutil.Process()
        table = [one for one in processes.table() if one.pid == me.pid]
        assert 1_000_000 < processes.own_memory(table) <= me.memory_info().rss
