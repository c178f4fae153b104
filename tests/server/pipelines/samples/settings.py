"""A pipeline with every setting of kfp-kubernetes, one task for each, by the real decorators."""

from typing import List, Optional

from kfp import dsl, kubernetes


@dsl.container_component
def echo(text: str):
    return dsl.ContainerSpec(image="registry.example/tool:1", command=["echo", text])


@dsl.container_component
def name_of(name: dsl.OutputPath(str)):
    return dsl.ContainerSpec(image="registry.example/tool:1", command=["name", name])


@dsl.pipeline
def fixed():
    task = echo(text="secret env")
    kubernetes.use_secret_as_env(task, "login", {"user": "USER_NAME", "password": "PASSWORD"})
    kubernetes.use_secret_as_env(task, "more", {"token": "TOKEN"}, optional=True)
    task = echo(text="secret files")
    kubernetes.use_secret_as_volume(task, "login", "/etc/login")
    kubernetes.use_secret_as_volume(task, "more.of.it", "/etc/more", optional=True)
    task = echo(text="config maps")
    kubernetes.use_config_map_as_env(task, "modes", {"mode": "MODE"})
    kubernetes.use_config_map_as_volume(task, "modes", "/etc/modes", optional=True)
    task = echo(text="claims")
    kubernetes.mount_pvc(task, "data", "/data")
    kubernetes.mount_pvc(task, "data", "/part", sub_path="a/part")
    kubernetes.mount_pvc(task, "login", "/other")
    kubernetes.use_secret_as_volume(task, "login", "/etc/login")
    task = echo(text="node selector")
    kubernetes.add_node_selector(task, "disk", "ssd")
    kubernetes.add_node_selector(task, "zone", "a")
    task = echo(text="tolerations")
    kubernetes.add_toleration(task, "gpu", "Equal", "yes", "NoSchedule")
    kubernetes.add_toleration(task, "old", "Exists", effect="NoExecute", toleration_seconds=30)
    kubernetes.add_toleration_json(task, [{"key": "a", "operator": "Exists"}])
    task = echo(text="node affinity")
    kubernetes.add_node_affinity(
        task,
        match_expressions=[{"key": "disk", "operator": "In", "values": ["ssd", "nvme"]}],
        match_fields=[{"key": "metadata.name", "operator": "NotIn", "values": ["n1"]}],
    )
    kubernetes.add_node_affinity(
        task, match_expressions=[{"key": "fast", "operator": "Exists"}], weight=5
    )
    task = echo(text="metadata")
    kubernetes.add_pod_label(task, "team", "a")
    kubernetes.add_pod_annotation(task, "note", "by hand")
    task = echo(text="fields")
    kubernetes.use_field_path_as_env(task, "POD", "metadata.name")
    task = echo(text="image")
    kubernetes.set_image_pull_policy(task, "Always")
    kubernetes.set_image_pull_secrets(task, ["registry", "mirror"])
    task = echo(text="time-out")
    kubernetes.set_timeout(task, 90)
    task = echo(text="empty folders")
    kubernetes.empty_dir_mount(task, "scratch", "/scratch", "Memory", "1Gi")
    kubernetes.empty_dir_mount(task, "trackside-home", "/mine")
    task = echo(text="ephemeral")
    kubernetes.add_ephemeral_volume(
        task, "big", "/big", ["ReadWriteOnce"], "5Gi", labels={"a": "b"}, annotations={"c": "d"}
    )
    kubernetes.add_ephemeral_volume(
        task, "fast", "/fast", ["ReadWriteOnce", "ReadOnlyMany"], "1Gi", storage_class_name="ssd"
    )
    task = echo(text="identity")
    kubernetes.set_security_context(task, run_as_user=1000, run_as_group=0, run_as_non_root=True)


@dsl.pipeline
def passed(
    secret: str,
    tolerations: list,
    toleration: dict,
    selector: dict,
    affinity: dict,
    extra: Optional[str] = None,
):
    named = name_of()
    task = echo(text="inputs")
    kubernetes.use_secret_as_env(task, secret, {"key": "KEY"})
    kubernetes.use_secret_as_env(task, extra, {"key": "EXTRA"})
    kubernetes.use_config_map_as_volume(task, named.outputs["name"], "/etc/named")
    kubernetes.add_toleration_json(task, tolerations)
    kubernetes.add_toleration_json(task, toleration)
    kubernetes.add_node_selector(task, "not", "used")
    kubernetes.add_node_selector_json(task, selector)
    kubernetes.add_node_affinity_json(task, affinity)
    kubernetes.set_image_pull_secrets(task, [secret])
    with dsl.ParallelFor(["a", "b"]) as item:
        inner = echo(text=item)
        kubernetes.use_config_map_as_env(inner, item, {"key": "KEY"})
        kubernetes.mount_pvc(inner, named.outputs["name"], "/data")
        kubernetes.use_secret_as_volume(inner, secret, "/secret")


@dsl.pipeline
def volumes(modes: List[str] = ["ReadWriteOnce"], size: str = "1Gi") -> str:  # noqa: B006
    made = kubernetes.CreatePVC(access_modes=modes, size=size, pvc_name_suffix="-shared")
    task = echo(text="hello")
    kubernetes.mount_pvc(task, made.outputs["name"], "/data")
    kubernetes.DeletePVC(pvc_name=made.outputs["name"]).after(task)
    return made.outputs["name"]
