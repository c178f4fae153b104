"""A GPU cluster on a laptop: a cluster, a user of it, and JupyterLab beside them.

``make cluster`` starts this, and Ctrl-C ends it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from binder.start_demo import free_port, has_display, wait_until_up
from tests.cluster.hermetic import manifests
from tests.cluster.hermetic.cluster import Cluster
from tests.cluster.hermetic.namespaces import USER, Namespace
from tests.cluster.hermetic.paths import ROOT

NAMESPACE = "team-a"
QUOTA = {"cpu": "100", "memory": "1Ti", "nvidia.com/gpu": "4"}
CAPACITY = ROOT / "deploy" / "capacity-clusterrole.yaml"

TRAIN = """\
%%train --on cluster --gpus 1 --name hello
import os, time

print("GPU", os.environ["NVIDIA_VISIBLE_DEVICES"])
for step in range(30):
    print(f"step={step} loss={1 / (step + 1):.4f}", flush=True)
    time.sleep(1)
"""
CELLS = ("import trackside as ts", TRAIN)


def up(controllers: list[str]) -> None:
    """Start everything, say how to use it, and end it again with JupyterLab.

    Parameters
    ----------
    controllers
        Which controllers run in the cluster too, of ``jobset``, ``kueue`` and ``trainer``.
    """
    with tempfile.TemporaryDirectory(prefix="trackside-laptop-") as folder:
        print("Starting the cluster ...", flush=True)
        cluster = Cluster(Path(folder, "cluster")).start()
        try:
            if not cluster.can_run_pods:
                sys.exit(cluster.why_not)
            cluster.start_controllers(*controllers)
            with Namespace(cluster, NAMESPACE, Path(folder)) as home:
                if "kueue" in controllers:
                    manifests.apply_queue(cluster.kubectl, NAMESPACE, "gpus", QUOTA)
                cluster.kubectl("apply", "-f", str(CAPACITY))
                cluster.kubectl(
                    "create",
                    "clusterrolebinding",
                    "trackside-capacity",
                    "--clusterrole=trackside-capacity",
                    f"--serviceaccount={NAMESPACE}:{USER}",
                )
                _serve(cluster, home, Path(folder, "notebooks"))
        finally:
            print("Ending the cluster ...", flush=True)
            cluster.stop()


def _serve(cluster: Cluster, home: Namespace, folder: Path) -> None:
    """Run JupyterLab as the user of the namespace, until it ends."""
    folder.mkdir()
    (folder / "gpu.ipynb").write_text(json.dumps(_notebook()))
    port, token = free_port(), secrets.token_hex(16)
    url = f"http://127.0.0.1:{port}"
    shell = os.environ.get("SHELL") or shutil.which("bash") or "sh"
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--ServerApp.port={port}",
            f"--ServerApp.root_dir={folder}",
            "--LabApp.default_url=/lab/tree/gpu.ipynb",
            f"--ServerApp.terminado_settings={ {'shell_command': [shell]} }",
            f"--Trackside.root_dir={folder.with_name('trackside')}",
            f"--Trackside.job_image={cluster.image}",
            "--log-level=WARN",
            "-y",
        ],
        cwd=folder,
        env={**os.environ, "JUPYTER_TOKEN": token, "KUBECONFIG": str(home.kubeconfig)},
    )
    try:
        wait_until_up(server, url, token)
        address = f"{url}/lab/tree/gpu.ipynb?token={token}"
        print(
            f"\nJupyterLab with a cluster of one node and four GPUs is open at\n\n    {address}\n\n"
            f"Its user may do in the namespace {home.name} what Trackside's Role permits. Jobs\n"
            f"run the image {cluster.image}, which has Python and nothing else.\n"
            "The administrator's view:\n\n"
            f"    kubectl --kubeconfig {cluster.kubeconfig} get pods -n {home.name}\n\n"
            "Ctrl-C ends all of it, and removes it with the notebooks made here.\n",
            flush=True,
        )
        if has_display():
            import webbrowser

            webbrowser.open(address)
        server.wait()
    except KeyboardInterrupt:
        # It has reached JupyterLab as well.
        pass
    finally:
        server.terminate()
        server.wait()


def _notebook() -> dict:
    return {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(CELLS)
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
