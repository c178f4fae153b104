"""What a cluster has of the host besides processes, and how that is given back.

Processes and mounts vanish with their namespaces. Left are a bridge, control groups and the folder
of the state. They are noted in a record before they are made, so that after a crash of everything
at once the next start gives them back, or ``python -m tests.cluster.hermetic down``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.cluster.hermetic.paths import find, need
from tests.cluster.hermetic.waiting import until

# As many as there is memory for on a large machine.
PLACES = 8

_CAP_NET_ADMIN = 12
_CAP_SYS_ADMIN = 21


class NoPlace(Exception):
    """As many clusters as can be run on this machine."""


class Place:
    """One of the places for a cluster on this machine.

    Parameters
    ----------
    number
        Which of them.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.bridge = f"trackside{number}"
        self.cgroup = f"trackside-test-{number}"
        # Of the range for benchmarks of networks: hardly a network has such addresses.
        self.subnet = f"198.19.{64 + number}.0/24"
        self.gateway = f"198.19.{64 + number}.1"
        # The kernel frees the name that a living cluster holds with the process, however that ends.
        self._lock = f"\0trackside-test-cluster-{number}"
        name = f"trackside-test-cluster-{os.geteuid()}-{number}.json"
        self.record = Path("/run" if os.geteuid() == 0 else tempfile.gettempdir(), name)

    def hold(self) -> socket.socket | None:
        """Take this place until the returned socket is closed, unless it is taken."""
        lock = socket.socket(socket.AF_UNIX)
        try:
            lock.bind(self._lock)
        except OSError:
            lock.close()
            return None
        lock.listen()
        return lock

    def holder(self) -> int | None:
        """Return the process that holds this place, if there is one."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(self._lock)
            except OSError:
                return None
            size = struct.calcsize("3i")
            return struct.unpack(
                "3i", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
            )[0]

    def prepare(self, state: Path) -> None:
        """Make what pods need of the host, and note it first."""
        self.record.write_text(json.dumps({"state": str(state)}))
        if why_no_pods(state):
            return
        for root in cgroup_roots():
            _make_cgroup(root, self.cgroup)
        _ip("link", "add", self.bridge, "type", "bridge")
        _ip("address", "add", f"{self.gateway}/24", "dev", self.bridge)
        _ip("link", "set", self.bridge, "up")

    def give_back(self) -> None:
        """Remove what the record tells of. The processes must have ended before."""
        if not self.record.exists():
            return
        state = json.loads(self.record.read_text())["state"]
        if os.geteuid() == 0 and find("ip"):
            # Ends of pods' cables vanish with their namespaces, which the kernel clears later.
            cables = _ip("-json", "link", "show", "master", self.bridge, fails=True)
            for cable in json.loads(cables or "[]"):
                _ip("link", "delete", cable["ifname"], fails=True)
            _ip("link", "delete", self.bridge, fails=True)
            for root in cgroup_roots():
                own = root / self.cgroup
                until(lambda own=own: _remove_cgroup(own), f"an empty {own}", 30)
        shutil.rmtree(state, ignore_errors=True)
        self.record.unlink()


def places() -> list[Place]:
    """Return all places for clusters on this machine."""
    return [Place(number) for number in range(PLACES)]


def clear() -> None:
    """Give back what clusters left behind that ended without giving it back themselves."""
    for place in places():
        if place.record.exists() and (lock := place.hold()):
            with lock:
                place.give_back()


def take(among: Sequence[Place]) -> tuple[Place, socket.socket]:
    """Take one of these places, until the socket is closed.

    Raises
    ------
    NoPlace
        They are all taken.
    """
    for place in among:
        if lock := place.hold():
            return place, lock
    holders = ", ".join(str(place.holder()) for place in among)
    raise NoPlace(
        f"{len(among)} test clusters run on this machine, and there is no place for one more: wait "
        f"for the end of one, or end one (their guardians are the processes {holders})."
    )


def why_no_pods(state: Path) -> str:
    """Return what keeps pods from running here, or nothing."""
    if os.geteuid() != 0:
        return "Pods run only for root: containers need namespaces, control groups and mounts."
    if not _capabilities() >= {_CAP_NET_ADMIN, _CAP_SYS_ADMIN}:
        return "Pods need the capabilities SYS_ADMIN and NET_ADMIN, as in a privileged container."
    missing = [name for name in ("containerd", "ctr", "runc", "ip", "unshare") if not find(name)]
    if missing:
        return f"Pods need {', '.join(missing)}: run 'make .make/cluster'."
    if not cgroup_roots():
        return "Pods need control groups, and none that can be written are mounted here."
    if "overlay" not in Path("/proc/filesystems").read_text().split():
        return "Pods need overlayfs, which this kernel does not have."
    if state.is_relative_to("/var/lib") or state.is_relative_to("/run"):
        return f"Pods need a state directory outside of /run and /var/lib, not {state}: set TMPDIR."
    return ""


def cgroup_roots() -> list[Path]:
    """Return the roots of the hierarchies of control groups: one, or with version 1 several."""
    roots = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.split()[0] in ("cgroup", "cgroup2") and os.access(before.split()[4], os.W_OK):
            roots.append(Path(before.split()[4]))
    return roots


def _capabilities() -> set[int]:
    """Return the numbers of the capabilities that this process has."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            held = int(line.split()[1], 16)
            return {number for number in range(held.bit_length()) if held >> number & 1}
    return set()


def _make_cgroup(root: Path, name: str) -> None:
    own = root / name
    controllers = root / "cgroup.controllers"
    if controllers.exists():
        for controller in controllers.read_text().split():
            # One that is bound to version 1 cannot be handed down.
            with contextlib.suppress(OSError):
                (root / "cgroup.subtree_control").write_text(f"+{controller}")
    own.mkdir(exist_ok=True)
    # In version 1 a new group has no processors and no memory until it is given some.
    for setting in ("cpuset.cpus", "cpuset.mems"):
        if not controllers.exists() and (root / setting).exists():
            (own / setting).write_text((root / setting).read_text())


def _remove_cgroup(own: Path) -> bool:
    """Remove a control group with all below it, and tell whether it is gone."""
    if not own.exists():
        return True
    for folder, _, _ in os.walk(own, topdown=False):
        # The last processes in it may not have been collected yet.
        with contextlib.suppress(OSError):
            Path(folder).rmdir()
    return not own.exists()


def _ip(*args: str, fails: bool = False) -> str:
    done = subprocess.run([need("ip"), *args], capture_output=True, text=True, check=False)
    if done.returncode and not fails:
        raise OSError(f"ip {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout
