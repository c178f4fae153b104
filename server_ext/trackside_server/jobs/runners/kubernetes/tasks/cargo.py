"""What a container with an image of its own is made of, as the bundle of its job has it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from trackside._bundle import ENTRY
from trackside_server.jobs.podparts import PodParts
from trackside_server.structs import asdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Cargo(Struct, frozen=True):
    """A container, and what it takes and leaves.

    Parameters
    ----------
    outputs
        The folder of this machine in which the folders of its outputs belong.
    command, args
        What runs; an empty command leaves it to the image.
    inputs
        What it is called below the container's folder of inputs, and where it is on this machine.
    requests, limits
        Resources, as Kubernetes names and writes them.
    parts
        What its pod gets on top of its own.
    """

    outputs: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    requests: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    parts: PodParts = field(default_factory=PodParts)

    def contents(self) -> dict[str, bytes]:
        """Return the files of the bundle."""
        return {ENTRY: json.dumps({"kind": "container", **asdict(self)}).encode()}

    @classmethod
    def read(cls, bundle: Path) -> Cargo:
        """Read it from the folder of a bundle's files.

        Raises
        ------
        OSError
            It is not there.
        """
        said: dict[str, Any] = json.loads((bundle / ENTRY).read_text(encoding="utf-8"))
        del said["kind"]
        words: dict[str, Any] = {name: tuple(said.pop(name)) for name in ("command", "args")}
        return cls(**said | words | {"parts": PodParts(**said["parts"])})
