"""A task whose component is an image: the command line of a container engine.

The folders of the run are seen in the container under the paths that they have here, so one
executor input and one set of paths serve both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from trackside_server.jobs.service import is_secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trackside_server.jobs.entities import Resources

    from .engines import Engine

_NOT_IN_NAMES: Final = re.compile(r"[^a-zA-Z0-9_.-]+")
# What the client of an engine, or a program that it starts, heeds itself.
_CLIENTS: Final = re.compile(
    r"HOME|PATH|TMPDIR|PYTHON\w*|(?:LD|XDG|DOCKER|CONTAINERS?|PODMAN)_\w+|\w+_proxy", re.IGNORECASE
)
_HOME: Final = "/tmp"  # noqa: S108  (in the container: where any user may write)


class Mount(Struct, frozen=True):
    """A folder or file of this machine that the container sees."""

    path: Path
    writable: bool = False


def command_line(
    engine: Engine,
    *,
    name: str,
    image: str,
    command: Sequence[str],
    args: Sequence[str],
    mounts: Sequence[Mount],
    env: Mapping[str, str],
    passed: frozenset[str],
    resources: Resources,
) -> tuple[str, ...]:
    """Write the command that runs a container and becomes what it is.

    Parameters
    ----------
    engine
        What runs it.
    name
        Of the container, so that one that is left behind can be found.
    image, command, args
        What runs; without a command the image's own entry point takes the arguments.
    mounts
        What it sees of this machine.
    env
        Variables of the component; those of the job (tracking, GPUs) are passed on by their names.
    passed
        The names among them whose values the client is given as its own variables.
    resources
        What it is held to; the job says which GPUs it has.

    Returns
    -------
    tuple of str
        The words.
    """
    words = [engine.path, "run", "--rm", *engine.init, f"--name={container_name(name)}"]
    words += ["--network=host", *engine.user]
    # Where SELinux watches, the folders keep the labels that the rest of the machine expects.
    words.append("--security-opt=label=disable")
    for mount in mounts:
        source = str(mount.path)
        options = "" if mount.writable else ",readonly"
        words.append(
            f"--mount=type=bind,{_field('source', source)},{_field('target', source)}{options}"
        )
    words.append(f"--env=HOME={_HOME}")
    words += [f"--env={name}" for name in _PASSED]
    words += [
        f"--env={key}" if key in passed else f"--env={key}={value}"
        for key, value in sorted(env.items())
    ]
    if resources.cpus is not None:
        words.append(f"--cpus={resources.cpus:g}")
    if resources.memory is not None:
        words.append(f"--memory={resources.memory}")
    if resources.gpus:
        words += [*engine.gpus, "--env=CUDA_VISIBLE_DEVICES"]
    if command:
        words.append(f"--entrypoint={command[0]}")
    return (*words, image, *command[1:], *args)


def passed_by_name(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables whose values stay out of the command line, which others can read.

    What the client of the engine would heed itself is written there, lest it finds another home or
    another engine; but never a secret.
    """
    return {
        name: value
        for name, value in env.items()
        if is_secret(name, value) or not _CLIENTS.fullmatch(name)
    }


def container_name(name: str) -> str:
    """Return a name that engines accept."""
    return f"trackside-{_NOT_IN_NAMES.sub('-', name).strip('-')}"[:120]


# What a job finds set, by name: the values stay out of the list of processes.
_PASSED: Final = (
    "MLFLOW_TRACKING_URI",
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_EXPERIMENT_ID",
    "MLFLOW_RUN_ID",
)


def _field(name: str, value: str) -> str:
    """Write one field of ``--mount``, which is read as a line of CSV."""
    quoted = value.replace('"', '""')
    return f'"{name}={quoted}"' if re.search(r'[",\n]', value) else f"{name}={value}"
