"""Reading an MLproject file and the environment that it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from trackside._errors import TracksideError
from trackside._mlproject.model import (
    EntryPoint,
    ParameterType,
    Project,
    ProjectParameter,
    Requirements,
)

FILE = "MLproject"
_LARGEST = 1_000_000
# What a file of a project without an entry point of that name is run by.
_PROGRAMS = {".py": "python", ".sh": "bash"}


def read(folder: Path, *, local: bool = False) -> Project:
    """Read the project in a folder.

    Parameters
    ----------
    folder
        The folder.
    local
        Whether it runs with what is here, whatever environment it names.

    Raises
    ------
    TracksideError
        When there is none, or it says what cannot be followed.
    """
    if not folder.is_dir():
        raise TracksideError(
            f"There is no folder {folder}.", "Give the folder of the MLproject file."
        )
    file = _file_in(folder)
    if file is None:
        return Project(folder, folder.resolve().name)
    said = _yaml(file)
    for key, instead in (
        (
            "docker_env",
            "submit its command to a cluster: trackside submit --image IMAGE -- COMMAND",
        ),
        ("conda_env", "write what it installs into a python_env.yaml, or use --env-manager local"),
    ):
        if key in said and not (local and key == "conda_env"):
            raise TracksideError(
                f"{file} asks for a {key}, which jobs do not make.", _sentence(instead)
            )
    points = said.get("entry_points") or {}
    if not isinstance(points, Mapping):
        raise _wrong(file, "entry_points", "a mapping of names to commands")
    entry_points = {
        str(name): _entry_point(file, str(name), found) for name, found in points.items()
    }
    name = str(said.get("name") or folder.resolve().name)
    environment = said.get("python_env")
    requirements = None if environment is None else _requirements(folder, str(environment))
    return Project(folder, name, entry_points, requirements)


def entry_point(project: Project, name: str) -> EntryPoint:
    """Return an entry point, or the file of the project that is named instead.

    Raises
    ------
    TracksideError
        When there is neither.
    """
    if name in project.entry_points:
        return project.entry_points[name]
    program = _PROGRAMS.get(Path(name).suffix)
    if program is not None and (project.folder / name).is_file():
        return EntryPoint(name, f"{program} '{name}'" if "'" not in name else f'{program} "{name}"')
    if _file_in(project.folder) is None:
        raise TracksideError(
            f"{project.folder} has no file {FILE}, so there is no entry point {name}.",
            "Name a .py or .sh file in it, as in -e train.py, or write that file.",
        )
    known = ", ".join(project.entry_points) or "none"
    raise TracksideError(
        f"{project.name} has no entry point {name}.",
        f"It has: {known}. A .py or .sh file in it can be named, too.",
    )


def _file_in(folder: Path) -> Path | None:
    return next((path for path in folder.iterdir() if path.name.lower() == FILE.lower()), None)


def _entry_point(file: Path, name: str, found: object) -> EntryPoint:
    place = f"entry_points.{name}"
    if not isinstance(found, Mapping) or not isinstance(found.get("command"), str):
        raise _wrong(file, f"{place}.command", "the text of a command")
    parameters = found.get("parameters") or {}
    if not isinstance(parameters, Mapping):
        raise _wrong(file, f"{place}.parameters", "a mapping of names to types")
    read_ = tuple(
        _parameter(file, f"{place}.parameters.{key}", str(key), value)
        for key, value in parameters.items()
    )
    return EntryPoint(name, str(found["command"]), read_)


def _parameter(file: Path, place: str, name: str, said: object) -> ProjectParameter:
    fields = said if isinstance(said, Mapping) else {"type": said}
    kind = str(fields.get("type") or "string")
    if kind not in get_args(ParameterType):
        raise _wrong(file, place, f"one of the types {', '.join(get_args(ParameterType))}")
    default = fields.get("default")
    if not (default is None or isinstance(default, str | int | float)):
        raise _wrong(file, place, "a default that is a text or a number")
    return ProjectParameter(name, kind, default)  # type: ignore[arg-type]  # looked at above


def _requirements(folder: Path, name: str) -> Requirements:
    file = folder / name
    said = _yaml(file)
    packages: list[str] = []
    for key in ("build_dependencies", "dependencies"):
        listed = said.get(key) or []
        if not isinstance(listed, list):
            raise _wrong(file, key, "a list of packages")
        for item in map(str, listed):
            packages += _listed_in(folder, item) if item.startswith("-r") else [item]
    version = said.get("python")
    return Requirements(str(version) if version else None, tuple(packages))


def _listed_in(folder: Path, item: str) -> list[str]:
    """Return the lines of a file of requirements."""
    file = folder / item[2:].strip()
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise TracksideError(f"{file} cannot be read: {error.strerror}.") from error
    stripped = (line.partition(" #")[0].strip() for line in lines)
    return [line for line in stripped if line and not line.startswith("#")]


def _yaml(file: Path) -> Mapping[str, Any]:
    try:
        import yaml
    except ImportError as error:
        raise TracksideError(
            "Reading an MLproject file needs PyYAML.", "Install it: pip install pyyaml."
        ) from error
    try:
        if file.stat().st_size > _LARGEST:
            raise TracksideError(f"{file} is too large to be read.")
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise TracksideError(f"{file} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        what = getattr(error, "problem", None) or "it is no text"
        raise TracksideError(f"{file} is not YAML{where}: {what}.") from error
    if not isinstance(found, Mapping):
        raise TracksideError(f"{file} holds no mapping.", "Write name: and entry_points: into it.")
    return found


def _wrong(file: Path, place: str, wanted: str) -> TracksideError:
    return TracksideError(f"{place} in {file} has to be {wanted}.")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
