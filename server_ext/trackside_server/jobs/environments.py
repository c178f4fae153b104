"""What a job ran in, as its bootstrap told it: worked out once for all jobs that had the same."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field

from trackside_server.provenance import facts

from .directory import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Environment(Struct, frozen=True):
    """Python, packages and host.

    Parameters
    ----------
    tags
        What the run is told of them.
    file
        What is kept of them as an artifact; None where there is nothing, or far too much.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    file: bytes | None = None


def read(path: Path) -> Environment:
    """Read what a bootstrap wrote; a program that came to no bootstrap has told nothing."""
    try:
        content = path.read_bytes()
    except OSError:
        return Environment()
    return _of(content)


@lru_cache(maxsize=8)
def _of(content: bytes) -> Environment:
    told = parse_json(content)
    if told is None:
        return Environment()
    return Environment(facts.environment_tags(told), facts.environment_file(told))
