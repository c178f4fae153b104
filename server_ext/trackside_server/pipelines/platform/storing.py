"""Reads what a task sees of files: Secrets, ConfigMaps and volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.pipelines.ir.fields import Fields
from trackside_server.pipelines.ir.mistakes import mistake

from . import words
from .settings import ClaimMount, EmptyFolder, EphemeralVolume, Files, Variables

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.fields import Message

    from .reader import Reader
    from .settings import Name, Source

_REFERENCES: Final = ("task_output_parameter", "constant", "component_input_parameter")
_CLAIM: Final = Fields(*_REFERENCES, "mount_path", "pvc_name_parameter", "sub_path", strict=False)
_EMPTY: Final = Fields("volume_name", "mount_path", "medium", "size_limit", strict=False)
_EPHEMERAL: Final = Fields(
    "volume_name",
    "mount_path",
    "access_modes",
    "size",
    "default_storage_class",
    "storage_class_name",
    "metadata",
    strict=False,
)
METADATA: Final = Fields("labels", "annotations", strict=False)
_SHARED: Final = Fields("volume_name", "size", strict=False)
_MEDIUMS: Final = ("", "Memory", "HugePages")


class _Kind:
    """The words for Secrets and those for ConfigMaps: all else about them is the same."""

    def __init__(self, source: Source, what: str, name: str, key: str) -> None:
        self.source: Source = source
        self.what = what
        self.old, self.new, self.key = name, f"{name}_parameter", key
        self.variables = Fields("key_to_env", name, self.new, "optional", strict=False)
        self.files = Fields(name, self.new, "mount_path", "optional", strict=False)
        self.pair = Fields(key, "env_var", strict=False)

    def name(self, reader: Reader, message: Message) -> Name:
        return words.name_of(reader, message, self.new, self.old, self.what)


_SECRET: Final = _Kind("secret", "Secret", "secret_name", "secret_key")
_CONFIG_MAP: Final = _Kind("configMap", "ConfigMap", "config_map_name", "config_map_key")
SOURCES: Final = {"secret": _SECRET, "config_map": _CONFIG_MAP}


def read_variables(reader: Reader, message: Message) -> tuple[Variables, ...]:
    """Read the variables that Secrets and ConfigMaps give."""
    return tuple(
        _variables(reader, one, kind)
        for field, kind in SOURCES.items()
        for one in reader.messages(message, f"{field}_as_env", kind.variables)
    )


def read_files(reader: Reader, message: Message) -> tuple[Files, ...]:
    """Read the folders that Secrets and ConfigMaps give."""
    return tuple(
        Files(kind.source, kind.name(reader, one), words.absolute(one), one.boolean("optional"))
        for field, kind in SOURCES.items()
        for one in reader.messages(message, f"{field}_as_volume", kind.files)
    )


def read_claims(reader: Reader, message: Message) -> tuple[ClaimMount, ...]:
    """Read the persistent volumes that are mounted."""
    return tuple(
        ClaimMount(_claim_name(reader, one), words.absolute(one), _sub_path(one))
        for one in reader.messages(message, "pvc_mount", _CLAIM)
    )


def read_empty_folders(reader: Reader, message: Message) -> tuple[EmptyFolder, ...]:
    """Read the folders that are made with the pod."""
    return tuple(
        EmptyFolder(
            words.volume_name(one),
            words.absolute(one),
            _medium(one),
            words.quantity(one, "size_limit"),
        )
        for one in reader.messages(message, "empty_dir_mounts", _EMPTY)
    )


def read_ephemeral(reader: Reader, message: Message) -> tuple[EphemeralVolume, ...]:
    """Read the persistent volumes that are made for the pod."""
    return tuple(
        _ephemeral(reader, one)
        for one in reader.messages(message, "generic_ephemeral_volume", _EPHEMERAL)
    )


def read_shared_memory(reader: Reader, message: Message) -> str | None:
    """Read the size of the shared memory, empty where it has no limit of its own."""
    if "enabled_shared_memory" not in message:
        return None
    return words.quantity(reader.child(message, "enabled_shared_memory", _SHARED), "size")


def _variables(reader: Reader, message: Message, kind: _Kind) -> Variables:
    pairs = []
    for one in reader.messages(message, "key_to_env", kind.pair):
        key = one.text(kind.key)
        if not key:
            raise mistake("MISSING", one.at(kind.key), f"The key of the {kind.what} is not named.")
        pairs.append((key, words.variable(one, "env_var")))
    optional = message.boolean("optional") if "optional" in message else None
    return Variables(kind.source, kind.name(reader, message), tuple(pairs), optional)


def _claim_name(reader: Reader, message: Message) -> Name:
    if "pvc_name_parameter" in message:
        return words.name_of(reader, message, "pvc_name_parameter", "constant", "volume")
    which = message.only(*_REFERENCES)
    if which in (None, "constant"):
        return words.name_of(reader, message, "pvc_name_parameter", "constant", "volume")
    return reader.take({which: message.found[which]}, message.place)


def _sub_path(message: Message) -> str:
    path = message.text("sub_path")
    if path.startswith("/") or ".." in path.split("/"):
        at = message.at("sub_path")
        raise mistake("WRONG_KIND", at, "It has to lie within the volume.", "Leave out .. and /.")
    return path


def _medium(message: Message) -> str:
    medium = message.text("medium")
    if medium not in _MEDIUMS and not medium.startswith("HugePages-"):
        raise mistake(
            "WRONG_KIND", message.at("medium"), "It has to be Memory, HugePages or empty."
        )
    return medium


def _ephemeral(reader: Reader, message: Message) -> EphemeralVolume:
    metadata = reader.child(message, "metadata", METADATA)
    default = message.boolean("default_storage_class")
    return EphemeralVolume(
        name=words.volume_name(message),
        path=words.absolute(message),
        modes=words.modes(message, "access_modes"),
        size=words.needed_quantity(message, "size"),
        storage_class=None if default else message.text("storage_class_name"),
        labels=reader.texts(metadata, "labels"),
        annotations=reader.texts(metadata, "annotations"),
    )
