"""Recognises Python components: the shell text that KFP's SDK puts before their source.

The text installs packages, writes the source into a file and starts the SDK on it; for the steps of
a notebook it starts the file. It is compared as a whole with what is written there; whatever
differs is not a Python component that can run here, and never run as if it were one.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.pipelines.ir.model import Container, Value

_WRITE: Final = (
    'program_path=$(mktemp -d) printf "%s" "$0" > "$program_path/ephemeral_component.py" '
)
_START: Final = (
    f"{_WRITE}_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main "
    '--component_module_path "$program_path/ephemeral_component.py" "$@"'
)
# What `trackside.pipelines` writes: a program that reads and writes all by itself.
_START_PROGRAM: Final = f'{_WRITE}python3 "$program_path/ephemeral_component.py" "$@"'
_INSTALL_BEGIN: Final = (
    'if ! [ -x "$(command -v pip)" ]; then '
    "python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip fi "
    "PIP_DISABLE_PIP_VERSION_CHECK=1 "
)
_INSTALL_END: Final = ' && "$0" "$@"'
_VENV: Final = (
    "export PIP_DISABLE_PIP_VERSION_CHECK=1 tmp=$(mktemp -d) "
    'python3 -m venv "$tmp/venv" --system-site-packages . "$tmp/venv/bin/activate" '
)
_PIP: Final = "python3 -m pip install --quiet --no-warn-script-location "
_INDEX: Final = re.compile(r"--(index-url|extra-index-url|trusted-host) ([^\s'\"$`\\;&|<>()]+) ?")
_PACKAGE: Final = re.compile(r"(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\") ?")
_ARGS: Final = ("--executor_input", "{{$}}", "--function_to_execute")
# The SDK by its name, or from a path or address that names it.
_OWN: Final = re.compile(r"kfp(?![A-Za-z0-9_.-])|.*[/+].*(?:kfp|kubeflow/pipelines)")
_KFP: Final = re.compile(r"kfp(?![A-Za-z0-9_.-])")


class PythonComponent(Struct, frozen=True):
    """A function, and what it needs.

    Parameters
    ----------
    source, function
        The module, and the name in it; None where the module is a program that needs no ``kfp``.
    packages
        What the author asked for by ``packages_to_install``; never the SDK's own wish for ``kfp``.
    pip_options
        Where pip looks for these.
    """

    source: str
    function: str | None
    packages: tuple[str, ...] = ()
    pip_options: tuple[str, ...] = ()

    @property
    def brings_kfp(self) -> bool:
        """Whether the author asked for a ``kfp`` of their own."""
        return any(_KFP.match(package) for package in self.packages)


def recognise(container: Container) -> PythonComponent | None:
    """Return the function that a container would run, None where it is not the SDK's own way."""
    command, args = _texts(container.command), _texts(container.args)
    if command is None or args is None or len(args) != 4 or args[:3] != _ARGS:
        return None
    install: _Installs | None = _Installs()
    if len(command) == 7 and command[:2] == ("sh", "-c"):
        install = _installs(_flat(command[2]))
        command = command[3:]
    if install is None or len(command) != 4 or command[:2] not in (("sh", "-ec"), ("sh", "-c")):
        return None
    if not args[3].isidentifier():
        return None
    starts: dict[str, str | None] = {_START: args[3], _START_PROGRAM: None}
    start = _flat(command[2])
    if start not in starts:
        return None
    return PythonComponent(command[3], starts[start], install.packages, install.options)


class _Installs(Struct, frozen=True):
    packages: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def _installs(text: str) -> _Installs | None:
    """Read the commands that install packages: the author's and the SDK's own for ``kfp``.

    Which one comes first depends on the SDK.
    """
    if not (text.startswith(_INSTALL_BEGIN) and text.endswith(_INSTALL_END)):
        return None
    inner = text[len(_INSTALL_BEGIN) : -len(_INSTALL_END)]
    found: list[_Installs] = []
    for part in inner.split(" && "):
        command = part.strip().removeprefix(_VENV)
        read = _pip(command)
        if read is None:
            return None
        found.append(read)
    wished = [install for install in found if not _is_own(install)]
    if len(found) > 2 or len(wished) > 1:
        return None
    return wished[0] if wished else _Installs()


def _pip(command: str) -> _Installs | None:
    if not command.startswith(_PIP):
        return None
    rest = command[len(_PIP) :]
    options: list[str] = []
    packages: list[str] = []
    while match := _INDEX.match(rest):
        options += [f"--{match[1]}", match[2]]
        rest = rest[match.end() :]
    while match := _PACKAGE.match(rest):
        packages.append(str(ast.literal_eval(match[0].strip())))
        rest = rest[match.end() :]
    return None if rest or not packages else _Installs(tuple(packages), tuple(options))


def _is_own(install: _Installs) -> bool:
    """Whether it is the SDK's wish for itself, or for the ``kfp_package_path`` of the author."""
    if "--no-deps" in install.packages:
        return True
    return len(install.packages) == 1 and bool(_OWN.match(install.packages[0]))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _texts(elements: Sequence[Value]) -> tuple[str, ...] | None:
    texts = tuple(element for element in elements if isinstance(element, str))
    return texts if len(texts) == len(elements) else None
