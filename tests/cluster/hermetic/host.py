"""What the cluster has of the host besides processes, and how that is given back.

Processes and mounts vanish with their namespaces. Left are a bridge, control groups, two empty
folders to mount on, and the state. They are noted in a record before they are made, so that after
a crash of everything at once the next start gives them back, or
``python -m tests.cluster.hermetic down``.
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
from pathlib import Path

from tests.cluster.hermetic.paths import find, need
from tests.cluster.hermetic.supervisor import PRIVATE
from tests.cluster.hermetic.waiting import until

BRIDGE = "trackside0"
# Of the range for benchmarks of networks: no host and hardly a private network has such addresses.
SUBNET = "198.19.77.0/24"
GATEWAY = "198.19.77.1"
CGROUP = "trackside-test"

# The name that a living cluster holds. The kernel frees it with the process, however that ends.
_LOCK = "\0trackside-test-cluster"


class AlreadyRunning(Exception):
    """Another cluster runs on this machine."""

    def __init__(self, pid: int) -> None:
        super().__init__(
            f"Another test cluster runs on this machine (its guardian is process {pid}), and there "
            "can be only one: wait for its end, or end it with "
            "'python -m tests.cluster.hermetic down'."
        )
        self.pid = pid


def hold() -> socket.socket:
    """Take the place of the only cluster on this machine.

    Raises
    ------
    AlreadyRunning
        It is taken.
    """
    lock = socket.socket(socket.AF_UNIX)
    try:
        lock.bind(_LOCK)
    except OSError:
        lock.close()
        raise AlreadyRunning(holder() or 0) from None
    lock.listen()
    return lock


def holder() -> int | None:
    """Return the process that guards the cluster of this machine, if there is one."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(_LOCK)
        except OSError:
            return None
        credentials = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", credentials)[0]


def why_no_pods(state: Path) -> str:
    """Return what keeps pods from running here, or nothing."""
    if os.geteuid() != 0:
        return "Pods run only for root: containers need namespaces, control groups and mounts."
    missing = [name for name in ("containerd", "ctr", "runc", "ip", "unshare") if not find(name)]
    if missing:
        return f"Pods need {', '.join(missing)}: run 'make .make/cluster'."
    if not cgroup_roots():
        return "Pods need control groups, and none that can be written are mounted here."
    if "overlay" not in Path("/proc/filesystems").read_text().split():
        return "Pods need overlayfs, which this kernel does not have."
    kind = subprocess.run(
        ["stat", "--file-system", "--format=%T", state], capture_output=True, text=True, check=True
    ).stdout.strip()
    if kind.startswith("overlay"):
        return f"Pods need a state directory outside of overlayfs, which {state} is on: set TMPDIR."
    return ""


def prepare(state: Path) -> None:
    """Make what pods need of the host, and note it first."""
    made = [folder for folder in PRIVATE if not Path(folder).exists()]
    _record().write_text(json.dumps({"state": str(state), "folders": made}))
    if why_no_pods(state):
        return
    for folder in made:
        Path(folder).mkdir(parents=True)
    for root in cgroup_roots():
        _make_cgroup(root)
    _ip("link", "add", BRIDGE, "type", "bridge")
    _ip("address", "add", f"{GATEWAY}/24", "dev", BRIDGE)
    _ip("link", "set", BRIDGE, "up")


def give_back() -> None:
    """Remove what the record tells of. The processes must have ended before."""
    if not _record().exists():
        return
    record = json.loads(_record().read_text())
    if os.geteuid() == 0 and find("ip"):
        # Ends of pods' cables vanish with their namespaces, which the kernel clears a little later.
        for link in json.loads(_ip("-json", "link", "show", "master", BRIDGE, fails=True) or "[]"):
            _ip("link", "delete", link["ifname"], fails=True)
        _ip("link", "delete", BRIDGE, fails=True)
        for root in cgroup_roots():
            until(lambda own=root / CGROUP: _remove_cgroup(own), f"an empty {root / CGROUP}", 30)
    for folder in record["folders"]:
        with contextlib.suppress(FileNotFoundError):
            Path(folder).rmdir()
    shutil.rmtree(record["state"], ignore_errors=True)
    _record().unlink()


def cgroup_roots() -> list[Path]:
    """Return the roots of the hierarchies of control groups: one, or with version 1 several."""
    roots = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.split()[0] in ("cgroup", "cgroup2") and os.access(before.split()[4], os.W_OK):
            roots.append(Path(before.split()[4]))
    return roots


def _make_cgroup(root: Path) -> None:
    own = root / CGROUP
    controllers = root / "cgroup.controllers"
    if controllers.exists():
        for name in controllers.read_text().split():
            # One that is bound to version 1 cannot be handed down.
            with contextlib.suppress(OSError):
                (root / "cgroup.subtree_control").write_text(f"+{name}")
    own.mkdir(exist_ok=True)
    # In version 1 a new group has no processors and no memory until it is given some.
    for name in ("cpuset.cpus", "cpuset.mems"):
        if not controllers.exists() and (root / name).exists():
            (own / name).write_text((root / name).read_text())


def _remove_cgroup(own: Path) -> bool:
    """Remove a control group with all below it, and tell whether it is gone."""
    if not own.exists():
        return True
    for folder, _, _ in os.walk(own, topdown=False):
        # The last processes in it may not have been collected yet.
        with contextlib.suppress(OSError):
            Path(folder).rmdir()
    return not own.exists()


def _record() -> Path:
    if os.geteuid() == 0:
        return Path("/run/trackside-test-cluster.json")
    return Path(tempfile.gettempdir(), f"trackside-test-cluster-{os.geteuid()}.json")


def _ip(*args: str, fails: bool = False) -> str:
    done = subprocess.run([need("ip"), *args], capture_output=True, text=True, check=False)
    if done.returncode and not fails:
        raise OSError(f"ip {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout
