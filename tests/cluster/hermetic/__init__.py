"""A real Kubernetes on this machine that needs no network, and leaves nothing behind."""

from tests.cluster.hermetic.access import CommandFailed
from tests.cluster.hermetic.cluster import Cluster
from tests.cluster.hermetic.paths import Missing
from tests.cluster.hermetic.processes import NotStarted

__all__ = ["Cluster", "CommandFailed", "Missing", "NotStarted"]
