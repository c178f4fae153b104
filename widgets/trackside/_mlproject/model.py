"""What an MLproject file says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

ParameterType = Literal["string", "float", "int", "path", "uri"]


@dataclass(frozen=True)
class ProjectParameter:
    """A parameter of an entry point; without a default it has to be given."""

    name: str
    type: ParameterType = "string"
    default: Any = None


@dataclass(frozen=True)
class EntryPoint:
    """A command with parameters in braces."""

    name: str
    command: str
    parameters: tuple[ProjectParameter, ...] = ()


@dataclass(frozen=True)
class Requirements:
    """The environment that a project asks for.

    Attributes
    ----------
    python
        The version of Python, None for any.
    packages
        What pip installs.
    """

    python: str | None = None
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """A folder with an MLproject file.

    Attributes
    ----------
    folder
        Where it lies.
    name
        Its name.
    entry_points
        By their names.
    requirements
        Its own environment; None when it runs in that of whoever runs it.
    """

    folder: Path
    name: str
    entry_points: dict[str, EntryPoint] = field(default_factory=dict)
    requirements: Requirements | None = None
