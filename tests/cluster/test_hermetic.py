"""What may be relied on of the cluster that the tests run against."""

from __future__ import annotations

import pytest
from tests.cluster.hermetic import CommandFailed
from tests.cluster.hermetic.waiting import until


def phase(namespace, name: str) -> str:
    return namespace.admin("get", "pod", name, "-o", "jsonpath={.status.phase}")


@pytest.mark.usefixtures("needs_pods")
def test_a_pod_runs_python_and_its_log_is_read(cluster, namespace) -> None:
    command = ["python", "-c", "import sys, http; print('Python', sys.version_info.major)"]
    namespace.admin("run", "hello", f"--image={cluster.image}", "--restart=Never", "--", *command)
    until(lambda: phase(namespace, "hello") == "Succeeded", "the end of the pod")
    assert namespace.admin("logs", "hello") == "Python 3\n"


def test_a_user_without_rights_is_refused(namespace) -> None:
    with pytest.raises(CommandFailed, match="cannot list resource"):
        namespace.kubectl("get", "pods", "--all-namespaces")
