"""Reads the settings of an executor out of the document of ``platforms``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.pipelines.ir.fields import Fields
from trackside_server.pipelines.ir.mistakes import mistake, shown

from . import placing, storing, words
from .reader import Reader
from .settings import Identity, InitContainer, Settings, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackside_server.pipelines.ir.fields import Message
    from trackside_server.pipelines.ir.model import ParameterBinding

    from .settings import Name, NodeTerm, Toleration

_CONFIG: Final = Fields(
    "secret_as_volume",
    "secret_as_env",
    "pvc_mount",
    "node_selector",
    "pod_metadata",
    "image_pull_secret",
    "image_pull_policy",
    "config_map_as_volume",
    "config_map_as_env",
    "active_deadline_seconds",
    "field_path_as_env",
    "tolerations",
    "generic_ephemeral_volume",
    "node_affinity",
    "pod_affinity",
    "enabled_shared_memory",
    "empty_dir_mounts",
    "security_context",
    "init_containers",
    strict=False,
)
_NODE_SELECTOR: Final = Fields("labels", "node_selector_json", strict=False)
_FIELD: Final = Fields("name", "field_path", strict=False)
_PULL_SECRET: Final = Fields("secret_name", "secret_name_parameter", strict=False)
_IDENTITY: Final = Fields("run_as_user", "run_as_group", "run_as_non_root", strict=False)
_INIT: Final = Fields(
    "name",
    "image",
    "command",
    "args",
    "env",
    "volume_mounts",
    "restart_policy",
    "resources",
    strict=False,
)
_VARIABLE: Final = Fields("name", "value", strict=False)
_MOUNT: Final = Fields("volume_name", "mount_path", strict=False)
_RESOURCES: Final = Fields("requests", "limits", strict=False)
_WORKSPACE: Final = Fields("size", "kubernetes", strict=False)
_OF_CLUSTER: Final = Fields("pvc_spec_patch", strict=False)
# As on a KFP server: what else a claim has is not the pipeline's to change.
_PATCH: Final = Fields("access_modes", "storage_class_name")
_POLICIES: Final = ("", "Always", "IfNotPresent", "Never")


def read_settings(value: Any, place: str) -> Settings:
    """Read the settings of one executor.

    Raises
    ------
    InvalidInput
        With the place of the first mistake.
    """
    reader = Reader()
    message = reader.message(value, place, _CONFIG)
    selector = reader.child(message, "node_selector", _NODE_SELECTOR)
    metadata = reader.child(message, "pod_metadata", storing.METADATA)
    tolerations, tolerations_from = _tolerations(reader, message)
    node_affinity, node_affinity_from = _node_affinity(reader, message)
    return Settings(
        variables=storing.read_variables(reader, message),
        files=storing.read_files(reader, message),
        field_variables=tuple(_fields(reader, message)),
        claims=storing.read_claims(reader, message),
        empty_folders=storing.read_empty_folders(reader, message),
        ephemeral=storing.read_ephemeral(reader, message),
        shared_memory=storing.read_shared_memory(reader, message),
        node_selector=reader.texts(selector, "labels"),
        node_selector_from=(
            reader.binding(selector, "node_selector_json")
            if "node_selector_json" in selector
            else None
        ),
        tolerations=tolerations,
        tolerations_from=tolerations_from,
        node_affinity=node_affinity,
        node_affinity_from=node_affinity_from,
        pod_affinity=tuple(
            placing.read_pod_term(reader, one)
            for one in reader.messages(message, "pod_affinity", placing.POD_TERM)
        ),
        labels=reader.texts(metadata, "labels"),
        annotations=reader.texts(metadata, "annotations"),
        pull_policy=_policy(message),
        pull_secrets=tuple(_pull_secrets(reader, message)),
        time_limit=message.count("active_deadline_seconds"),
        identity=_identity(reader, message),
        init_containers=tuple(_init_containers(reader, message)),
        unknown=tuple(reader.unknown),
        bindings=tuple(reader.bindings),
    )


def read_workspace(value: Any, place: str) -> Workspace:
    """Read the folder that the tasks of a run share.

    Raises
    ------
    InvalidInput
        With the place of the first mistake.
    """
    reader = Reader()
    message = reader.message(value, place, _WORKSPACE)
    size = words.needed_quantity(message, "size")
    patch = reader.child(reader.child(message, "kubernetes", _OF_CLUSTER), "pvc_spec_patch", _PATCH)
    modes = words.modes(patch, "access_modes") if "access_modes" in patch else ()
    storage_class = patch.text("storage_class_name") or None
    if "storage_class_name" in patch and storage_class is None:
        at = patch.at("storage_class_name")
        raise mistake("WRONG_KIND", at, "The class has no name.", "Leave it out for the default.")
    return Workspace(size, modes, storage_class)


def _tolerations(
    reader: Reader, message: Message
) -> tuple[tuple[Toleration, ...], tuple[ParameterBinding, ...]]:
    found, passed = [], []
    for one in reader.messages(message, "tolerations", placing.TOLERATION):
        if "toleration_json" in one:
            passed.append(reader.binding(one, "toleration_json"))
        else:
            found.append(placing.read_toleration(one))
    return tuple(found), tuple(passed)


def _node_affinity(
    reader: Reader, message: Message
) -> tuple[tuple[NodeTerm, ...], tuple[ParameterBinding, ...]]:
    found, passed = [], []
    for one in reader.messages(message, "node_affinity", placing.NODE_TERM):
        if "node_affinity_json" in one:
            passed.append(reader.binding(one, "node_affinity_json"))
        elif (term := placing.read_node_term(reader, one)) is not None:
            found.append(term)
    return tuple(found), tuple(passed)


def _fields(reader: Reader, message: Message) -> Iterator[tuple[str, str]]:
    for one in reader.messages(message, "field_path_as_env", _FIELD):
        path = one.text("field_path")
        if not path:
            raise mistake("MISSING", one.at("field_path"), "The field of the pod is not named.")
        yield words.variable(one, "name"), path


def _policy(message: Message) -> str:
    policy = message.text("image_pull_policy")
    if policy not in _POLICIES:
        told = f"It has to be one of {', '.join(_POLICIES[1:])}, not {shown(policy)}."
        raise mistake("WRONG_KIND", message.at("image_pull_policy"), told)
    return policy


def _pull_secrets(reader: Reader, message: Message) -> Iterator[Name]:
    for one in reader.messages(message, "image_pull_secret", _PULL_SECRET):
        yield words.name_of(reader, one, "secret_name_parameter", "secret_name", "Secret")


def _identity(reader: Reader, message: Message) -> Identity | None:
    if "security_context" not in message:
        return None
    found = reader.child(message, "security_context", _IDENTITY)
    identity = Identity(
        user=_identifier(found, "run_as_user"),
        group=_identifier(found, "run_as_group"),
        not_root=found.boolean("run_as_non_root") if "run_as_non_root" in found else None,
    )
    if identity.user == 0 and identity.not_root:
        raise mistake(
            "WRONG_KIND",
            found.at("run_as_user"),
            "The user 0 is root, and the task must not run as root.",
            "Name another user, or leave runAsNonRoot out.",
        )
    return identity


def _identifier(message: Message, name: str) -> int | None:
    return message.count(name) if name in message else None


def _init_containers(reader: Reader, message: Message) -> Iterator[InitContainer]:
    names = set()
    for one in reader.messages(message, "init_containers", _INIT):
        name = words.volume_name(one, "name")
        if name in names:
            at = one.at("name")
            raise mistake("BAD_NAME", at, f"Two init containers are called {shown(name)}.")
        names.add(name)
        if not one.text("image"):
            raise mistake("MISSING", one.at("image"), "The init container has no image.")
        restart = one.text("restart_policy")
        if restart not in ("", "Always"):
            at = one.at("restart_policy")
            told = f"Only Always is possible, not {shown(restart)}."
            raise mistake("WRONG_KIND", at, told, "Leave it out for one that ends.")
        resources = reader.child(one, "resources", _RESOURCES)
        yield InitContainer(
            name=name,
            image=one.text("image"),
            command=one.texts("command"),
            args=one.texts("args"),
            env=tuple(
                (words.variable(pair, "name"), pair.text("value"))
                for pair in reader.messages(one, "env", _VARIABLE)
            ),
            mounts=tuple(
                (_mounted(mount), words.absolute(mount))
                for mount in reader.messages(one, "volume_mounts", _MOUNT)
            ),
            sidecar=bool(restart),
            requests=_amounts(reader, resources, "requests"),
            limits=_amounts(reader, resources, "limits"),
        )


def _mounted(message: Message) -> str:
    name = message.text("volume_name")
    if not name:
        raise mistake("MISSING", message.at("volume_name"), "The volume is not named.")
    return name


def _amounts(reader: Reader, message: Message, name: str) -> dict[str, str]:
    found = reader.texts(message, name)
    return {key: words.amount(text, f"{message.at(name)}.{key}") for key, text in found.items()}
