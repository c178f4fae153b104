"""The process that outlives whoever started the cluster, and gives the host back.

Started as ``python -m tests.cluster.hermetic.guardian SOCKET STATE OWNER``. It says ``ready``
with the number of its place, or what keeps it from that, and waits for the end of the owner or of
the supervisor. Should the guardian itself be killed, the supervisor dies with it, and with that
everything else; only the host's record stays for the next start.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from tests.cluster.hermetic import host, supervisor
from tests.cluster.hermetic.paths import need


def main() -> int:
    """Guard one cluster from its start to its end."""
    commands, state, owner = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    watched = os.pidfd_open(owner)
    if os.getppid() != owner:
        return 1
    try:
        host.clear()
        place, lock = host.take(host.places())
        with lock:
            try:
                place.prepare(state)
                _guard(commands, state, watched, place.number)
            finally:
                place.give_back()
    except Exception as error:  # noqa: BLE001 - told to the owner, if there still is one
        print(" ".join(str(error).split()), flush=True)
        return 1
    return 0


def _guard(commands: int, state: Path, owner: int, place: int) -> None:
    argv = [sys.executable, supervisor.__file__, str(commands), str(state)]
    if not host.why_no_pods(state):
        unshare = [need("unshare"), "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        argv = [*unshare, "--propagation=slave", *argv]
    log = state / "logs" / "supervisor.log"
    supervisor.adopt_orphans()
    child = subprocess.Popen(
        argv,
        pass_fds=[commands],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log.open("wb"),
        preexec_fn=supervisor.die_with_parent,
    )
    # Only the supervisor may hold it: its end is how the owner sees that the cluster is gone.
    os.close(commands)
    # A polite request to end, such as `down` makes, is one more reason.
    asked, asking = os.pipe()
    os.set_blocking(asking, False)
    signal.set_wakeup_fd(asking)
    signal.signal(signal.SIGTERM, lambda *_: None)
    print("ready", place, flush=True)
    with child:
        select.select([owner, os.pidfd_open(child.pid), asked], [], [])
        if child.poll():
            raise RuntimeError(f"The supervisor failed: {log.read_text(errors='replace')}")
        # The first process of a PID namespace can be collected only when all others in it have
        # ended. Where there is no such namespace, they die with their parent and are adopted.
        first = _children(child.pid) if argv[0] != sys.executable else [child.pid]
        for pid in first:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        child.wait(60)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    return []


if __name__ == "__main__":
    sys.exit(main())
