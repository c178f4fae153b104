"""The informer of the official Python client: ``python -m … KUBECONFIG PODS``."""

from __future__ import annotations

import sys
import time
from typing import Any

from kubernetes import client, config
from kubernetes.informer import ADDED, MODIFIED, SharedInformer

from bench.cluster.objects import NAMESPACE

from .process import Report, asked


def main(kubeconfig: str, pods: int) -> None:
    """Watch until the bench asks for the end."""
    config.load_kube_config(kubeconfig)
    core = client.CoreV1Api()
    core.get_api_resources()
    report = Report()

    def changed(pod: Any) -> None:
        report.see(pod.metadata.name)

    informer = SharedInformer(core.list_namespaced_pod, namespace=NAMESPACE)
    informer.add_event_handler(ADDED, changed)
    informer.add_event_handler(MODIFIED, changed)
    informer.start()
    while len(report.seen) < pods:
        time.sleep(0.01)
    report.ready()
    asked()
    report.end()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
