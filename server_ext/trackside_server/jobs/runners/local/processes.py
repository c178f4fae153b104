"""What the machine knows of its processes: who they are, how they belong together, their memory.

Only the standard library is imported at first, because a supervisor starts with this module and a
job waits for it. On Linux it stays that way; elsewhere psutil answers.
"""

# pathlib takes milliseconds to import, at the start of each job.
# ruff: noqa: PTH123, PTH208, SIM105
from __future__ import annotations

import errno
import os
import sys

# Not from `typing`, which takes as long to import as half of all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Iterable

LINUX = sys.platform.startswith("linux")
_PROC = "/proc"

# Setting the clock moves the time of the boot by less; a machine is not restarted as fast.
_CLOCK_SET = 20.0

TAKEN = 3
"""The exit code of a supervisor that found its attempt in other hands."""

FULL = 4
"""The exit code of a supervisor that could not begin for want of space on the disk."""

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
"""By which a disk says that it, or the user's part of it, is full."""


class Process:
    """One line of the process table."""

    __slots__ = ("group", "memory", "parent", "pid", "started", "zombie")

    def __init__(
        self, pid: int, parent: int, group: int, started: float, memory: int, zombie: bool
    ) -> None:
        self.pid = pid
        self.parent = parent
        self.group = group
        self.started = started
        self.memory = memory
        self.zombie = zombie


def table() -> list[Process]:
    """Return all processes that can be seen."""
    if not LINUX:
        return table_by_psutil()
    page = os.sysconf("SC_PAGE_SIZE")
    found = (_read(name, page) for name in os.listdir(_PROC) if name.isdigit())
    return [process for process in found if process is not None]


def table_by_psutil() -> list[Process]:
    """Return all processes that can be seen, on any system."""
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            with process.oneshot():
                line = Process(
                    process.pid,
                    process.ppid(),
                    os.getpgid(process.pid),
                    process.create_time(),
                    process.memory_info().rss,
                    process.status() == psutil.STATUS_ZOMBIE,
                )
        except (psutil.Error, OSError):
            continue
        found.append(line)
    return found


def identity(pid: int) -> float | None:
    """Return a number that no other process with this pid ever has on this boot, None for none.

    Together with the pid it tells whether a process is still the one that it was.
    """
    if LINUX:
        process = _read(str(pid), 1)
        return None if process is None or process.zombie else process.started
    import psutil

    try:
        process_now = psutil.Process(pid)
        if process_now.status() == psutil.STATUS_ZOMBIE:
            return None
        return process_now.create_time()
    except psutil.Error:
        return None


def alive(pid: int | None, started: float | None) -> bool:
    """Whether the process that had this pid and start is still there."""
    return pid is not None and started is not None and identity(pid) == started


def boot() -> str:
    """Name this boot of the machine, or of the container: pids mean nothing beyond it."""
    if LINUX:
        try:
            with open(f"{_PROC}/sys/kernel/random/boot_id", encoding="ascii") as file:
                return f"{file.read().strip()}/{identity(1)}"
        except OSError:
            return f"{identity(1)}"
    import psutil

    return f"{psutil.boot_time()}"


def same_boot(name: str | None) -> bool:
    """Whether a boot is the present one."""
    now = boot()
    if LINUX or name is None:
        return name == now
    # Elsewhere it is computed from a clock that is set now and then.
    return abs(float(name) - float(now)) < _CLOCK_SET


def members(processes: Iterable[Process], group: int, root: int | None = None) -> list[Process]:
    """Return the living processes of a group, and all those that descend from a process.

    Parameters
    ----------
    processes
        The process table.
    group
        The group.
    root
        A process whose descendants belong to it wherever they went; itself not included.
    """
    processes = [process for process in processes if not process.zombie]
    family: set[int] = set()
    if root is not None:
        children: dict[int, list[int]] = {}
        for process in processes:
            children.setdefault(process.parent, []).append(process.pid)
        todo = [root]
        while todo:
            for pid in children.get(todo.pop(), ()):
                if pid not in family:
                    family.add(pid)
                    todo.append(pid)
    return [process for process in processes if process.group == group or process.pid in family]


def send(processes: Iterable[Process], number: signal.Signals) -> None:
    """Send a signal to each of the processes that are still the ones they were."""
    for process in processes:
        if identity(process.pid) != process.started:
            continue
        try:
            os.kill(process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass


def own_memory(processes: Iterable[Process]) -> int | None:
    """Return the memory that processes really need: shared pages once, pages of files never.

    None where nobody knows.
    """
    total = 0
    for process in processes:
        try:
            with open(f"{_PROC}/{process.pid}/smaps_rollup", "rb") as file:
                sizes = {line[:9]: int(line.split()[1]) for line in file if line[:3] == b"Pss"}
        except ProcessLookupError:
            continue
        except OSError:
            if identity(process.pid) != process.started:
                continue
            return None
        if b"Pss_Anon:" in sizes:
            total += sizes[b"Pss_Anon:"] + sizes.get(b"Pss_Shmem", 0)
        else:
            total += next((size for name, size in sizes.items() if name[:4] == b"Pss:"), 0)
    return total * 1024


def kernel_kills() -> int:
    """Return how often the kernel killed for want of memory where this process lives."""
    counts = (_count(path) for path in _kill_counters())
    return next((count for count in counts if count is not None), 0)


def _count(path: str) -> int | None:
    try:
        with open(path, encoding="ascii") as file:
            for line in file:
                words = line.split()
                if len(words) == 2 and words[0] == "oom_kill":
                    return int(words[1])
    except (OSError, ValueError):
        return None
    return None


def _kill_counters() -> Iterable[str]:
    try:
        with open(f"{_PROC}/self/cgroup", encoding="utf-8") as file:
            lines = [line.rstrip("\n").split(":", 2) for line in file]
    except OSError:
        return
    for parts in lines:
        if len(parts) != 3:
            continue
        number, controllers, path = parts
        # In a container the path is often that of the host, and the mount shows the container.
        if number == "0" and not controllers:
            yield f"/sys/fs/cgroup{path.rstrip('/')}/memory.events"
            yield "/sys/fs/cgroup/memory.events"
        elif "memory" in controllers.split(","):
            yield f"/sys/fs/cgroup/memory{path.rstrip('/')}/memory.oom_control"
            yield "/sys/fs/cgroup/memory/memory.oom_control"
    yield f"{_PROC}/vmstat"


def _read(name: str, page: int) -> Process | None:
    try:
        with open(f"{_PROC}/{name}/stat", "rb") as file:
            text = file.read()
    except OSError:
        return None
    # The program's name, in parentheses, may hold anything, spaces and parentheses too.
    rest = text[text.rfind(b")") + 2 :].split()
    if len(rest) < 22:
        return None
    return Process(
        pid=int(name),
        parent=int(rest[1]),
        group=int(rest[2]),
        started=float(rest[19]),
        memory=int(rest[21]) * page,
        zombie=rest[0] in (b"Z", b"X"),
    )


def reap(child: int) -> None:
    """Take note of the ends of adopted orphans, so that they do not linger as zombies.

    Parameters
    ----------
    child
        The one whose end somebody else waits for.
    """
    try:
        while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
            if ended.si_pid == child:
                return
            os.waitpid(ended.si_pid, os.WNOHANG)
    except ChildProcessError:
        return


def is_alone(group: int) -> bool:
    """Whether this process has no child any more, and nobody is left of a group.

    False also where only the process table could tell.
    """
    if not LINUX:
        return False
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        pass
    except PermissionError:
        return False
    else:
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def adopt_orphans() -> None:
    """Become the parent of what the job starts and abandons, so that it can be found and ended."""
    import ctypes

    set_child_subreaper = 36
    ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def prefer_as_victim(pid: int) -> None:
    """Let the kernel kill this process rather than the Jupyter server when memory runs out."""
    try:
        with open(f"{_PROC}/{pid}/oom_score_adj", "w", encoding="ascii") as file:
            file.write("500")
    except OSError:
        return
