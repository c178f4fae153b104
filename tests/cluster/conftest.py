"""The cluster that tests run against, and a namespace of it for each of them.

With ``TRACKSIDE_TEST_KUBECONFIG`` set it is the one that file leads to, of an administrator; else
one of this machine's own. ``CI`` or ``TRACKSIDE_REQUIRE_CLUSTER=1`` turn a machine that cannot run
one, or no pods on it, from a reason to skip into a failure.
"""

from __future__ import annotations

import itertools
import os

import pytest
from tests.cluster.hermetic import Cluster, Missing
from tests.cluster.hermetic.elsewhere import ClusterElsewhere
from tests.cluster.hermetic.namespaces import Namespace

# Read before any fixture takes the user's settings away from the tests.
ELSEWHERE = os.environ.get("TRACKSIDE_TEST_KUBECONFIG")
REQUIRED = bool(os.environ.get("CI")) or os.environ.get("TRACKSIDE_REQUIRE_CLUSTER") == "1"

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    if ELSEWHERE:
        elsewhere = ClusterElsewhere(ELSEWHERE)
        yield elsewhere
        elsewhere.close()
        return
    try:
        found = Cluster(tmp_path_factory.mktemp("cluster")).start()
    except Missing as reason:
        (pytest.fail if REQUIRED else pytest.skip)(str(reason))
    yield found
    found.stop()


@pytest.fixture
def namespace(cluster, tmp_path):
    """A namespace of the test's own, with the user that Trackside's Role is for."""
    with Namespace(cluster, f"test-{os.getpid()}-{next(_numbers)}", tmp_path) as made:
        yield made


@pytest.fixture
def own_cluster():
    """The test needs a cluster whose parts it may stop."""
    if ELSEWHERE:
        pytest.skip("The cluster that the tests run in belongs to others.")


@pytest.fixture
def needs_pods(cluster):
    """The test needs pods that run."""
    if not cluster.can_run_pods:
        (pytest.fail if REQUIRED else pytest.skip)(cluster.why_not)
