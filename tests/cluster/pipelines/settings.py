"""Pipelines with settings of kfp-kubernetes and volumes; printed as compiled, by name."""

import json
import os
import sys
import tempfile
from pathlib import Path

from kfp import compiler, dsl, kubernetes

IMAGE = os.environ["IMAGE"]
CLASS = os.environ["CLASS"]


@dsl.container_component
def shell(script: str, out: dsl.OutputPath(str)):
    """Run a script whose output is that of the task."""
    run = 'sh -euc "$0" > "$1.new" && printf "%s" "$(cat "$1.new")" > "$1"'
    return dsl.ContainerSpec(image=IMAGE, command=["sh", "-euc", run], args=[script, out])


SEEN = """
echo "secret $USER_NAME $(cat /etc/login/password) ${ABSENT-absent}"
echo "map $MODE $(cat /etc/modes/mode)"
echo "pod $POD_NAMESPACE $TEAM"
echo "id $(id -u):$(id -g)"
echo "prepared $(cat /scratch/prepared)"
echo "memory $(($(df -k /dev/shm | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2) / 1024))"
"""


@dsl.pipeline
def everything(secret: str, tolerations: list, selector: dict):
    task = shell(script=SEEN)
    kubernetes.use_secret_as_env(task, secret, {"user": "USER_NAME"})
    kubernetes.use_secret_as_env(task, "not-there", {"key": "ABSENT"}, optional=True)
    kubernetes.use_secret_as_volume(task, secret, "/etc/login")
    kubernetes.use_config_map_as_env(task, "modes", {"mode": "MODE"})
    kubernetes.use_config_map_as_volume(task, "modes", "/etc/modes")
    kubernetes.empty_dir_mount(task, "scratch", "/scratch", "Memory", "16Mi")
    kubernetes.use_field_path_as_env(task, "POD_NAMESPACE", "metadata.namespace")
    kubernetes.use_field_path_as_env(task, "TEAM", "metadata.labels['team']")
    kubernetes.add_pod_label(task, "team", "reds")
    kubernetes.add_pod_annotation(task, "note", "by hand")
    kubernetes.add_toleration_json(task, tolerations)
    kubernetes.add_node_selector_json(task, selector)
    kubernetes.add_node_affinity(
        task, match_expressions=[{"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}]
    )
    kubernetes.set_image_pull_policy(task, "IfNotPresent")
    kubernetes.set_security_context(task, run_as_user=1234, run_as_group=0, run_as_non_root=True)
    # The SDK of the tests has no decorators for these.
    task.platform_config["kubernetes"] |= {
        "enabledSharedMemory": {"size": "24Mi"},
        "initContainers": [
            {
                "name": "first",
                "image": IMAGE,
                "command": ["sh", "-c", "echo $MODE > /scratch/prepared"],
                "env": [{"name": "MODE", "value": "well"}],
                "volumeMounts": [{"volumeName": "scratch", "mountPath": "/scratch"}],
            }
        ],
    }


@dsl.pipeline
def passes_on(storage: str) -> str:
    made = kubernetes.CreatePVC(
        access_modes=["ReadWriteOnce"],
        size="1Mi",
        pvc_name_suffix="-shared",
        storage_class_name=storage,
    )
    name = made.outputs["name"]
    writes = shell(script="echo kept > /data/word; echo written")
    kubernetes.mount_pvc(writes, name, "/data")
    reads = shell(script="cat /data/word").after(writes)
    kubernetes.mount_pvc(reads, name, "/data")
    kubernetes.DeletePVC(pvc_name=name).after(reads)
    return reads.outputs["out"]


@dsl.pipeline
def inside(folder: str) -> str:
    return shell(script=f"cat {folder}/word").outputs["out"]


@dsl.pipeline(
    pipeline_config=dsl.PipelineConfig(
        workspace=dsl.WorkspaceConfig(
            size="1Mi",
            kubernetes=dsl.KubernetesWorkspaceConfig(
                pvcSpecPatch={"storageClassName": CLASS, "accessModes": ["ReadWriteOnce"]}
            ),
        )
    )
)
def shares() -> str:
    writes = shell(script=f"echo shared > {dsl.WORKSPACE_PATH_PLACEHOLDER}/word; echo written")
    reads = inside(folder=dsl.WORKSPACE_PATH_PLACEHOLDER).after(writes)
    shell(script="test ! -e /kfp-work*; echo alone").after(writes)
    return reads.output


def main():
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pipeline.yaml"
        for pipeline in (everything, passes_on, shares):
            compiler.Compiler().compile(pipeline, str(file))
            found[pipeline.name] = file.read_text()
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
