"""The parent of all processes of the cluster: process 1 of a PID namespace of its own.

When it ends, by whatever means, the kernel ends everything else in that namespace, containers
included, and with the last process the mounts of the mount namespace are gone too. So nothing
has to be taken apart, and a crash leaves no more behind than an orderly end.

It reads commands from a socket, one JSON object a line, and ends when the socket does. Started as
``python supervisor.py SOCKET STATE`` by the guardian; imports nothing but the standard library.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# Fixed places of containerd, its shims and the kubelet: here they see their own.
PRIVATE = ("/run", "/var/log")

# The folder in the state of what runs pods.
NODE = "node"

# And here kubelet and CNI plug-ins make folders, so that what they write stays in the state.
SHADOWED = "/var/lib"

# The kubelet insists on these values. It finds them in files of its own that lie over the kernel's,
# because a test has no business to change what the machine does on a panic.
TUNABLES = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1000000,
    "kernel/keys/root_maxbytes": 25000000,
}


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Ask the kernel to make this process the parent of processes below it that lose theirs."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def mount(*args: str) -> None:
    """Mount something."""
    subprocess.run(["mount", *args], check=True)


def take_own_view(state: Path) -> None:
    """Lay folders of the cluster's own over those that it would share with the host."""
    # Volumes that the kubelet mounts have to reach the containers.
    mount("--make-rshared", "/")
    for folder in PRIVATE:
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)
    # Images and pods live in memory: writing them to a disk and removing them again takes longer
    # than all the rest, and overlayfs does not work on every disk.
    node = state / NODE
    node.mkdir()
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(node))
    upper, work = node / "shadow", node / "shadow-work"
    upper.mkdir()
    work.mkdir()
    layers = f"lowerdir={SHADOWED},upperdir={upper},workdir={work}"
    mount("-t", "overlay", "-o", layers, "overlay", SHADOWED)
    tunables = state / "tunables"
    tunables.mkdir()
    for name, value in TUNABLES.items():
        own = tunables / name.replace("/", ".")
        own.write_text(f"{value}\n")
        if Path("/proc/sys", name).exists():
            mount("--bind", str(own), f"/proc/sys/{name}")


class Supervisor:
    """Starts processes, signals them and remembers how they ended."""

    def __init__(self, commands: socket.socket, logs: Path) -> None:
        self._commands = commands
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._codes: dict[str, int] = {}

    def serve(self) -> None:
        """Do what is asked until the socket is closed at its other end."""
        wakeup, wakener = socket.socketpair()
        os.set_blocking(wakener.fileno(), False)
        signal.set_wakeup_fd(wakener.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector, self._commands.makefile("rb") as lines:
            selector.register(self._commands, selectors.EVENT_READ)
            selector.register(wakeup, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is wakeup:
                        wakeup.recv(4096)
                        self._reap()
                    elif line := lines.readline():
                        self._answer(json.loads(line))
                    else:
                        return

    def _answer(self, asked: dict) -> None:
        try:
            answer = {"value": getattr(self, "do_" + asked["do"])(**asked["with"])}
        except (OSError, KeyError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        self._commands.sendall(json.dumps(answer).encode() + b"\n")

    def do_start(self, name: str, argv: list[str], env: dict[str, str], folder: str) -> None:
        """Start a process whose output is added to the log of this name."""
        with (self._logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                argv,
                env={**os.environ, **env},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        self._codes.pop(name, None)

    def do_signal(self, name: str, number: int) -> bool:
        """Signal a process, and tell whether it is still there."""
        self._reap()
        if name in self._running:
            pid = self._running[name].pid
            os.kill(pid, number)
            if number == signal.SIGSTOP:
                # Until the last thread has stopped, which takes a while on a busy machine.
                os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        return name in self._running

    def do_code(self, name: str) -> int | None:
        """Return how a process ended, or nothing while it runs."""
        self._reap()
        return None if name in self._running else self._codes[name]

    def _reap(self) -> None:
        """Collect whoever has ended: also those whose parents ended before them."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for name, process in list(self._running.items()):
                if process.pid == pid:
                    process.returncode = self._codes[name] = os.waitstatus_to_exitcode(status)
                    del self._running[name]


def main() -> None:
    """Take the own view of the machine, if that is permitted, and serve."""
    commands = socket.socket(fileno=int(sys.argv[1]))
    state = Path(sys.argv[2])
    if os.getpid() == 1:
        take_own_view(state)
    with contextlib.suppress(ConnectionError):
        Supervisor(commands, state / "logs").serve()


if __name__ == "__main__":
    main()
