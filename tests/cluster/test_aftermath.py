"""A cluster leaves nothing on the machine, however it ends, and none is in another's way."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cluster.hermetic import Cluster, host
from tests.cluster.hermetic.paths import ROOT
from tests.cluster.hermetic.waiting import until

pytestmark = pytest.mark.usefixtures("own_cluster", "needs_pods")

# What Kubernetes changes and makes where it is at home.
SETTINGS = (
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
    "net/ipv4/ip_forward",
    "net/ipv4/conf/all/forwarding",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)
FOLDERS = (
    "/etc/cni/net.d",
    "/etc/kueue",
    "/opt/cni",
    "/run/containerd",
    "/run/netns",
    "/tmp/k8s-webhook-server",
    "/var/lib/cni",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
    "/visibility",
)

# Starts a cluster with a pod in it, tells about both, and is not there to clean up.
OWNER = """
import json, sys, time
from tests.cluster.hermetic import Cluster
cluster = Cluster(sys.argv[1]).start()
command = ["python", "-c", "import time; time.sleep(600)"]
cluster.kubectl("run", "stays", f"--image={cluster.image}", "--", *command)
cluster.kubectl("wait", "pod/stays", "--for=condition=Ready", "--timeout=200s")
print(json.dumps({"place": cluster.place.number, "guardian": cluster.place.holder()}), flush=True)
time.sleep(600)
"""


def machine() -> dict:
    """Return what all clusters share of the machine."""
    settings = {name: Path("/proc/sys", name) for name in SETTINGS}
    return {
        "settings": {
            name: file.read_text() for name, file in settings.items() if os.access(file, os.R_OK)
        },
        "folders": [folder for folder in FOLDERS if Path(folder).exists()],
    }


def traces(place: host.Place, state: Path) -> list[str]:
    """Return what is there of one cluster."""
    found = [str(path) for path in (state, place.record) if path.exists()]
    found += [
        str(root / place.cgroup) for root in host.cgroup_roots() if (root / place.cgroup).exists()
    ]
    if Path("/sys/class/net", place.bridge).exists():
        found.append(place.bridge)
    if str(state) in Path("/proc/self/mountinfo").read_text():
        found.append("mounts")
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.name != str(os.getpid()) and (
                str(state).encode() in (process / "cmdline").read_bytes()
                or f"/{place.cgroup}/" in (process / "cgroup").read_text()
            ):
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


@pytest.fixture
def owner(tmp_path):
    """A process of its own that has started a cluster, and what it tells about it."""
    state = tmp_path / "state"
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(state)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        told = json.loads(process.stdout.readline())
        yield process, state, host.Place(told["place"]), told["guardian"]
        process.kill()


def test_clusters_run_beside_each_other_and_leave_nothing(cluster, tmp_path) -> None:
    before = machine()
    state = tmp_path / "state"
    other = Cluster(state, gpu_count=1).start()
    place = other.place
    command = ["python", "-c", "import time; time.sleep(600)"]
    other.kubectl("run", "stays", f"--image={other.image}", "--", *command)
    other.kubectl("wait", "pod/stays", "--for=condition=Ready", "--timeout=200s")
    assert "stays" not in cluster.kubectl("get", "pods", "--all-namespaces", "-o", "name")
    assert len(traces(place, state)) > 10
    assert machine() == before
    other.stop()
    assert traces(place, state) == []
    assert machine() == before


def test_nothing_is_left_of_a_cluster_whose_owner_was_killed(owner) -> None:
    process, state, place, guardian = owner
    process.kill()
    until(lambda: not Path(f"/proc/{guardian}").exists(), "the end of the guardian")
    assert traces(place, state) == []


def test_processes_end_with_a_killed_guardian_and_the_rest_is_cleared_away_later(owner) -> None:
    process, state, place, guardian = owner
    os.kill(guardian, signal.SIGSTOP)
    process.kill()
    os.kill(guardian, signal.SIGKILL)
    until(lambda: not [trace for trace in traces(place, state) if " " in trace], "their end")
    assert place.record.exists()
    down = [sys.executable, "-m", "tests.cluster.hermetic", "down"]
    subprocess.run(down, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    assert traces(place, state) == []


def test_one_cluster_too_many_is_told_who_has_the_places() -> None:
    place = host.Place(host.PLACES)
    lock = place.hold()
    assert lock
    with lock, pytest.raises(host.NoPlace, match=rf"no place for one more.*\b{os.getpid()}\b"):
        host.take([place])
    again, lock = host.take([place])
    lock.close()
    assert again is place
