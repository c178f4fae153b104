"""``kubectl get pods -w``, and who reads it: ``python -m … KUBECONFIG PODS FORMAT``."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time

import psutil

from bench.cluster.objects import NAMESPACE

from .process import Report, asked

_PLAIN = re.compile(rb"^(train-resnet-\S+)")
_JSON = re.compile(rb'^ {8}(?: {8})?"name": "(train-resnet-[^"]+-x7k2p)"')


def main(kubeconfig: str, pods: int, form: str) -> None:
    """Read until the bench asks for the end."""
    command = ["kubectl", f"--kubeconfig={kubeconfig}", f"--namespace={NAMESPACE}"]
    command += ["get", "pods", "--watch", *(["--output=json"] if form == "json" else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        report = Report(psutil.Process(process.pid))
        pattern = _JSON if form == "json" else _PLAIN

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                if found := pattern.match(line):
                    report.see(found[1].decode())

        threading.Thread(target=read, daemon=True).start()
        while len(report.seen) < pods:
            time.sleep(0.01)
        report.ready()
        asked()
        report.end()
        process.kill()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
